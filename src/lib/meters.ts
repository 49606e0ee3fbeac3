// What is counted while the server runs: plain numbers, put into words only when somebody asks.

/** How values are distributed: how many are at most as large as each bound. */
export interface Histogram {
  /** Ascending; values above the last one are in one more count. */
  readonly bounds: readonly number[]
  /** How many fell between a bound and the one before it. */
  readonly counts: readonly number[]
  readonly sum: number
  observe(value: number): void
}

/** In seconds, for what a store or a loop takes. */
export const SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** For how many went together. */
export const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] as const

export function histogram(bounds: readonly number[]): Histogram {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0)
  let sum = 0

  return {
    bounds,
    counts,
    get sum() {
      return sum
    },
    observe(value) {
      let place = 0
      while (place < bounds.length && value > (bounds[place] as number)) place++
      counts[place] = (counts[place] as number) + 1
      sum += value
    },
  }
}

/** What is kept for each label; labels beyond `most` share one, `other`, so that nobody makes the list grow. */
export function labelled<T>(make: () => T, most: number) {
  const byLabel = new Map<string, T>()

  return {
    of(label: string): T {
      const known = byLabel.get(label)
      if (known !== undefined) return known
      const kept = byLabel.size < most ? label : OTHER
      const made = byLabel.get(kept) ?? make()
      byLabel.set(kept, made)
      return made
    },
    entries: (): Iterable<[string, T]> => byLabel,
  }
}

export const OTHER = 'other'
