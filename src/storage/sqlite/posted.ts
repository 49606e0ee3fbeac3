// The messages that have terms which begin so, from the table of terms.
import type { Prepared, Sql, Value } from './database'
import type { Place, Search } from './sought'

const MOST_AT_ONCE = 20_000

/** A range of the key in each chat. Its order is by term, so that messages are put into theirs by sorting. */
const havingTerm = (parameter: number) => `
  FROM json_each(?1) AS chat CROSS JOIN search_terms ON chat_no = chat.value
    AND term >= ?${parameter} AND term < ?${parameter} || char(0x10FFFF)
    AND search_terms.id < unhex(?2) AND search_terms.id > unhex(?3)`

const FIRST_TERM = 5

export function openPosted(sql: Sql) {
  const counted = sql.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 ${havingTerm(FIRST_TERM)} LIMIT ?4)`,
  )
  const one = sql.prepare<{ seq: number; terms: string }>(
    'SELECT seq, terms FROM search_messages WHERE chat_no = ? AND id = unhex(?)',
  )
  const statements = new Map<number, Prepared<Place, Value[]>>()

  /** The newest messages that have so many terms. */
  function statementFor(terms: number) {
    const known = statements.get(terms)
    if (known) return known
    const sets = Array.from(
      { length: terms },
      (_, i) => `SELECT search_terms.id AS place, chat_no ${havingTerm(FIRST_TERM + i)}`,
    )
    const statement = sql.prepare<Place>(`
      SELECT chat_no, lower(hex(place)) AS id
      FROM (${sets.join(' INTERSECT ')} ORDER BY place DESC LIMIT ?4)`)
    statements.set(terms, statement)
    return statement
  }

  function isHit({ chat_no, id }: Place, { fits }: Search): boolean {
    const row = one.get(chat_no, id)
    return row !== null && fits({ ...row, id }, chat_no)
  }

  return {
    /** How many messages have such a term, counted up to `most`; one with several of them counts for each. */
    count({ chats, olderThan, newerThan }: Search, prefix: string, most: number): number {
      return counted.get(chats, olderThan, newerThan, most, prefix)?.count ?? 0
    },

    /** The newest hits among the messages that have a term for each of these. */
    gather(search: Search, prefixes: string[]): Place[] {
      const { chats, newerThan, limit } = search
      const newest = statementFor(prefixes.length)
      const hits: Place[] = []
      let { olderThan } = search
      for (let size = 4 * limit; ; size = Math.min(4 * size, MOST_AT_ONCE)) {
        const places = newest.all(chats, olderThan, newerThan, size, ...prefixes)
        for (const place of places) {
          // A message with several such terms may come several times, in a row.
          if (place.id !== olderThan && isHit(place, search)) hits.push(place)
          if (hits.length === limit) return hits
          olderThan = place.id
        }
        if (places.length < size) return hits
      }
    },
  }
}
