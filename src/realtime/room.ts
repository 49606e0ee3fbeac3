// How many sockets there may be: of one person, from an address before they have signed in, and of everybody.
import { AppError, unavailable } from '../lib/errors'
import type { Hub } from './hub'
import type { LIMITS } from './limits'

/** After so long others may have left (seconds). */
const RETRY_SECONDS = 10

export type Room = ReturnType<typeof createRoom>

export function createRoom(hub: Pick<Hub, 'size' | 'sizeOf'>, limits: typeof LIMITS) {
  /** By address: those that have not signed in yet. */
  const signingIn = new Map<string, number>()
  let strangers = 0

  return {
    /** 503 where this server has as many sockets as it may. */
    mustBeForOneMore() {
      if (hub.size + strangers < limits.sockets) return
      throw unavailable('too_many_connections', 'This server has as many sockets as it may.', RETRY_SECONDS)
    },

    isFor: (userId: string): boolean => hub.sizeOf(userId) < limits.sockets_per_person,

    /** 429 where this person has as many sockets as one may; the oldest stay. */
    mustBeFor(userId: string) {
      if (this.isFor(userId)) return
      const detail = `At most ${limits.sockets_per_person} sockets of one person.`
      throw new AppError(429, 'too_many_sockets', detail, { retryAfter: RETRY_SECONDS })
    },

    /** 429 where from this address as many sockets are signing in as may; 503 as above. */
    mustBeForStranger(network: string) {
      this.mustBeForOneMore()
      if ((signingIn.get(network) ?? 0) < limits.sockets_signing_in) return
      const detail = 'Too many sockets from this address have not signed in yet.'
      throw new AppError(429, 'too_many_signing_in', detail, { retryAfter: RETRY_SECONDS })
    },

    /** Counts one that has not signed in yet; answers what to call when it has, or has left: a repeat changes nothing. */
    enterStranger(network: string): () => void {
      let isHere = true
      signingIn.set(network, (signingIn.get(network) ?? 0) + 1)
      strangers++
      return () => {
        if (!isHere) return
        isHere = false
        const left = (signingIn.get(network) ?? 1) - 1
        if (left > 0) signingIn.set(network, left)
        else signingIn.delete(network)
        strangers--
      }
    },

    /** How many have not signed in yet. */
    get strangers() {
      return strangers
    },
  }
}
