// Finding messages in the search index of SQLite, newest first.
import type { SearchedChat, SearchQuery, SearchStore } from '../../messages/search.store'
import type { Sql } from './database'
import type { Indexed, IndexedChat } from './indexed'
import { openPosted } from './posted'
import { openScan } from './scan'
import { searchOf, termOfSender, termsOfType, type Place, type Search } from './sought'
import { openStreams } from './streams'

/** A word in fewer messages than this is rare. */
const FEW = 2_000
/** Where none is rare enough, how much further it is counted each time. */
const FURTHER = 16
/** So many messages are looked at before another way is tried. */
const PATIENCE = 10_000
/** Of several words, so many messages with the longest are looked at before anything is counted. */
const SOON = 64
/** So many words are asked how many messages have them. */
const WEIGHED = 3
/** In so many chats, those with the newest messages, a common word is met; then in four times as many, and so on. */
const FIRST_CHATS = 32

/**
 * Three ways. The messages that have a term are walked through backwards, until enough have the other terms too: what
 * a term is in, the index has in order. The longest word leads, and where that does not meet enough soon, the rarest.
 * Where many terms begin like a rare word, all that have them are gathered and sorted. Where no word is rare, chats are
 * walked backwards, message by message.
 */
export function openFinding(
  sql: Sql,
  indexed: Indexed,
  { few = FEW, patience = PATIENCE, firstChats = FIRST_CHATS, mostTerms }: Bounds = {},
): SearchStore['find'] {
  const { count, gather } = openPosted(sql)
  const walkTerms = openStreams(sql, mostTerms)
  const scan = openScan(sql)

  /** Those that are in fewer than `most` messages, the rarest first. */
  function rareAmong(search: Search, terms: string[], most: number): string[] {
    const counts = new Map(terms.map(term => [term, count(search, term, most)]))
    const countOf = (term: string) => counts.get(term) ?? most
    return terms.filter(term => countOf(term) < most).sort((a, b) => countOf(a) - countOf(b))
  }

  function rarestOf(search: Search, terms: string[]): string[] {
    for (let most = few + 1; ; most *= FURTHER) {
      const rare = rareAmong(search, terms, most)
      if (rare.length > 0) return rare
    }
  }

  function placesOf(search: Search, terms: string[], chats: number): Place[] {
    const walk = (term: string, most: number) => walkTerms(search, term, chats, most)
    const isOne = terms.length === 1
    const soon = walk(terms[0] as string, isOne ? patience : Math.min(SOON, patience))
    if (soon) return soon
    const rare = rareAmong(search, terms, few)
    if (rare.length === 0) return scan(search, patience) ?? gather(search, rarestOf(search, terms))
    return (isOne ? null : walk(rare[0] as string, patience)) ?? gather(search, rare)
  }

  /** The newest hits of these chats, as far as they matter. */
  function placesIn(chats: IndexedChat[], above: Map<string, number>, query: SearchQuery): Place[] {
    const floors = new Map(chats.map(({ no, id }) => [no, above.get(id) ?? 0]))
    return placesOf(searchOf(query, floors), termsToWeigh(query), chats.length)
  }

  return async function find(chats: SearchedChat[], query: SearchQuery) {
    if (chats.length === 0 || query.limit <= 0) return []
    const above = new Map(chats.map(chat => [chat.id, chat.above]))
    const known = indexed.of([...above.keys()])
    let found: Place[] = []
    let [from, size] = [0, firstChats]
    while (from < known.length) {
      const last = found[query.limit - 1]
      // Whatever is in the chats that are left is older.
      if (last && last.id > (known[from] as IndexedChat).newest) break
      found = newest([...found, ...placesIn(known.slice(from, from + size), above, query)], query.limit)
      from += size
      size *= 4
    }
    const ids = new Map(known.slice(0, from).map(({ no, id }) => [no, id]))
    return found.map(({ chat_no, id }) => ({ chat_id: ids.get(chat_no) as string, id }))
  }
}

interface Bounds {
  few?: number
  patience?: number
  firstChats?: number
  mostTerms?: number
}

const newest = (places: Place[], limit: number) =>
  places.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)

function termsToWeigh({ prefixes, sender_id, message_type }: SearchQuery): string[] {
  const sender = sender_id === undefined ? [] : [termOfSender(sender_id)]
  return [...prefixes.slice(0, WEIGHED), ...sender, ...termsOfType(message_type)]
}
