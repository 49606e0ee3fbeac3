// Threads in SQLite.
import type { Thread } from '../../messages/model'
import type { MessageStore } from '../../messages/store'
import type { Sql } from './database'
import { fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

export function openThreads(sql: Sql): Pick<MessageStore, 'thread' | 'threadSummary'> {
  const replies = sql.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages INDEXED BY messages_thread
    WHERE chat_id = ? AND thread_of = ? AND seq > ? ORDER BY seq LIMIT ?`,
    0,
  )
  // The index alone answers this; only the last reply is read.
  const summary = sql.prepare<Thread>(
    `SELECT reply_count, last_reply_seq, created_at AS last_reply_at
    FROM (SELECT count(*) AS reply_count, max(seq) AS last_reply_seq FROM messages INDEXED BY messages_thread
      WHERE chat_id = ?1 AND thread_of = ?2 AND deleted_at IS NULL)
    JOIN messages ON chat_id = ?1 AND seq = last_reply_seq`,
    0,
  )

  return {
    async thread(chatId, rootId, above, limit) {
      return replies.all(chatId, rootId, above, limit).map(fromRow)
    },

    async threadSummary(chatId, rootId) {
      return summary.get(chatId, rootId)
    },
  }
}
