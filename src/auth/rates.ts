// How often people, and addresses that nobody is signed in from, may ask: the same over every door.
import { buckets, type Buckets, type Rate } from '../lib/bucket'
import { CLOSING, type AppError } from '../lib/errors'
import { rateFields, tooMany, type Policy } from '../lib/toomany'
import type { Caller } from './sessions'

interface NamedRate extends Rate {
  /** In words, for the documentation: "… at once, and then a minute". */
  what: string
}

const rate = (burst: number, per_minute: number, what: string): NamedRate => ({ burst, per_minute, what })

/** Of each person, over all their devices and doors. */
const OF_PERSON = {
  requests: rate(
    500,
    3_000,
    'Requests, and frames that are no `send`, of one person (a `sync` counts as 10)',
  ),
  messages: rate(200, 1_200, 'Messages of one person: sent, scheduled, edited, deleted, reacted to, pinned'),
  searches: rate(50, 300, 'Searches of one person, for messages or people'),
  lookups: rate(60, 60, 'Look-ups of people by email, of one person'),
  uploads: rate(100, 300, 'Uploads of one person'),
  exports: rate(5, 1, 'Exports of one person'),
  tickets: rate(100, 60, 'Tickets of one person'),
  links: rate(60, 60, 'Links to groups that one person makes, looks at or follows'),
}

/** Of each address, by its /64 where it is IPv6. Generous: a whole office may have one. */
const OF_ADDRESS = {
  signed_out: rate(600, 1_200, 'Sign-ins, refreshes, and requests with no good token, from one address'),
  registrations: rate(600, 60, 'New accounts from one address'),
  pictures: rate(3_000, 12_000, 'Pictures of people and groups fetched from one address'),
}

export const RATES = { ...OF_PERSON, ...OF_ADDRESS }

export type OfPerson = keyof typeof OF_PERSON
export type OfAddress = keyof typeof OF_ADDRESS
type Name = keyof typeof RATES

export type Rates = ReturnType<typeof createRates>

const NO_LIMIT: Buckets = { take: () => 0, giveBack() {}, left: () => Infinity }

/** `on` false: nobody is refused. `now` in ms, for tests. */
export function createRates(on: boolean, now?: () => number) {
  const of = Object.fromEntries(
    Object.entries(RATES).map(([name, each]) => [name, on ? buckets(each, now) : NO_LIMIT]),
  ) as Record<Name, Buckets>

  function mustHave(name: Name, key: string, cost?: number) {
    const wait = of[name].take(key, cost)
    if (wait > 0) throw refusal(name, wait)
  }

  return {
    /** Takes one (or `cost`) of what this person may ask, or throws 429. Service keys are never limited. */
    take(name: OfPerson, me: Pick<Caller, 'user_id' | 'by_key'>, cost?: number) {
      if (!me.by_key) mustHave(name, me.user_id, cost)
    },

    /** The same for an address, as `networkOf` gives it. */
    takeFrom: (name: OfAddress, network: string) => mustHave(name, network),

    /** For what could not be done: it costs nothing. */
    giveBackTo: (name: OfAddress, network: string) => of[name].giveBack(network),

    /** What is left, as header fields; empty where there is no limit. */
    fieldsOf(name: Name, key: string): Record<string, string> {
      const left = of[name].left(key)
      return left === Infinity ? {} : rateFields(policyOf(name), left, Math.ceil(60 / RATES[name].per_minute))
    },
  }
}

const policyOf = (name: Name): Policy => {
  const { burst, per_minute } = RATES[name]
  return { name, quota: burst, seconds: Math.ceil((burst * 60) / per_minute) }
}

function refusal(name: Name, waitMs: number): AppError {
  const headers = name === 'uploads' ? CLOSING.headers : undefined
  const detail = 'Too many in a short time. Wait a while.'
  return tooMany(`too_many_${name}`, detail, policyOf(name), Math.ceil(waitMs / 1000), headers)
}
