// The contract of the epoch, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { T0, T2, withStores, type Open } from './samples'
import type { Stores } from '../../../src/storage/stores'

const session = (user_id: string) => ({
  id: newId(),
  user_id,
  device_name: null,
  place: null,
  current_jti: newId(),
  previous_jti: null,
  created_at: T0,
  last_used_at: T0,
  expires_at: T2,
})

async function signIn({ auth, push }: Stores) {
  const signedIn = session(newId())
  const { id: session_id, user_id } = signedIn
  const ticket = { id: newId(), user_id, session_id, signed_in_until: 0, expires_at: T2 }
  await auth.insertSession(signedIn)
  await auth.insertTicket(ticket)
  const endpoint = `https://push.example/${newId()}`
  const keys = { p256dh: 'p', auth: 'a', device_name: null, created_at: T0, failing_since: null }
  await push.put({ id: newId(), user_id, session_id, endpoint, ...keys }, 10)
  return { session_id, user_id, ticket: ticket.id, endpoint }
}

export function epochContract(open: Open) {
  const it = withStores(open)

  describe('the epoch', () => {
    it('is made with the store, another one for each', async ({ epoch }) => {
      const other = await open()
      expect(epoch.current()).toMatch(/^[0-9a-f]{24}$/)
      expect(other.epoch.current()).not.toBe(epoch.current())
      await other.close()
    })

    it('is another one when renewed, and everybody is signed out', async stores => {
      const before = stores.epoch.current()
      const all = [await signIn(stores), await signIn(stores)]
      expect(await stores.epoch.renew({ keepSignIns: false })).toBe(2)
      expect(stores.epoch.current()).not.toBe(before)
      for (const { session_id, ticket, endpoint } of all) {
        expect(await stores.auth.session(session_id)).toBeNull()
        expect(await stores.auth.takeTicket(ticket)).toBeNull()
        expect(await stores.push.byEndpoint(endpoint)).toBeNull()
      }
      expect(await stores.epoch.renew({ keepSignIns: false })).toBe(0)
    })

    it('leaves sign-ins as they are where that is asked for', async stores => {
      const before = stores.epoch.current()
      const { session_id, user_id, ticket, endpoint } = await signIn(stores)
      expect(await stores.epoch.renew({ keepSignIns: true })).toBe(0)
      expect(stores.epoch.current()).not.toBe(before)
      expect(await stores.auth.session(session_id)).toMatchObject({ user_id })
      expect(await stores.auth.takeTicket(ticket)).toMatchObject({ user_id })
      expect(await stores.push.byEndpoint(endpoint)).toMatchObject({ user_id })
    })
  })
}
