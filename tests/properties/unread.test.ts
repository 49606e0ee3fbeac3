// Unread counts against a model, after every step of a random walk.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { chatOf, groupChat, message, people, say } from '../support/chats'
import type { Person } from '../support/people'
import { world } from '../support/world'

const RUNS = Number(process.env.PROPERTY_RUNS ?? 8)

const step = fc.record({
  does: fc.constantFrom('send', 'send', 'mention', 'read', 'delete', 'hide' as const),
  who: fc.nat(2),
  which: fc.nat(99),
})

interface Told {
  id: string
  seq: number
  by: number
  deleted: boolean
  mentions: number | null
  hiddenFrom: Set<number>
}

test('unread_count and unread_mentions are exact', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
      await using w = await world()
      const names = ['ann', 'bob', 'cleo']
      const members = await people(w, ...names)
      const id = await groupChat(...(members as [Person]))
      const told: Told[] = []
      const read = [0, 0, 0]

      async function take({ does, who, which }: { does: string; who: number; which: number }) {
        const person = members[who] as Person
        const target = told[which % Math.max(1, told.length)]
        if (does === 'send' || does === 'mention') {
          const mentions = does === 'mention' ? which % 3 : null
          const { id: mid, seq } = await say(
            person,
            id,
            mentions === null ? 'hello' : `hello @${names[mentions]}`,
          )
          told.push({ id: mid, seq, by: who, deleted: false, mentions, hiddenFrom: new Set() })
        } else if (does === 'read') {
          read[who] = which % (told.length + 1)
          await person.api.chats({ id }).read.post({ seq: read[who] as number })
        } else if (target && does === 'delete') {
          const { status } = await message(person, id, target.id).delete({}, { query: {} })
          if (status === 200) target.deleted = true
        } else if (target && does === 'hide') {
          const { status } = await message(person, id, target.id).delete({}, { query: { for: 'me' } })
          if (status === 200) target.hiddenFrom.add(who)
        }
      }

      const unread = (who: number) =>
        told.filter(
          m => m.seq > (read[who] as number) && m.by !== who && !m.deleted && !m.hiddenFrom.has(who),
        )

      for (const one of steps) {
        await take(one)
        for (const who of [0, 1, 2]) {
          const { unread_count, unread_mentions } = await chatOf(members[who] as Person, id)
          const expected = unread(who)
          expect([unread_count, unread_mentions]).toEqual([
            expected.length,
            expected.filter(m => m.mentions === who).length,
          ])
        }
      }
    }),
    { numRuns: RUNS },
  )
}, 120_000)
