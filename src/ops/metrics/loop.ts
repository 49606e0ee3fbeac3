// How late the event loop is: a timer that looks how much after its time it is called.
import { histogram, SECONDS, type Histogram } from '../../lib/meters'

const EVERY_MS = 50

/**
 * From now on until the process ends. A histogram of our own, since that of `perf_hooks` tells only quantiles, which
 * cannot be taken apart again by time or added up.
 */
export function watchLoop(): Histogram {
  const delay = histogram(SECONDS)
  let due = performance.now() + EVERY_MS
  const look = () => {
    const now = performance.now()
    delay.observe(Math.max(0, now - due) / 1000)
    due = now + EVERY_MS
  }
  setInterval(look, EVERY_MS).unref()
  return delay
}
