// The contract of push subscriptions, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { PushSubscription } from '../../../src/push/store'
import { atOnce, T0, T1, T2, withStores, type Open } from './samples'

const subscription = (user_id: string, more: Partial<PushSubscription> = {}): PushSubscription => ({
  id: newId(),
  user_id,
  session_id: newId(),
  endpoint: `https://push.example/${newId()}`,
  p256dh: 'p',
  auth: 'a',
  device_name: null,
  created_at: T0,
  failing_since: null,
  ...more,
})

export function pushContract(open: Open) {
  const it = withStores(open)

  describe('push subscriptions', () => {
    it('are given back as kept, for the people asked for, by id', async ({ push }) => {
      const [ann, bob, cleo] = [newId(), newId(), newId()]
      const full = subscription(ann, { device_name: 'Ann’s phone 📱', failing_since: T1 })
      const others = [subscription(bob), subscription(ann), subscription(cleo)]
      expect(await push.put(full, 9)).toEqual(full)
      for (const other of others) await push.put(other, 9)
      expect(await push.of([ann])).toEqual([full, others[1]!])
      expect(await push.of([bob, newId(), ann])).toEqual([full, others[0]!, others[1]!])
      expect(await push.of([])).toEqual([])
      expect(await push.byEndpoint(full.endpoint)).toEqual(full)
      expect(await push.byEndpoint('https://push.example/')).toBeNull()
      expect((await push.people()).toSorted()).toEqual([ann, bob, cleo].toSorted())
    })

    it('give way to the same address, whoever comes with it, and keep their id', async ({ push }) => {
      const [ann, bob] = [newId(), newId()]
      const first = subscription(ann, { failing_since: T1 })
      await push.put(first, 1)
      const again = subscription(bob, {
        endpoint: first.endpoint,
        created_at: T2,
        auth: 'b',
        device_name: 'x',
      })
      const kept = { ...again, id: first.id, created_at: T0 }
      expect(await push.put(again, 1)).toEqual(kept)
      expect(await push.of([ann, bob])).toEqual([kept])
    })

    it('are one for an address that comes many times at once', async ({ push }) => {
      const ann = newId()
      const { endpoint } = subscription(ann)
      const answers = await atOnce(8, () => push.put(subscription(ann, { endpoint }), 9))
      expect(new Set(answers.map(answer => (answer as PushSubscription).id)).size).toBe(1)
      expect(await push.of([ann])).toHaveLength(1)
    })

    it('are so many at most, where a repeat is none more', async ({ push }) => {
      const [ann, bob] = [newId(), newId()]
      const mine = [subscription(ann), subscription(ann)]
      for (const each of mine) await push.put(each, 2)
      expect(await push.put(subscription(ann), 2)).toBe('too_many')
      expect(await push.put({ ...mine[0]!, auth: 'new' }, 2)).toMatchObject({ auth: 'new' })
      expect(await push.put(subscription(bob), 2)).not.toBe('too_many')
      expect(await push.of([ann])).toHaveLength(2)
    })

    it('go one by one, with their sign-ins, and with their person', async ({ push }) => {
      const [ann, bob] = [newId(), newId()]
      const [a, b, c, d] = [subscription(ann), subscription(ann), subscription(ann), subscription(bob)]
      for (const each of [a, b, c, d]) await push.put(each, 9)
      expect(await push.remove(bob, a.id)).toBeFalse()
      expect(await push.remove(ann, a.id)).toBeTrue()
      expect(await push.remove(ann, a.id)).toBeFalse()
      await push.removeOfSessions([b.session_id, newId()])
      await push.removeOfSessions([])
      expect(await push.of([ann, bob])).toEqual([c, d])
      await push.removeOf(ann)
      await push.removeOf(newId())
      expect(await push.of([ann, bob])).toEqual([d])
      expect(await push.people()).toEqual([bob])
    })

    it('know since when they fail', async ({ push }) => {
      const mine = subscription(newId())
      await push.put(mine, 9)
      await push.setFailing(mine.id, T1)
      expect(await push.byEndpoint(mine.endpoint)).toEqual({ ...mine, failing_since: T1 })
      await push.setFailing(mine.id, null)
      await push.setFailing(newId(), T1)
      expect(await push.byEndpoint(mine.endpoint)).toEqual(mine)
    })

    it('have one pair of keys, that of whoever was first', async ({ push }) => {
      const answers = await atOnce(5, i => push.keys({ public_key: `p${i}`, private_key: `s${i}` }))
      const [first] = answers
      expect(first).toEqual({ public_key: expect.any(String), private_key: expect.any(String) })
      expect(first!.public_key.slice(1)).toBe(first!.private_key.slice(1))
      for (const answer of answers) expect(answer).toEqual(first!)
    })
  })
}
