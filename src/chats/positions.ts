// How far the members of a chat have read, kept in order: who has read a message follows without looking at all of them.

export interface Positions {
  /** Takes note of somebody who moved from one place to another; undefined: who came, or who went. */
  move(from: number | undefined, to: number | undefined): void
  /** The lowest place of all, without one who is at `own`; Infinity where nobody else is there. */
  lowestBut(own: number | undefined): number
}

/** The places that somebody is at, ascending, and how many are. A move costs the logarithm of their number. */
export function createPositions(initial: Iterable<number>): Positions {
  const counts = new Map<number, number>()
  for (const place of initial) counts.set(place, (counts.get(place) ?? 0) + 1)
  const places = [...counts.keys()].sort((a, b) => a - b)

  function leave(place: number) {
    const left = (counts.get(place) ?? 0) - 1
    if (left > 0) return void counts.set(place, left)
    counts.delete(place)
    const at = lowerBound(places, place)
    if (places[at] === place) places.splice(at, 1)
  }

  function enter(place: number) {
    const there = counts.get(place)
    if (there === undefined) places.splice(lowerBound(places, place), 0, place)
    counts.set(place, (there ?? 0) + 1)
  }

  return {
    move(from, to) {
      if (from === to) return
      if (from !== undefined) leave(from)
      if (to !== undefined) enter(to)
    },
    lowestBut(own) {
      // By index: every message of a page asks, and taking a list apart costs more than the answer.
      const lowest = places[0] ?? Infinity
      return own === lowest && counts.get(lowest) === 1 ? (places[1] ?? Infinity) : lowest
    },
  }
}

/** Where `value` is in an ascending list, or would be. */
export function lowerBound<T extends number | string>(ascending: readonly T[], value: T): number {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ascending[middle] as T) < value) from = middle + 1
    else to = middle
  }
  return from
}
