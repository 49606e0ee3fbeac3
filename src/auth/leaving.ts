// Deleting one's account: chats are left, sign-ins end, and the person becomes "deleted user".
import { forbidden } from '../lib/errors'
import { nowIso } from '../lib/schema'
import type { UserStore } from '../users/store'
import type { Auth } from './service'
import type { Caller, Sessions } from './sessions'

/** How long after signing in an account may be deleted without the password. */
const FRESH_MS = 15 * 60_000

export type Leaving = ReturnType<typeof createLeaving>

/** `leaveAllChats` hands over what the person owns and takes them out of every group. */
export function createLeaving(
  users: UserStore,
  auth: Auth,
  sessions: Sessions,
  leaveAllChats: (userId: string) => Promise<void>,
) {
  return {
    /**
     * Deletes the account of the caller. A password that is given must fit; it may be left out
     * within 15 minutes of signing in: 403 otherwise. A cut between two steps is mended by a repeat,
     * since the account itself goes last.
     */
    async deleteAccount(me: Caller, password: string | undefined): Promise<void> {
      if (password !== undefined) await auth.mustConfirm(me, password)
      else await mustBeFresh(me)
      await leaveAllChats(me.user_id)
      await sessions.endAll(me.user_id)
      await users.erase(me.user_id, nowIso())
      // What was under way meanwhile: sign-ins, groups made or joined. From here on nobody finds the person.
      await sessions.endAll(me.user_id)
      await leaveAllChats(me.user_id)
    },
  }

  async function mustBeFresh(me: Caller) {
    const begun = await sessions.begunAt(me)
    if (begun === null || Date.now() - begun > FRESH_MS) {
      throw forbidden(
        'password_required',
        'Give your password, or sign in anew and delete within 15 minutes.',
      )
    }
  }
}
