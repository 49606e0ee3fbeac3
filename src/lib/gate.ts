// A gate for work that is heavy enough to starve everything else when it runs all at once.
import { unavailable } from './errors'

/**
 * Runs at most `width` jobs at a time; up to `queue` more wait in order.
 * Beyond that a job is refused with 503 `busy` and `Retry-After`, before any work is done; `refusal` says why.
 * `load()` tells how many run, and how many wait.
 */
export function gate(width: number, queue: number, refusal: string) {
  const waiting: (() => void)[] = []
  let running = 0

  function leave() {
    const next = waiting.shift()
    if (next) next()
    else running--
  }

  async function pass<T>(job: () => Promise<T>): Promise<T> {
    if (running < width) running++
    else if (waiting.length < queue) await new Promise<void>(enter => waiting.push(enter))
    else throw unavailable('busy', `${refusal} Try again in a moment.`, 2)
    try {
      return await job()
    } finally {
      leave()
    }
  }

  return Object.assign(pass, { load: () => ({ running, waiting: waiting.length }) })
}
