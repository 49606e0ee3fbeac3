// Walking backwards through several lists of messages together, newest first, until enough fit.
import type { Place } from './sought'

const FIRST_STEP = 4
const LONGEST_STEP = 256

/** A list that is walked through: the newest message not looked at yet, and how many to take next. */
export interface Walk {
  no: number
  next: string
  step?: number
}

export interface Way<W extends Walk, M extends { id: string }> {
  /** The messages of a list from `next` on, newest first, at most so many. */
  take(walk: W, count: number): M[]
  fits(met: M, walk: W): boolean
}

/** The newest hits; null where more than `patience` messages would have to be looked at. */
export function walkBack<W extends Walk, M extends { id: string }>(
  lists: W[],
  { take, fits }: Way<W, M>,
  limit: number,
  patience: number,
): Place[] | null {
  const walks = lists.toSorted((a, b) => compare(a.next, b.next))
  const hits = new Map<string, Place>()
  for (let looked = 0; looked <= patience;) {
    const first = walks.pop()
    // Hits that are newer than all that is not looked at are the newest of all.
    const certain = [...hits.values()].filter(({ id }) => !first || id > first.next)
    if (!first || certain.length >= limit) return newestFirst(certain).slice(0, limit)
    const { no, step = FIRST_STEP } = first
    const met = take(first, step + 1)
    const rest = met.length > step ? met.pop() : undefined
    for (const one of met) if (fits(one, first)) hits.set(one.id, { chat_no: no, id: one.id })
    looked += met.length
    if (rest) putInOrder(walks, { ...first, next: rest.id, step: Math.min(step * 2, LONGEST_STEP) })
  }
  return null
}

/** From behind, since a list that was just looked at mostly has the next newest message too. */
function putInOrder<W extends Walk>(walks: W[], walk: W) {
  let at = walks.length
  while (at > 0 && (walks[at - 1] as W).next > walk.next) at--
  walks.splice(at, 0, walk)
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

const newestFirst = (places: Place[]) => places.sort((a, b) => compare(b.id, a.id))
