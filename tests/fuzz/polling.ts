// Socket.IO by long polling: requests of a session that are in order, out of order, or no packets at all.
import fc, { type Arbitrary } from 'fast-check'
import { signature, type Actor, actor } from './requests'
import type { World } from './world'

export interface PollingCase {
  kind: 'polling'
  actor: Actor
  focus: number
  /** Bodies that are posted after the session was opened. */
  posts: string[]
  /** In place of the session that was opened. */
  session: string | null
}

const SEPARATOR = '\x1e'

const packets = fc.constantFrom(
  '40',
  '40',
  '42777["ping",{}]',
  '42["send",{}]',
  '421["send",{"chat_id":"x","content":"hello"}]',
  '422["read",{"seq":-1}]',
  '42["typing"]',
  '423["sync",{"chats":{}}]',
  '42[',
  '42',
  '4',
  '3',
  '2',
  '5',
  '6',
  '9',
  '',
  'b',
  'bAAAA',
  'b!!!!',
  '41',
  '451-["send",{"_placeholder":true,"num":0}]',
  '40/other,',
  'x'.repeat(140_000),
  `42["ping",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
  '\0',
  'é'.repeat(40_000),
)

export const pollingCases: Arbitrary<PollingCase> = fc.record({
  kind: fc.constant('polling' as const),
  actor,
  focus: fc.nat(999),
  posts: fc.array(
    fc.array(packets, { minLength: 1, maxLength: 3 }).map(some => some.join(SEPARATOR)),
    { minLength: 1, maxLength: 4 },
  ),
  session: fc.oneof(
    { weight: 5, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('', 'x', '__proto__', '../..', 's'.repeat(5_000), '\0') },
  ),
})

/** A poll waits for something to come. */
const PATIENCE_MS = 2_000

/** Null, or what is wrong. */
export async function playPolling(one: PollingCase, world: World): Promise<string | null> {
  const headers = signature(one.actor, one.focus, world)
  const address = `${world.url}/socket.io/?EIO=4&transport=polling`
  const ask = async (more: string, body?: string) => {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const method = body === undefined ? 'GET' : 'POST'
    const answer = await fetch(address + more, { method, body, headers, signal }).catch(() => null)
    return { status: answer?.status ?? 0, text: (await answer?.text().catch(() => '')) ?? '' }
  }
  const opened = await ask('')
  const session = one.session ?? /"sid":"([^"]+)"/.exec(opened.text)?.[1] ?? ''
  const sid = `&sid=${encodeURIComponent(session)}`
  const answers = [opened]
  for (const body of ['40', ...one.posts, '42778["ping",{}]']) answers.push(await ask(sid, body))
  if (answers.at(-1)?.status === 200) answers.push(await ask(sid))
  await ask(sid, '1')
  const failed = answers.find(({ status, text }) => status >= 500 || /"status":50[^3]/.test(text))
  return failed ? `status ${failed.status}` : null
}
