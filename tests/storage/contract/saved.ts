// The contract of saved messages, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { SavedMessage } from '../../../src/messages/mine.store'
import { atOnce, T0, T1, T2, withStores, type Open } from './samples'

const saved = (user_id: string, saved_at = T1): SavedMessage => ({
  user_id,
  message_id: newId(),
  chat_id: newId(),
  saved_at,
})

export function savedContract(open: Open) {
  const it = withStores(open)

  describe('saved messages', () => {
    it('are given back as kept, to this person only', async ({ saved: store }) => {
      const [ann, bob] = [newId(), newId()]
      const kept = saved(ann)
      await store.save(kept)
      await store.save({ ...kept, user_id: bob, saved_at: T2 })
      expect(await store.list(ann, { limit: 10 })).toEqual([kept])
      expect(await store.list(bob, { limit: 10 })).toEqual([{ ...kept, user_id: bob, saved_at: T2 }])
      expect(await store.list(newId(), { limit: 10 })).toEqual([])
    })

    it('stay as they are when kept again', async ({ saved: store }) => {
      const kept = saved(newId())
      await store.save(kept)
      await atOnce(5, () => store.save({ ...kept, saved_at: T2 }))
      expect(await store.list(kept.user_id, { limit: 10 })).toEqual([kept])
    })

    it('are given up once', async ({ saved: store }) => {
      const [kept, other] = [saved(newId()), saved(newId())]
      await store.save(kept)
      await store.save(other)
      const answers = await atOnce(3, () => store.unsave(kept.user_id, kept.message_id))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await store.unsave(kept.user_id, other.message_id)).toBeFalse()
      expect(await store.list(kept.user_id, { limit: 10 })).toEqual([])
      expect(await store.list(other.user_id, { limit: 10 })).toEqual([other])
    })

    it('are listed saved last first, ties by message id descending, in pages', async ({ saved: store }) => {
      const ann = newId()
      const kept = [T0, T1, T1, T1, T2, T2, T0, T1].map(at => saved(ann, at))
      await Promise.all(kept.map(each => store.save(each)))
      const keyOf = (each: SavedMessage) => each.saved_at + each.message_id
      const wanted = kept.toSorted((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
      for (const limit of [1, 3, 8, 100]) {
        const paged: SavedMessage[] = []
        for (;;) {
          const page = await store.list(ann, { after: paged.at(-1), limit })
          if (page.length === 0) break
          expect(page.length).toBeLessThanOrEqual(limit)
          paged.push(...page)
        }
        expect(paged).toEqual(wanted)
      }
    })
  })
}
