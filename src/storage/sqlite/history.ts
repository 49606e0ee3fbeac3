// Reading messages in SQLite: one by one, and pages of history.
import type { MessageStore } from '../../messages/store'
import type { Sql, Value } from './database'
import { editsFrom, fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

type History = Pick<
  MessageStore,
  'byId' | 'chatOf' | 'byIds' | 'withIds' | 'edits' | 'below' | 'above' | 'pins' | 'head'
>

export function openHistory(sql: Sql): History {
  const select = <Args extends Value[]>(rest: string) =>
    sql.prepare<MessageRow, Args>(`SELECT ${MESSAGE_COLUMNS} FROM messages ${rest}`)

  const one = select<[string, string]>('WHERE id = ? AND chat_id = ?')
  // The plus keeps SQLite from walking through the whole chat.
  const many = select<[string, string]>('WHERE id IN (SELECT value FROM json_each(?)) AND +chat_id = ?')
  const these = select<[string]>('WHERE id IN (SELECT value FROM json_each(?))')
  const newest = select<[string, number, number, number]>(
    'WHERE chat_id = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?',
  )
  const oldest = select<[string, number, number]>('WHERE chat_id = ? AND seq > ? ORDER BY seq LIMIT ?')
  const pinned = select<[string]>(`
    INDEXED BY messages_pinned WHERE chat_id = ? AND pinned_at IS NOT NULL ORDER BY pinned_at DESC, seq DESC`)
  const chat = sql.prepare<{ chat_id: string }, [string]>('SELECT chat_id FROM messages WHERE id = ?')
  const former = sql.prepare<{ edits: string | null }, [string, string]>(
    'SELECT edits FROM messages WHERE id = ? AND chat_id = ?',
  )
  const head = sql.prepare<{ last_seq: number; rev: number }, [string]>(
    'SELECT last_seq, rev FROM chats WHERE id = ?',
  )

  return {
    async byId(chatId, id) {
      const row = one.get(id, chatId)
      return row && fromRow(row)
    },

    async chatOf(id) {
      return chat.get(id)?.chat_id ?? null
    },

    async byIds(chatId, ids) {
      return many.all(JSON.stringify(ids), chatId).map(fromRow)
    },

    async withIds(ids) {
      return these.all(JSON.stringify(ids)).map(fromRow)
    },

    async edits(chatId, id) {
      return editsFrom(former.get(id, chatId)?.edits)
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
