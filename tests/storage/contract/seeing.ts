// The part of the people port that tells when people were seen, and ends statuses, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { atOnce, person, T0, T1, T2, withStores, type Open } from './samples'

const T3 = '2030-01-01T00:00:03.000Z'

export function seeingContract(open: Open) {
  const it = withStores(open)

  describe('seeing', () => {
    it('gives back what was stored of it', async ({ users }) => {
      const ann = person('ann', {
        status: 'at lunch',
        status_expires_at: T2,
        last_seen: T1,
        invisible: true,
        hide_last_seen: true,
      })
      await users.insert(ann)
      expect(await users.byId(ann.id)).toEqual(ann)
      await users.update(ann.id, { invisible: false, status_expires_at: null, last_seen: T2 })
      const changed = { ...ann, invisible: false, status_expires_at: null, last_seen: T2 }
      expect(await users.byUsername('ann')).toEqual(changed)
      expect(await users.byIds([ann.id])).toEqual([changed])
      expect(await users.list({ limit: 5 })).toEqual([changed])
    })

    it('moves forward and never back, for those it concerns', async ({ users }) => {
      const [ann, bob, cleo] = [person('ann'), person('bob', { last_seen: T2 }), person('cleo')]
      for (const each of [ann, bob, cleo]) await users.insert(each)
      await users.seen([
        { id: ann.id, at: T1 },
        { id: bob.id, at: T1 },
        { id: newId(), at: T1 },
      ])
      expect((await users.byId(ann.id))?.last_seen).toBe(T1)
      expect(await users.byId(bob.id)).toEqual(bob)
      expect(await users.byId(cleo.id)).toEqual(cleo)
      await users.seen([{ id: ann.id, at: T2 }])
      await users.seen([{ id: ann.id, at: T1 }])
      await users.seen([])
      expect(await users.byId(ann.id)).toEqual({ ...ann, last_seen: T2 })
    })

    it('passes over who is invisible or deleted', async ({ users }) => {
      const [ann, bob] = [person('ann', { invisible: true, last_seen: T0 }), person('bob', { last_seen: T0 })]
      await users.insert(ann)
      await users.insert(bob)
      await users.erase(bob.id, T1)
      await users.seen([
        { id: ann.id, at: T2 },
        { id: bob.id, at: T2 },
      ])
      expect((await users.byId(ann.id))?.last_seen).toBe(T0)
      expect(await users.byId(bob.id)).toMatchObject({ last_seen: null, invisible: false })
    })
  })

  describe('statuses', () => {
    const until = (name: string, status_expires_at: string | null) =>
      person(name, { status: name, status_expires_at })

    it('that have ended are emptied, the earliest first, at most so many', async ({ users }) => {
      const [late, first, second, stays, open] = [
        until('late', T3),
        until('first', T0),
        until('second', T1),
        until('stays', T2),
        until('open', null),
      ]
      for (const each of [late, second, first, stays, open]) await users.insert(each)
      expect(await users.endStatuses(T1, 1)).toEqual([first.id])
      expect(await users.endStatuses(T1, 10)).toEqual([second.id])
      expect(await users.endStatuses(T1, 10)).toEqual([])
      const ended = { status: null, status_expires_at: null, updated_at: T1 }
      expect(await users.byId(first.id)).toEqual({ ...first, ...ended })
      for (const each of [late, stays, open]) expect(await users.byId(each.id)).toEqual(each)
    })

    it('end once, however many ask', async ({ users }) => {
      const ann = until('ann', T0)
      await users.insert(ann)
      const answers = await atOnce(5, () => users.endStatuses(T2, 10))
      expect(answers.flat()).toEqual([ann.id])
    })

    it('set anew meanwhile stay', async ({ users }) => {
      const ann = until('ann', T0)
      await users.insert(ann)
      await users.update(ann.id, { status: 'back', status_expires_at: T3 })
      expect(await users.endStatuses(T2, 10)).toEqual([])
      expect((await users.byId(ann.id))?.status).toBe('back')
    })
  })
}
