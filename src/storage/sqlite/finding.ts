// Finding messages in the search index of SQLite, newest first.
import type { SearchedChat, SearchQuery, SearchStore } from '../../messages/search.store'
import { listed, type Sql } from './database'
import { openPosted } from './posted'
import { openScan } from './scan'
import { searchOf, termOfSender, termsOfType, type Place, type Search } from './sought'

/** Up to so many messages with a term are gathered and sorted; with more of them, looking backwards soon meets some. */
const FEW = 5_000
/** So many messages are looked at before gathering is the better way after all. */
const PATIENCE = 10_000
/** So many messages are looked at before anything is counted: a word that is in every tenth is met by then. */
const SOON = 300
/** In more chats than this every step of the walk is a choice among many, and costs as much as counting. */
const MANY_CHATS = 100
/** So many words are asked how many messages have them. */
const WEIGHED = 3

/**
 * Two ways, by how many messages have a term. Rare: all of them, from the terms. Common: the chats are walked
 * backwards together until enough is found. Each alone is slow where the other is quick. Counting takes its time too,
 * so a little way is walked first.
 */
export function openFinding(sql: Sql, few = FEW, patience = PATIENCE, soon = SOON): SearchStore['find'] {
  const numbers = sql.prepare<{ no: number; chat_id: string }>(
    `SELECT no, chat_id FROM search_chats JOIN chats ON chats.id = chat_id
    WHERE chat_id IN (SELECT value FROM json_each(?))`,
    listed,
  )
  const { count, gather } = openPosted(sql)
  const scan = openScan(sql)

  function placesOf(search: Search, query: SearchQuery, chats: number): Place[] {
    const near = chats <= MANY_CHATS ? scan(search, soon) : null
    if (near) return near
    const terms = termsToWeigh(query)
    const rare = terms.filter(term => count(search, term, few + 1) <= few)
    if (rare.length > 0) return gather(search, rare)
    return scan(search, patience) ?? gather(search, terms)
  }

  return async function find(chats: SearchedChat[], query: SearchQuery) {
    if (chats.length === 0 || query.limit <= 0) return []
    const known = numbers.all(JSON.stringify(chats.map(({ id }) => id)))
    const above = new Map(chats.map(chat => [chat.id, chat.above]))
    const floors = new Map(known.map(({ no, chat_id }) => [no, above.get(chat_id) ?? 0]))
    const ids = new Map(known.map(({ no, chat_id }) => [no, chat_id]))
    const places = placesOf(searchOf(query, floors), query, floors.size)
    return places.map(({ chat_no, id }) => ({ chat_id: ids.get(chat_no) as string, id }))
  }
}

function termsToWeigh({ prefixes, sender_id, message_type }: SearchQuery): string[] {
  const sender = sender_id === undefined ? [] : [termOfSender(sender_id)]
  return [...prefixes.slice(0, WEIGHED), ...sender, ...termsOfType(message_type)]
}
