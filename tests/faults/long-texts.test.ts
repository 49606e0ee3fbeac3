// Long texts, made to be dear: whoever searches or is searched keeps nobody else waiting.
import { expect, test } from 'bun:test'
import { fold } from '../../src/lib/folding'
import { people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { search } from '../support/search'
import { world } from '../support/world'

/** One character that is eighteen when folded. */
const DEAR = '\uFDFA'.repeat(8_000)

/** Of the processor, so that other processes do not count. */
const milliseconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000

/** The longest time that nobody else had a turn, in milliseconds. */
async function longestTurn(job: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = milliseconds()
  const look = () => {
    const now = milliseconds()
    longest = Math.max(longest, now - last)
    last = now
  }
  const watch = setInterval(look, 1)
  await job().finally(() => clearInterval(watch))
  look()
  return longest
}

test('a search through long texts lets others have their turns', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  const id = await privateChat(ann, bob)
  for (let i = 0; i < 80; i++) await say(ann, id, DEAR)
  const indexed = await longestTurn(async () => expect((await search(bob, 'none')).data?.items).toEqual([]))
  const searched = await longestTurn(async () =>
    expect((await search(bob, '\uFDFA', { limit: 100 })).data?.items).toHaveLength(80),
  )
  expect(Math.max(indexed, searched)).toBeLessThan(250)
}, 60_000)

test('an export looks through a long history page by page, also where there is nothing to tell', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  const id = await privateChat(ann, bob)
  const pages = 30
  const sends = Array.from({ length: pages * 100 }, (_, i) =>
    w.services.messages.send(ann.id, id, { content: `m${i}` }),
  )
  await Promise.all(sends)
  const caller = await w.services.sessions.caller(ann.token)
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  for await (const bytes of w.services.exports.begin(caller)) expect(bytes).not.toBeEmpty()
  isOver = true
  // Once for the messages, and once for her reactions, of which there are none.
  expect(turns).toBeGreaterThan(2 * pages)
}, 60_000)

test('a text of nothing but initial consonants folds in one pass', () => {
  const text = '\u1100'.repeat(60_000)
  expect(fold(text)).toBe(text)
})
