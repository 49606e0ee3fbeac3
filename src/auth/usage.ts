// When each sign-in was used last: noted at every request, stored now and then.
import { recent } from '../lib/recent'
import type { AuthStore } from './store'

/** A session is stored as used at most once in this time. */
const STORE_EVERY_MS = 300_000

const AT_ONCE = 500

export type Usage = ReturnType<typeof createUsage>

export function createUsage(store: Pick<AuthStore, 'useSessions'>) {
  /** By session: when it was used (ms), not stored yet. */
  const used = new Map<string, number>()
  /** By session: when its use was stored. */
  const stored = recent<number>(100_000)

  async function keepThose(isDue: (sessionId: string) => boolean) {
    const due = [...used].filter(([id]) => isDue(id))
    for (let i = 0; i < due.length; i += AT_ONCE) {
      const slice = due.slice(i, i + AT_ONCE)
      await store.useSessions(slice.map(([id, at]) => ({ id, at: new Date(at).toISOString() })))
      for (const [id, at] of slice) {
        stored.set(id, at)
        if (used.get(id) === at) used.delete(id)
      }
    }
  }

  return {
    /** A session was used just now. */
    touch(sessionId: string) {
      used.set(sessionId, Date.now())
    },

    /** The store has it: signed in, or refreshed. */
    isStored(sessionId: string) {
      stored.set(sessionId, Date.now())
    },

    /** When a session was used last, where that is later than what is stored. */
    latest(sessionId: string, lastStored: string): string {
      const at = used.get(sessionId)
      const noted = at === undefined ? '' : new Date(at).toISOString()
      return noted > lastStored ? noted : lastStored
    },

    /** Stores what is due; sessions with a socket open (`open`) are in use. */
    async keep(open: Iterable<string>, now = Date.now()): Promise<void> {
      for (const id of open) used.set(id, now)
      await keepThose(id => now - (stored.get(id) ?? 0) >= STORE_EVERY_MS)
    },

    /** Stores all that is not stored yet. */
    keepAll: (): Promise<void> => keepThose(() => true),
  }
}
