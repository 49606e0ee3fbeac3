// What is no single request: coming back after a week, and the beginning of an export.
import { connect } from '../../support/line'
import { processorTime } from './measure'
import { knownByDora } from './requests'
import { ANN, DORA } from './seed'
import type { Side } from './sides'

/** Processor time of the server for each message that Dora missed, in µs, and how long it took her (ms). */
export async function comeBack({ url, pid, tokens, size }: Side): Promise<{ cpu: number; ms: number }> {
  const line = await connect(url, tokens.get(DORA) as string, '/ws?sync=1')
  const [began, before] = [performance.now(), processorTime(pid)]
  line.say({ type: 'sync', chats: knownByDora() })
  await line.hears('synced')
  const [ms, cpu] = [performance.now() - began, processorTime(pid) - before]
  const told = line.of('changes').reduce((sum, { items }) => sum + items.length, 0)
  line.close()
  if (told !== size.missed) throw new Error(`Of ${size.missed} missed messages ${told} came.`)
  return { cpu: cpu / size.missed, ms }
}

/** Processor time until the first bytes of Ann's archive, in µs; the rest is not waited for. */
export async function beginExport(side: Side): Promise<{ cpu: number; ms: number }> {
  const { url, pid, tokens } = side
  const stop = new AbortController()
  const [began, before] = [performance.now(), processorTime(pid)]
  const headers = { authorization: `Bearer ${tokens.get(ANN)}` }
  const answer = await fetch(`${url}/users/me/export`, { headers, signal: stop.signal })
  // The one before, which was broken off, may not have ended yet.
  if (answer.status === 429) return Bun.sleep(50).then(() => beginExport(side))
  if (!answer.ok) throw new Error(`The export answered ${answer.status}.`)
  await answer.body?.getReader().read()
  const [ms, cpu] = [performance.now() - began, processorTime(pid) - before]
  stop.abort()
  return { cpu, ms }
}
