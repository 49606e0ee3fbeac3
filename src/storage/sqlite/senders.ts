// What one person has sent, chat by chat, in SQLite.
import type { MessageStore } from '../../messages/store'
import type { Sql } from './database'
import { fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

export function openSenders(sql: Sql): Pick<MessageStore, 'chatsOfSender' | 'ofSender'> {
  // No index is by sender alone, which every send would pay for: one look into messages_client for each chat.
  const chats = sql.prepare<{ id: string; wrote: number }>(`
    SELECT id, EXISTS (
      SELECT 1 FROM messages INDEXED BY messages_client WHERE chat_id = chats.id AND sender_id = ?1) AS wrote
    FROM chats WHERE id > ?2 ORDER BY id LIMIT ?3`)
  const page = sql.prepare<MessageRow>(`
    SELECT ${MESSAGE_COLUMNS} FROM messages INDEXED BY messages_client
    WHERE chat_id = ? AND sender_id = ? AND client_id > ? ORDER BY client_id LIMIT ?`)

  return {
    async chatsOfSender(userId, { after, limit }) {
      const rows = chats.all(userId, after, limit)
      const chat_ids = rows.filter(({ wrote }) => wrote).map(({ id }) => id)
      return { chat_ids, last: rows.at(-1)?.id ?? null }
    },

    async ofSender(chatId, userId, { after, limit }) {
      return page.all(chatId, userId, after, limit).map(fromRow)
    },
  }
}
