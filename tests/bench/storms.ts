// Sockets by the thousand: how fast they open, and what each weighs.
import { dialects } from './dialects'
import { openSocket } from './frames'
import { plainly, type Job, type Opening, type Outcome } from './jobs'
import { memoryOf, processorTimeOf } from './proc'
import { openAll } from './sending'
import { sourceOf } from './wire'

const AT_ONCE = 200
const WARMING = 200

const opener = ({ url, dialect }: Job) => {
  return (token: string, no: number) => openSocket(url, token, dialects[dialect], () => {}, sourceOf(no))
}

async function openSome(job: Job, tokens: string[]) {
  for (const wire of await openAll(tokens.slice(0, WARMING), opener(job), AT_ONCE)) wire.close()
  await Bun.sleep(job.leadSeconds * 1000)
}

/** All at once but for the queue of new connections, each signed in. */
export async function openStorm(job: Job, { tokens }: Opening): Promise<Outcome> {
  await openSome(job, tokens)
  const serverBefore = await processorTimeOf(job.pid)
  const [began, before] = [Bun.nanoseconds(), process.cpuUsage()]
  await openAll(tokens, opener(job), AT_ONCE)
  const seconds = (Bun.nanoseconds() - began) / 1e9
  const { user, system } = process.cpuUsage(before)
  const serverAfter = await processorTimeOf(job.pid)
  return {
    ...plainly(tokens.length / seconds),
    client_share: (user + system) / 1e6 / seconds,
    server_us: serverBefore && serverAfter && (serverAfter - serverBefore) / tokens.length,
  }
}

/** KB of the server's memory for each of them, a second after the last has come. */
export async function weighSockets(job: Job, { tokens }: Opening): Promise<Outcome> {
  const SETTLE_MS = 1_000
  await openSome(job, tokens)
  const before = await memoryOf(job.pid)
  await openAll(tokens, opener(job), AT_ONCE)
  await Bun.sleep(SETTLE_MS)
  const after = await memoryOf(job.pid)
  if (before === null || after === null) throw new Error('This system does not tell the memory of a process.')
  return plainly((after - before) / tokens.length)
}
