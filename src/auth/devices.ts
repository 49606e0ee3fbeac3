// Where somebody is signed in, as they see it.
import type { Events } from '../events'
import { nowIso } from '../lib/schema'
import type { Session } from './model'
import type { Caller } from './sessions'
import type { AuthStore, SessionRecord } from './store'
import type { Usage } from './usage'

export type Devices = ReturnType<typeof createDevices>

export function createDevices(store: AuthStore, usage: Usage, events: Events) {
  function shown({ id, device_name, place, created_at, last_used_at, expires_at }: SessionRecord) {
    return { id, device_name, place, created_at, last_used_at: usage.latest(id, last_used_at), expires_at }
  }

  return {
    /** Where I am signed in, the one used last first. */
    async list(me: Caller): Promise<Session[]> {
      const sessions = await store.sessionsOf(me.user_id, nowIso())
      return sessions
        .map(session => ({ ...shown(session), current: session.id === me.session_id }))
        .sort((a, b) => Date.parse(b.last_used_at) - Date.parse(a.last_used_at))
    },

    /** Tells the other devices of a sign-in that has begun; nobody of one that is over already. */
    async tellBegun(sessionId: string): Promise<void> {
      const session = await store.session(sessionId)
      if (session) events.publish({ type: 'signed_in', user_id: session.user_id, session: shown(session) })
    },
  }
}
