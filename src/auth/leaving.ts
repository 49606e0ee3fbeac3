// Deleting one's account: chats are left, sign-ins end, and the person becomes "deleted user".
import type { Events } from '../events'
import { forbidden } from '../lib/errors'
import { nowIso } from '../lib/schema'
import type { UserStore } from '../users/store'
import type { Departure, DepartureStore, Messages } from './leaving.store'
import type { Auth } from './service'
import type { Caller, Sessions } from './sessions'

/** How long after signing in an account may be deleted without the password. */
const FRESH_MS = 15 * 60_000

/** How long nobody else may take the username of somebody who left. */
const NAME_KEPT_MS = 30 * 86_400_000

export type Leaving = ReturnType<typeof createLeaving>

/** What others do when somebody leaves; each may be repeated. */
export interface Farewell {
  /** Hands over what the person owns, takes them out of every group and closes their private chats. */
  leaveChats(userId: string): Promise<void>
  /** Removes their picture, as long as it is known where it is. */
  removePicture(userId: string): Promise<void>
  /** Drops what is theirs alone. */
  dropPrivate(userId: string): Promise<void>
  /** Removes their files that no message shows. */
  removeFiles(userId: string): Promise<void>
  /** Makes those that stay nobody's. */
  disownFiles(userId: string): Promise<void>
  /** Deletes all that they have said; may take long, and stops where it may not go on. */
  deleteMessages(userId: string, mayGoOn: () => boolean): Promise<void>
}

/**
 * What is to be done is stored first and crossed out last, so that an account that was asked to go goes, whatever
 * happens on the way: `takeUp` does what a crash has left.
 */
export function createLeaving(
  users: UserStore,
  departures: DepartureStore,
  auth: Auth,
  sessions: Sessions,
  farewell: Farewell,
  events: Events,
  report: (error: unknown) => void,
) {
  let running = Promise.resolve()
  let stopped = false

  /** All but the messages. From the second ending of sign-ins on nobody acts for the person. */
  async function leave({ user_id, begun_at }: Departure) {
    await sessions.endAll(user_id)
    await farewell.leaveChats(user_id)
    await farewell.removePicture(user_id)
    await users.erase(user_id, begun_at)
    tellErased(user_id)
    // What was under way meanwhile: sign-ins, groups made or joined, drafts.
    await sessions.endAll(user_id)
    await farewell.leaveChats(user_id)
    await farewell.dropPrivate(user_id)
    await farewell.removeFiles(user_id)
  }

  /** Also those who have a private chat with the person hear of it: the name is gone, and so is the presence. */
  function tellErased(user_id: string) {
    events.publish({ type: 'erased', user_id })
    events.publish({ type: 'visibility', user_id, invisible: true, hide_last_seen: true })
    events.publish({ type: 'profile', user_id })
  }

  /** Files stay with messages: which of them do shows when the messages are gone. */
  async function finish({ user_id, messages }: Departure) {
    if (messages === 'delete') {
      await farewell.deleteMessages(user_id, () => !stopped)
      if (stopped) return
      await farewell.removeFiles(user_id)
    }
    await farewell.disownFiles(user_id)
    await departures.end(user_id)
  }

  /** One after the other: what waits is done in the order it came. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const turn = running.then(work)
    running = turn.catch(() => {})
    return turn
  }

  return {
    /**
     * Deletes the account of the caller. A password that is given must fit; it may be left out within 15 minutes of
     * signing in: 403 otherwise. Messages that are to go follow; once it resolves, all else is done.
     */
    async deleteAccount(me: Caller, password: string | undefined, messages: Messages): Promise<void> {
      if (password !== undefined) await auth.mustConfirm(me, password)
      else await mustBeFresh(me)
      const departure = { user_id: me.user_id, messages, begun_at: nowIso() }
      await departures.begin(departure)
      await leave(departure)
      if (messages === 'keep') await finish(departure)
      else void inTurn(() => finish(departure)).catch(error => stopped || report(error))
    },

    /** Finishes what was begun, by an earlier process or in vain. */
    takeUp: (): Promise<void> =>
      inTurn(async () => {
        if (stopped) return
        for (const departure of await departures.unfinished()) {
          if (stopped) return
          await leave(departure)
          await finish(departure)
        }
      }),

    /** Lets go of the usernames of those who left 30 days ago. */
    freeNames: (now = Date.now()): Promise<void> =>
      users.freeNames(new Date(now - NAME_KEPT_MS).toISOString()),

    /** Leaves the rest for the next start; resolves when nothing is under way. */
    async stop(): Promise<void> {
      stopped = true
      await running
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
