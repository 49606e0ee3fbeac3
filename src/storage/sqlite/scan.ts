// Walking backwards through many chats together, message by message, until enough fit.
import type { Sql } from './database'
import type { Place, Search } from './sought'

const FIRST_STEP = 4
const LONGEST_STEP = 256

/** A chat that is walked through: the newest message not looked at yet, and how many to take next. */
interface Walk {
  no: number
  next: string
  step: number
}

export function openScan(sql: Sql) {
  const newest = sql.prepare<{ no: number; next: string | null }>(`
    SELECT value AS no, (
      SELECT lower(hex(max(id))) FROM search_messages WHERE chat_no = value AND id < unhex(?2) AND id > unhex(?3)
    ) AS next FROM json_each(?1)`)
  const steps = sql.prepare<{ id: string; seq: number; terms: string }>(`
    SELECT lower(hex(id)) AS id, seq, terms FROM search_messages
    WHERE chat_no = ? AND id <= unhex(?) AND id > unhex(?) ORDER BY search_messages.id DESC LIMIT ?`)

  function walksOf({ chats, olderThan, newerThan }: Search): Walk[] {
    const found = newest.all(chats, olderThan, newerThan)
    return found.flatMap(({ no, next }) => (next === null ? [] : { no, next, step: FIRST_STEP }))
  }

  /** The newest hits; null where more than `patience` messages would have to be looked at. */
  return function scan(search: Search, patience: number): Place[] | null {
    let walks = walksOf(search)
    const hits: Place[] = []
    for (let looked = 0; looked <= patience;) {
      const first = newestOf(walks)
      // Hits that are newer than all that is not looked at are the newest of all.
      const certain = first ? hits.filter(({ id }) => id > first.next) : hits
      if (!first || certain.length >= search.limit) return sorted(certain).slice(0, search.limit)
      const rows = steps.all(first.no, first.next, search.newerThan, first.step + 1)
      const rest = rows.length > first.step ? rows.pop() : undefined
      for (const { id, seq, terms } of rows) {
        if (search.fits({ chat_no: first.no, seq, terms })) hits.push({ chat_no: first.no, id })
      }
      looked += rows.length
      if (rest) Object.assign(first, { next: rest.id, step: Math.min(first.step * 2, LONGEST_STEP) })
      else walks = walks.filter(walk => walk !== first)
    }
    return null
  }
}

const newestOf = (walks: Walk[]): Walk | undefined =>
  walks.reduce<Walk | undefined>((best, walk) => (best && best.next >= walk.next ? best : walk), undefined)

const sorted = (places: Place[]) => places.toSorted((a, b) => (a.id < b.id ? 1 : -1))
