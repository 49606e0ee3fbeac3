// What everything with logic is made from.
import type { Hashing } from '../auth/hashing'
import type { Config } from '../config'
import type { Events } from '../events'
import type { Log } from '../ops/log'
import type { Outside } from '../push/reach'
import type { Stores } from '../storage/stores'

export interface Deps {
  stores: Stores
  secret: string
  log: Log
  version: string
  settings: Pick<
    Config,
    | 'ACCESS_TOKEN_MINUTES'
    | 'REFRESH_TOKEN_DAYS'
    | 'CORS_ORIGINS'
    | 'ALLOWED_HOSTS'
    | 'PUBLIC_URL'
    | 'RATE_LIMITS'
    | 'TRUST_PROXY'
    | 'VAPID_PUBLIC_KEY'
    | 'VAPID_PRIVATE_KEY'
    | 'VAPID_SUBJECT'
    | 'MAX_UPLOAD_MB'
    | 'USER_QUOTA_MB'
    | 'METRICS_TOKEN'
    | 'MAX_SOCKETS'
  >
  /** Another world outside for the notifications of tests. */
  outside?: Outside & { retryMs: number[] }
  /** Cheaper in tests, where hashing would be most of the time. */
  hashing?: Hashing
  /** How long an upload may be silent. Shorter in tests. */
  stallMs?: number
  /** Shorter in tests, where people come and go all the time (ms). */
  times?: { graceMs: number; tellMs: number; typingMs: number }
  /** The clock of the rate limits (ms). One that tests move. */
  now?: () => number
}

/** What each part is given besides the parts before it. */
export interface Base extends Deps {
  events: Events
  report(error: unknown): void
}
