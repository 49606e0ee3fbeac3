// Finding messages in the search index of SQLite, newest first.
import type { SearchedChat, SearchQuery, SearchStore } from '../../messages/search.store'
import type { Sql } from './database'
import { openPosted } from './posted'
import { openScan } from './scan'
import { searchOf, termOfSender, termsOfType, type Place, type Search } from './sought'
import { openStreams } from './streams'

/** Of several words the rarest leads; a word in more messages than this is common, and not counted to its end. */
const FEW = 2_000
/** So many messages are looked at before another way is tried. */
const PATIENCE = 10_000
/** So many words are asked how many messages have them. */
const WEIGHED = 3

/**
 * Three ways. The messages that have the rarest term are walked through backwards, until enough have the other terms
 * too: what a term is in, the index has in order. Where too many terms begin like a word, it is a common one: then
 * chats are walked backwards, message by message. Where neither meets enough soon, all that have the terms are
 * gathered and sorted.
 */
export function openFinding(
  sql: Sql,
  few = FEW,
  patience = PATIENCE,
  mostTerms?: number,
): SearchStore['find'] {
  const numbers = sql.prepare<{ no: number; chat_id: string }>(`
    SELECT no, chat_id FROM search_chats JOIN chats ON chats.id = chat_id
    WHERE chat_id IN (SELECT value FROM json_each(?))`)
  const { count, gather } = openPosted(sql)
  const walkTerms = openStreams(sql, mostTerms)
  const scan = openScan(sql)

  function rarestOf(search: Search, [first = '', ...others]: string[]): string {
    let [rarest, least] = [first, others.length > 0 ? count(search, first, few) : 0]
    for (const term of others) {
      // Counted no further than the rarest so far.
      const messages = count(search, term, least)
      if (messages < least) [rarest, least] = [term, messages]
    }
    return rarest
  }

  function placesOf(search: Search, terms: string[], chats: number): Place[] {
    const rarest = rarestOf(search, terms)
    return walkTerms(search, rarest, chats, patience) ?? scan(search, patience) ?? gather(search, terms)
  }

  return async function find(chats: SearchedChat[], query: SearchQuery) {
    if (chats.length === 0 || query.limit <= 0) return []
    const known = numbers.all(JSON.stringify(chats.map(({ id }) => id)))
    const above = new Map(chats.map(chat => [chat.id, chat.above]))
    const floors = new Map(known.map(({ no, chat_id }) => [no, above.get(chat_id) ?? 0]))
    const ids = new Map(known.map(({ no, chat_id }) => [no, chat_id]))
    const places = placesOf(searchOf(query, floors), termsToWeigh(query), floors.size)
    return places.map(({ chat_no, id }) => ({ chat_id: ids.get(chat_no) as string, id }))
  }
}

function termsToWeigh({ prefixes, sender_id, message_type }: SearchQuery): string[] {
  const sender = sender_id === undefined ? [] : [termOfSender(sender_id)]
  return [...prefixes.slice(0, WEIGHED), ...sender, ...termsOfType(message_type)]
}
