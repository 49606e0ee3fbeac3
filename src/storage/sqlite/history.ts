// Reading messages in SQLite: one by one, and pages of history.
import type { MessageStore } from '../../messages/store'
import { chatsOf, listed, type Sql, type Value } from './database'
import { editsFrom, fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

type History = Pick<
  MessageStore,
  'byId' | 'chatOf' | 'byIds' | 'several' | 'edits' | 'below' | 'above' | 'pins' | 'head'
>

export function openHistory(sql: Sql): History {
  const select = <Args extends Value[]>(rest: string) =>
    sql.prepare<MessageRow, Args>(`SELECT ${MESSAGE_COLUMNS} FROM messages ${rest}`, 0)

  const one = select<[string, string]>('WHERE chat_id = ? AND id = ?')
  // Left to itself, SQLite takes a list for so long that it would rather go through the whole chat.
  const many = select<[string, string]>(
    'INDEXED BY messages_id WHERE chat_id = ? AND id IN (SELECT value FROM json_each(?))',
  )
  const these = sql.prepare<MessageRow, [string]>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages
    WHERE (chat_id, id) IN (SELECT value ->> 'chat_id', value ->> 'id' FROM json_each(?))`,
    chatsOf,
  )
  const newest = select<[string, number, number, number]>(
    'WHERE chat_id = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?',
  )
  const oldest = select<[string, number, number]>('WHERE chat_id = ? AND seq > ? ORDER BY seq LIMIT ?')
  const pinned = select<[string]>(`
    INDEXED BY messages_pinned WHERE chat_id = ? AND pinned_at IS NOT NULL ORDER BY pinned_at DESC, seq DESC`)
  // One look for each of these chats: an index by id alone would cost every send.
  const chat = sql.prepare<{ chat_id: string }, [string, string]>(
    `SELECT chat_id FROM json_each(?) AS mine CROSS JOIN messages ON chat_id = mine.value AND messages.id = ?`,
    listed,
  )
  const former = sql.prepare<{ edits: string | null }, [string, string]>(
    'SELECT edits FROM messages WHERE chat_id = ? AND id = ?',
    0,
  )
  const head = sql.prepare<{ last_seq: number; rev: number }, [string]>(
    'SELECT last_seq, rev FROM chats WHERE id = ?',
    0,
  )

  return {
    async byId(chatId, id) {
      const row = one.get(chatId, id)
      return row && fromRow(row)
    },

    async chatOf(id, chatIds) {
      return chat.get(JSON.stringify(chatIds), id)?.chat_id ?? null
    },

    async byIds(chatId, ids) {
      return many.all(chatId, JSON.stringify(ids)).map(fromRow)
    },

    async several(named) {
      return these.all(JSON.stringify(named)).map(fromRow)
    },

    async edits(chatId, id) {
      return editsFrom(former.get(chatId, id)?.edits)
    },

    async below(chatId, below, floor, limit) {
      return newest.all(chatId, floor, below, limit).map(fromRow).reverse()
    },

    async above(chatId, above, limit) {
      return oldest.all(chatId, above, limit).map(fromRow)
    },

    async pins(chatId) {
      return pinned.all(chatId).map(fromRow)
    },

    async head(chatId) {
      return head.get(chatId) ?? { last_seq: 0, rev: 0 }
    },
  }
}
