// Failed sign-ins: counted so that nobody can guess passwords, and nobody can lock anybody out.
import { attempts } from '../lib/limits'
import { networkOf } from '../lib/network'
import { recent } from '../lib/recent'
import { tooMany } from '../lib/toomany'
import { keyOf } from '../users/keys'
import type { Attempt } from './passwords'
import type { Caller } from './sessions'

export const SIGN_IN = {
  /** So long failures count, from the first on (seconds). */
  seconds: 180,
  /** Failures for one account from one address, or for one session that gives its password again. */
  failures: 10,
  /** Failures for one account from all addresses together. */
  ofAccount: 10,
  /** Accounts that one address failed for. */
  accounts: 10,
}

/** Accounts and the addresses that they signed in from, remembered until the next start. */
const MOST_KNOWN = 50_000

export type Attempts = ReturnType<typeof createAttempts>

/** `on` false: all may try as often as they want. `now` in ms, for tests. */
export function createAttempts(on: boolean, now?: () => number) {
  const counter = (max: number) => attempts(on ? max : Infinity, SIGN_IN.seconds, now)
  const here = counter(SIGN_IN.failures)
  /** Tells whether an account has failed at an address at all. */
  const everHere = counter(1)
  const account = counter(SIGN_IN.ofAccount)
  const address = counter(SIGN_IN.accounts)
  const again = counter(SIGN_IN.failures)
  const known = recent<true>(MOST_KNOWN)

  const placeOf = (name: string, from: string) => `${keyOf(name)} ${networkOf(from)}`

  return {
    /**
     * A sign-in by a name from an address. Names are counted as they are given, so that people who do not exist are
     * refused as those who do. Too often:
     * - 10 failures for one account at one address: that address waits.
     * - 10 failures for one account from everywhere: each address has one try, which is looked at. So guesses end, and
     *   who has the right password still comes in.
     * - 10 accounts failed for at one address: it waits, but for accounts that have signed in from there before.
     */
    of(name: string, from: string): Attempt {
      const [who, network] = [keyOf(name), networkOf(from)]
      const place = `${who} ${network}`
      const isKnown = known.get(place) === true
      return {
        mayTry() {
          const wait = isKnown
            ? here.wait(place)
            : Math.max(here.wait(place), everHere.wait(place) && account.wait(who), address.wait(network))
          mustNotWait(wait)
        },
        failed() {
          const wait = account.wait(who)
          if (everHere.wait(place) === 0) address.count(network)
          for (const each of [everHere, here]) each.count(place)
          account.count(who)
          mustNotWait(wait)
        },
      }
    },

    /** A password given again by somebody who is signed in: by their session, so that its thief locks out no other. */
    again({ user_id, session_id }: Caller): Attempt {
      const key = `${user_id} ${session_id}`
      return {
        mayTry: () => mustNotWait(again.wait(key)),
        failed: () => again.count(key),
      }
    },

    /** Somebody has signed in, or up: at this address failures of others no longer keep them out. */
    succeeded(name: string, from: string) {
      known.set(placeOf(name, from), true)
    },

    /** Somebody has this name from now on: what failed for it here before was not theirs. */
    begin(name: string, from: string) {
      here.clear(placeOf(name, from))
      everHere.clear(placeOf(name, from))
      this.succeeded(name, from)
    },
  }
}

const POLICY = { name: 'sign-in', quota: SIGN_IN.failures, seconds: SIGN_IN.seconds }

function mustNotWait(wait: number) {
  if (wait > 0) throw tooMany('too_many_attempts', 'Too many failed sign-ins. Wait a while.', POLICY, wait)
}
