// Token buckets: so many at once, then so many a minute, for each key.
import { recent } from './recent'

export interface Rate {
  /** Tokens of a full bucket: what may come at once. */
  burst: number
  /** Tokens that come back in a minute. */
  per_minute: number
}

export interface Buckets {
  /**
   * Takes `cost` tokens from the bucket of this key and answers 0. Where there are too few it takes none and answers
   * how long to wait until there are enough (ms, above 0).
   */
  take(key: string, cost?: number): number
  /** Puts one token back that was taken for nothing. */
  giveBack(key: string): void
  /** The whole tokens that are there now. A key that was never seen has a full bucket. */
  left(key: string): number
}

/** Keys that are remembered. A flood of them costs this much memory; those not seen for longest begin anew, full. */
const MOST_KEYS = 50_000

/** What is lost to rounding (ms). */
const ROUNDING = 1e-3

/**
 * In any time a key gets at most `burst` tokens and what came back in that time. Kept is one number for each key: the
 * moment at which its bucket will be full again. Nothing runs in the background, and nothing is made for a key that
 * is known. `now` is in ms, and never goes back.
 * Source: the generic cell rate algorithm, virtual scheduling (ITU-T I.371, annex A).
 */
export function buckets(
  { burst, per_minute }: Rate,
  now = () => performance.now(),
  mostKeys = MOST_KEYS,
): Buckets {
  const tokenMs = 60_000 / per_minute
  const fullMs = burst * tokenMs
  const known = recent<{ fullAt: number }>(mostKeys)

  return {
    take(key, cost = 1) {
      const at = now()
      let bucket = known.get(key)
      if (!bucket) known.set(key, (bucket = { fullAt: at }))
      const fullAt = Math.max(bucket.fullAt, at) + cost * tokenMs
      const wait = fullAt - at - fullMs
      if (wait > ROUNDING) return wait
      bucket.fullAt = fullAt
      return 0
    },

    giveBack(key) {
      const bucket = known.peek(key)
      if (bucket) bucket.fullAt -= tokenMs
    },

    left(key) {
      const missingMs = Math.max(0, (known.peek(key)?.fullAt ?? 0) - now())
      return Math.floor((fullMs - missingMs + ROUNDING) / tokenMs)
    },
  }
}
