// Walking backwards through the messages that have a term, which the table of terms has in order, newest last: of each
// chat and each term that begins so.
import type { Prepared, Sql } from './database'
import type { Met, Place, Search } from './sought'
import { walkBack, type Walk } from './walking'

/** A beginning of a word may have so many terms, beside one in each chat; with more of them it is a common one. */
const MOST_TERMS = 64

interface Stream extends Walk {
  term: string
}

export function openStreams(sql: Sql, mostTerms = MOST_TERMS) {
  // From term to term, by one look into the key each, and its newest message by another.
  const streams = sql.prepare<Omit<Stream, 'next'> & { next: string | null }>(`
    WITH RECURSIVE stream (no, term) AS (
      SELECT value, (
        SELECT min(term) FROM search_terms WHERE chat_no = value AND term >= ?2 AND term < ?3)
      FROM json_each(?1)
      UNION ALL
      SELECT no, (
        SELECT min(term) FROM search_terms WHERE chat_no = no AND term > stream.term AND term < ?3)
      FROM stream WHERE stream.term IS NOT NULL)
    SELECT no, term, (
      SELECT lower(hex(max(id))) FROM search_terms
      WHERE chat_no = no AND search_terms.term = stream.term AND id < unhex(?4) AND id > unhex(?5)) AS next
    FROM stream WHERE term IS NOT NULL LIMIT ?6`)
  const steps = sql.prepare<Met>(`
    SELECT lower(hex(search_terms.id)) AS id, seq, terms
    FROM search_terms CROSS JOIN search_messages
      ON search_messages.chat_no = search_terms.chat_no AND search_messages.id = search_terms.id
    WHERE search_terms.chat_no = ? AND term = ? AND search_terms.id <= unhex(?) AND search_terms.id > unhex(?)
    ORDER BY search_terms.id DESC LIMIT ?`)
  const ids = sql.prepare<{ id: string }>(`
    SELECT lower(hex(id)) AS id FROM search_terms
    WHERE chat_no = ? AND term = ? AND id <= unhex(?) AND id > unhex(?) ORDER BY search_terms.id DESC LIMIT ?`)

  /** The newest hits among those with such a term; null where these, or the messages to be looked at, are too many. */
  return function walkTerms(search: Search, prefix: string, chats: number, patience: number): Place[] | null {
    const { olderThan, newerThan, limit, isOneTerm, fits } = search
    const most = mostTerms + chats
    const found = streams.all(search.chats, prefix, endOf(prefix), olderThan, newerThan, most + 1)
    if (found.length > most) return null
    const lists = found.flatMap(({ next, ...list }) => (next === null ? [] : { ...list, next }))
    // Where the term decides, what else a message has is not read.
    if (isOneTerm) return walkBack(lists, { take: taking(ids, newerThan), fits: () => true }, limit, patience)
    const looking = { take: taking(steps, newerThan), fits: (met: Met, { no }: Stream) => fits(met, no) }
    return walkBack(lists, looking, limit, patience)
  }
}

const taking =
  <M>(statement: Prepared<M>, newerThan: string) =>
  ({ no, term, next }: Stream, count: number): M[] =>
    statement.all(no, term, next, newerThan, count)

/** Sorts after all that begins so. */
const endOf = (prefix: string) => `${prefix}\u{10FFFF}`
