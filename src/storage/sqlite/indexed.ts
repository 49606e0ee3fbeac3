// Which chats the search index has, kept in memory: under which number, and up to which message. And which of them may
// be behind, so that a search in a thousand chats need not ask about each.
import { recent } from '../../lib/recent'
import type { Sql } from './database'

export interface IndexedChat {
  id: string
  no: number
  /** No message of it has a greater id; empty: it has none. */
  newest: string
}

/** Chats kept in memory; those not searched for longest make room. */
const MAX_KEPT = 50_000

export type Indexed = ReturnType<typeof openIndexed>

export function openIndexed(sql: Sql) {
  const read = sql.prepareInside<IndexedChat>(`
    SELECT chat_id AS id, no, ifnull((
      SELECT lower(hex(max(search_messages.id))) FROM search_messages WHERE chat_no = no), '') AS newest
    FROM json_each(?) CROSS JOIN search_chats ON chat_id = value CROSS JOIN chats ON chats.id = chat_id`)
  const kept = recent<IndexedChat>(MAX_KEPT)
  /** All chats that may be behind; null: that is not known, as before all were looked at. */
  let moved: Set<string> | null = null
  /** Those that moved before. */
  let meanwhile: Set<string> | null = new Set()

  return {
    /** Those of these chats of which the index has something, the one with the newest message first. */
    of(ids: string[]): IndexedChat[] {
      const found: IndexedChat[] = []
      const missing: string[] = []
      for (const id of new Set(ids)) {
        const chat = kept.get(id)
        if (chat) found.push(chat)
        else missing.push(id)
      }
      const loaded = missing.length > 0 ? read.all(JSON.stringify(missing)) : []
      for (const chat of loaded) kept.set(chat.id, chat)
      return [...found, ...loaded].sort((a, b) => (a.newest < b.newest ? 1 : -1))
    },

    /** These messages are put into the index: part of the step that does it, so that nobody looks between. */
    grows(chatId: string, messages: { id: string }[]) {
      const chat = kept.peek(chatId)
      if (!chat) return
      for (const { id } of messages) if (id > chat.newest) chat.newest = id
    },

    /** The chat is gone; its number may be given to another one. */
    forget(chatId: string) {
      kept.delete(chatId)
    },

    /** A message of this chat was sent or changed. */
    moved(chatId: string) {
      const chats = moved ?? meanwhile
      chats?.add(chatId)
      if (chats && chats.size > MAX_KEPT) moved = meanwhile = null
    },

    /** All chats have been looked at, and these were behind. */
    startsWith(behind: string[]) {
      if (meanwhile) moved = new Set([...behind, ...meanwhile])
      meanwhile = null
    },

    /** Those of these chats that may be behind. */
    mayBeBehind: (ids: string[]): string[] => ids.filter(id => moved?.has(id) ?? true),

    /** The index has all that this chat had when it was looked at, without a wait since. */
    isLevel(chatId: string) {
      moved?.delete(chatId)
    },
  }
}
