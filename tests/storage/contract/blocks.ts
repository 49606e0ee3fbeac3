// The contract of the blocks port, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { BlockRecord } from '../../../src/users/blocks.store'
import { atOnce, T0, T1, T2, withStores, type Open } from './samples'

const block = (user_id: string, blocked_id = newId(), blocked_at = T0): BlockRecord => ({
  user_id,
  blocked_id,
  blocked_at,
})

export function blocksContract(open: Open) {
  const it = withStores(open)

  describe('blocks', () => {
    it('are stored once, and keep their first time', async ({ blocks }) => {
      const [ann, bob] = [newId(), newId()]
      const answers = await atOnce(5, () => blocks.block(block(ann, bob), 10))
      expect(answers.toSorted()).toEqual(['already', 'already', 'already', 'already', 'blocked'])
      expect(await blocks.block(block(ann, bob, T2), 10)).toBe('already')
      expect(await blocks.list(ann, { limit: 10 })).toEqual([block(ann, bob)])
    })

    it('tell of both sides, and of nobody else', async ({ blocks }) => {
      const [ann, bob, cleo] = [newId(), newId(), newId()]
      await blocks.block(block(ann, bob), 10)
      await blocks.block(block(cleo, ann), 10)
      expect(await blocks.around(ann)).toEqual({ blocked: [bob], blockedBy: [cleo] })
      expect(await blocks.around(bob)).toEqual({ blocked: [], blockedBy: [ann] })
      expect(await blocks.around(newId())).toEqual({ blocked: [], blockedBy: [] })
      expect(await blocks.list(bob, { limit: 10 })).toEqual([])
    })

    it('are taken back once', async ({ blocks }) => {
      const [ann, bob] = [newId(), newId()]
      await blocks.block(block(ann, bob), 10)
      expect(await blocks.unblock(bob, ann)).toBeFalse()
      expect((await atOnce(5, () => blocks.unblock(ann, bob))).filter(Boolean)).toHaveLength(1)
      expect(await blocks.around(ann)).toEqual({ blocked: [], blockedBy: [] })
      expect(await blocks.block(block(ann, bob, T1), 10)).toBe('blocked')
    })

    it('are listed newest first, a page at a time, each once', async ({ blocks }) => {
      const ann = newId()
      const all = [T0, T1, T1, T1, T2].map(at => block(ann, newId(), at))
      for (const each of all) await blocks.block(each, 10)
      await blocks.block(block(newId(), ann, T2), 10)
      const wanted = all.toSorted((a, b) =>
        `${a.blocked_at}${a.blocked_id}` < `${b.blocked_at}${b.blocked_id}` ? 1 : -1,
      )
      const seen: BlockRecord[] = []
      for (let after: BlockRecord | undefined; ; after = seen.at(-1)) {
        const page = await blocks.list(ann, { after, limit: 2 })
        if (page.length === 0) break
        seen.push(...page)
      }
      expect(seen).toEqual(wanted)
    })

    it('are at most so many; one that is there already needs no room', async ({ blocks }) => {
      const [ann, bob] = [newId(), newId()]
      expect(await blocks.block(block(ann, bob), 2)).toBe('blocked')
      expect(await blocks.block(block(ann), 2)).toBe('blocked')
      expect(await blocks.block(block(ann), 2)).toBe('too_many')
      expect(await blocks.block(block(ann, bob), 2)).toBe('already')
      expect((await blocks.around(ann)).blocked).toHaveLength(2)
    })

    it('of a person who leaves go, both ways, and no others', async ({ blocks }) => {
      const [ann, bob, cleo] = [newId(), newId(), newId()]
      await blocks.block(block(ann, bob), 10)
      await blocks.block(block(bob, ann), 10)
      await blocks.block(block(bob, cleo), 10)
      await blocks.removeOf(ann)
      await blocks.removeOf(ann)
      expect(await blocks.around(ann)).toEqual({ blocked: [], blockedBy: [] })
      expect(await blocks.around(bob)).toEqual({ blocked: [cleo], blockedBy: [] })
    })
  })
}
