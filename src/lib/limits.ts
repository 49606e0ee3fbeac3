// Counting attempts: so many in a while, then wait.
import { recent } from './recent'

export interface Attempts {
  /** Seconds to wait before the next attempt by this key, or 0 when it may go on now. */
  wait(key: string): number
  /** Takes note of one attempt. */
  count(key: string): void
  /** Forgets the attempts of this key. */
  clear(key: string): void
}

interface Window {
  count: number
  ends: number
}

/**
 * At most `max` attempts per key in a window of `seconds` that begins with the first of them.
 * Remembers at most 50,000 keys, so a flood of keys costs bounded memory.
 */
export function attempts(max: number, seconds: number, now: () => number = Date.now): Attempts {
  const windows = recent<Window>(50_000)

  const current = (key: string): Window | undefined => {
    const window = windows.get(key)
    return window && window.ends > now() ? window : undefined
  }

  return {
    wait(key) {
      const window = current(key)
      return window && window.count >= max ? Math.ceil((window.ends - now()) / 1000) : 0
    },
    count(key) {
      const window = current(key)
      if (window) window.count++
      else windows.set(key, { count: 1, ends: now() + seconds * 1000 })
    },
    clear(key) {
      windows.delete(key)
    },
  }
}
