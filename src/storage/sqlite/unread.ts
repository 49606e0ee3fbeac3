// Exact counts of what a member has not read, in SQLite.
import type { ChatRecord, ListedChat, MemberRecord } from '../../chats/store'
import type { Sql } from './database'
import { ALL } from './mentions'

type Unread = Pick<ListedChat, 'unread_count' | 'unread_mentions'>

interface Count {
  count: number
}

/** All messages after the place read up to, which have no gap, without my own, deleted and hidden ones. */
export function openUnread(sql: Sql) {
  const deleted = sql.prepare<Count>(
    `SELECT count(*) AS count FROM messages INDEXED BY messages_deleted
    WHERE chat_id = ?1 AND sender_id <> ?2 AND seq > ?3 AND deleted_at IS NOT NULL`,
    0,
  )
  const hidden = sql.prepare<Count>(`
    SELECT count(*) AS count FROM hidden WHERE chat_id = ?1 AND user_id = ?2 AND seq > ?3`)
  // CROSS JOIN keeps the order: the few hidden ones first.
  const hiddenOfOthers = sql.prepare<Count>(
    `SELECT count(*) AS count FROM hidden
    CROSS JOIN messages ON messages.chat_id = hidden.chat_id AND messages.seq = hidden.seq
    WHERE hidden.chat_id = ?1 AND hidden.user_id = ?2 AND hidden.seq > ?3
      AND messages.sender_id <> ?2 AND messages.deleted_at IS NULL`,
    0,
  )
  const mentions = sql.prepare<Count>(`
    SELECT count(*) AS count FROM mentions INDEXED BY mentions_after
    WHERE chat_id = ?1 AND user_id = ?4 AND seq > ?3 AND sender_id <> ?2 AND NOT EXISTS (
      SELECT 1 FROM hidden WHERE hidden.chat_id = ?1 AND hidden.user_id = ?2 AND hidden.seq = mentions.seq)`)

  return function unread({ id, last_seq }: ChatRecord, my: MemberRecord, ownAfter: number): Unread {
    const place = Math.max(my.read_seq, my.cleared_seq)
    if (place >= last_seq) return { unread_count: 0, unread_mentions: 0 }
    const count = (statement: typeof deleted, ...name: string[]) =>
      statement.get(id, my.user_id, place, ...name)?.count ?? 0
    // The join is dear, and mostly nothing is hidden.
    const gone = count(deleted) + (count(hidden) > 0 ? count(hiddenOfOthers) : 0)
    return {
      unread_count: last_seq - place - ownAfter - gone,
      unread_mentions: count(mentions, my.user_id) + count(mentions, ALL),
    }
  }
}
