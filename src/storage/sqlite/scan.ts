// Walking backwards through many chats together, message by message, until enough fit.
import type { Sql } from './database'
import type { Met, Place, Search } from './sought'
import { walkBack, type Walk } from './walking'

export function openScan(sql: Sql) {
  const newest = sql.prepare<{ no: number; next: string | null }>(`
    SELECT value AS no, (
      SELECT lower(hex(max(id))) FROM search_messages WHERE chat_no = value AND id < unhex(?2) AND id > unhex(?3)
    ) AS next FROM json_each(?1)`)
  const steps = sql.prepare<Met>(`
    SELECT lower(hex(id)) AS id, seq, terms FROM search_messages
    WHERE chat_no = ? AND id <= unhex(?) AND id > unhex(?) ORDER BY search_messages.id DESC LIMIT ?`)

  function walksOf({ chats, olderThan, newerThan }: Search): Walk[] {
    const found = newest.all(chats, olderThan, newerThan)
    return found.flatMap(({ no, next }) => (next === null ? [] : { no, next }))
  }

  /** The newest hits; null where more than `patience` messages would have to be looked at. */
  return (search: Search, patience: number): Place[] | null =>
    walkBack<Walk, Met>(
      walksOf(search),
      {
        take: ({ no, next }, count) => steps.all(no, next, search.newerThan, count),
        fits: (met, { no }) => search.fits(met, no),
      },
      search.limit,
      patience,
    )
}
