// What I tell of myself: a status that may end by itself, and whether I am seen at all.
import type { Events } from '../events'
import { nowIso } from '../lib/schema'
import type { EditPresence, EditStatus, Me } from './model'
import type { Users } from './service'
import { statusFrom } from './status'
import type { UserStore } from './store'

export type Self = ReturnType<typeof createSelf>

const AT_ONCE = 200

export function createSelf(store: UserStore, users: Users, events: Events) {
  return {
    /** Sets my status, for good or until it ends; 422 for an end that is past or more than a year away. */
    async setStatus(me: string, status: EditStatus): Promise<Me> {
      await users.patch(me, statusFrom(status))
      return users.me(me)
    },

    /** Changes what I tell of my presence. Who becomes invisible was last seen then, for everybody. */
    async setPresence(me: string, { invisible, hide_last_seen }: EditPresence): Promise<Me> {
      const before = await users.me(me)
      const leaves = invisible === true && !before.invisible && before.presence !== 'offline'
      await store.update(me, { invisible, hide_last_seen, ...(leaves && { last_seen: nowIso() }) })
      const after = await users.me(me)
      events.publish({ type: 'visibility', user_id: me, ...told(after) })
      events.publish({ type: 'profile', user_id: me })
      return after
    },

    /** Empties the statuses that have ended, and tells; what fails is done the next time. */
    async endStatuses(now = nowIso()): Promise<void> {
      for (;;) {
        const ended = await store.endStatuses(now, AT_ONCE)
        for (const user_id of ended) events.publish({ type: 'profile', user_id })
        if (ended.length < AT_ONCE) return
      }
    },
  }
}

const told = ({ invisible, hide_last_seen }: Me) => ({ invisible, hide_last_seen })
