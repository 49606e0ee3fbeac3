// The rule behind catching up: no change ever appears at or below a rev that a reader was given.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { groupChat, people } from '../support/chats'
import type { Person } from '../support/people'
import { anyStep, take } from '../support/steps'
import { world } from '../support/world'

const RUNS = Number(process.env.PROPERTY_RUNS ?? 12)

/** A step, and how many others are under way beside it. */
const rounds = fc.array(fc.array(anyStep, { minLength: 1, maxLength: 8 }), { minLength: 3, maxLength: 12 })

test('what a reader assembled page by page is the state in the end, whatever happened between', async () => {
  await fc.assert(
    fc.asyncProperty(
      rounds,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 3, maxLength: 3 }),
      async (steps, limits) => {
        await using w = await world()
        const members = await people(w, 'ann', 'bob', 'cleo')
        const [ann] = members as [Person]
        const id = await groupChat(...(members as [Person]))
        const sent: string[] = []
        const seen = new Map<string, { rev: number; content: string }>()
        let rev = 0
        let done = false

        async function page(limit: number) {
          const { data } = await ann.api.chats({ id }).changes.get({ query: { since: rev, limit } })
          for (const item of data!.items) {
            if (item.rev <= rev) throw new Error(`rev ${item.rev} appeared at ${rev}`)
            seen.set(item.id, { rev: item.rev, content: item.content })
          }
          if (data!.rev < rev) throw new Error(`the reader was sent back from ${rev} to ${data!.rev}`)
          rev = data!.rev
          return data!.more
        }

        async function readOn(limit: number) {
          while (!done) {
            await page(limit)
            await Bun.sleep(1)
          }
        }

        const reader = readOn(limits[0] as number)
        for (const round of steps) await Promise.all(round.map(step => take(step, members, id, sent)))
        done = true
        await reader
        while (await page(limits[1] as number));

        const { data: all } = await ann.api.chats({ id }).changes.get({ query: { since: 0, limit: 100 } })
        const truth = new Map(all!.items.map(item => [item.id, { rev: item.rev, content: item.content }]))
        expect(seen).toEqual(truth)
        const revs = all!.items.map(item => item.rev)
        expect(new Set(revs).size).toBe(revs.length)
        const { data: page1 } = await ann.api.chats({ id }).messages.get({ query: { limit: 100 } })
        expect(page1!.items.map(({ seq }) => seq)).toEqual(page1!.items.map((_, i) => i + 1))
      },
    ),
    { numRuns: RUNS },
  )
}, 120_000)
