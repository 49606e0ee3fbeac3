// Chats as one member's list shows them, in SQLite: all of a page in one statement.
import type { LastMessage } from '../../chats/model'
import type { ChatRecord, ListedChat } from '../../chats/store'
import { previewOf } from '../../messages/attachment.model'
import type { Sql, Value } from './database'
import { attachmentsIn } from './messagerows'
import { CHAT_COLUMNS, MEMBER_COLUMNS, memberFrom, type MemberRow } from './rows'
import { LAST_IS_HIDDEN, UNREAD_COUNT, UNREAD_MENTIONS } from './unread'

type LastRow = LastMessage & { extra: string | null }

/** The newest message is there under names of its own; nulls where the member sees none of this chat. */
interface ListedRow extends ChatRecord, MemberRow, Pick<ListedChat, 'unread_count' | 'unread_mentions'> {
  last_id: string | null
  sender_id: string
  content: string
  message_type: LastMessage['message_type']
  sent_at: string
  deleted_at: string | null
  extra: string | null
  is_hidden: number
}

/**
 * `page` selects the ids of chats in order, at most some; its first parameter is the member. `among`: the chats that it
 * looks at.
 */
export function openListing(sql: Sql, page: string, among: (...given: Value[]) => string[]) {
  const rows = sql.prepare<ListedRow>(
    `WITH page (chat) AS MATERIALIZED (${page})
    SELECT ${columnsOf('chats', CHAT_COLUMNS)}, ${columnsOf('members', MEMBER_COLUMNS)},
      messages.id AS last_id, sender_id, substr(content, 1, 200) AS content, message_type,
      messages.created_at AS sent_at, deleted_at, iif(content = '', extra, NULL) AS extra,
      ${LAST_IS_HIDDEN} AS is_hidden,
      ${UNREAD_COUNT} AS unread_count,
      ${UNREAD_MENTIONS} AS unread_mentions
    FROM page CROSS JOIN chats ON chats.id = chat
    CROSS JOIN members ON members.chat_id = chat AND members.user_id = ?1
    LEFT JOIN messages ON messages.chat_id = chat AND messages.seq = last_seq AND messages.seq > cleared_seq`,
    among,
  )
  const message = sql.prepare<LastRow>(
    `SELECT id, seq, sender_id, substr(content, 1, 200) AS content, message_type, created_at, deleted_at,
      iif(content = '', extra, NULL) AS extra
    FROM messages WHERE chat_id = ? AND seq = ?`,
    0,
  )
  const isHidden = sql.prepare('SELECT 1 FROM hidden WHERE chat_id = ? AND user_id = ? AND seq = ?')

  function listedFrom(row: ListedRow): ListedChat {
    const chat = chatFrom(row)
    const my = memberFrom(row, chat.last_seq)
    const { unread_count, unread_mentions } = row
    return { chat, my, last_message: lastMessage(row), unread_count, unread_mentions }
  }

  function lastMessage(row: ListedRow): LastMessage | null {
    if (row.last_id === null) return null
    const last = row.is_hidden ? lastShown(row) : lastFrom(row, row.last_id)
    if (!last) return null
    const { extra, ...shown } = last
    return { ...shown, content: previewOf(last.content, attachmentsIn(extra)) }
  }

  /** Places have no gap, so the newest message that is not hidden is found by counting down. */
  function lastShown({ id, user_id, last_seq, cleared_seq }: ListedRow): LastRow | null {
    let seq = last_seq
    while (seq > cleared_seq && isHidden.get(id, user_id, seq)) seq--
    return seq > cleared_seq ? message.get(id, seq) : null
  }

  return (...given: Value[]): ListedChat[] => rows.all(...given).map(listedFrom)
}

const columnsOf = (table: string, columns: string) =>
  columns
    .split(',')
    .map(column => `${table}.${column.trim()}`)
    .join(', ')

// Written out because every list goes through here: taking apart and spreading costs more.
const chatFrom = (row: ListedRow): ChatRecord => ({
  id: row.id,
  chat_type: row.chat_type,
  group_name: row.group_name,
  group_avatar: row.group_avatar,
  created_by: row.created_by,
  last_seq: row.last_seq,
  rev: row.rev,
  activity_at: row.activity_at,
  retention_seconds: row.retention_seconds,
  expired_seq: row.expired_seq,
  who_may_write: row.who_may_write,
  history_for_newcomers: row.history_for_newcomers,
  created_at: row.created_at,
  updated_at: row.updated_at,
})

const lastFrom = (row: ListedRow, id: string): LastRow => ({
  id,
  seq: row.last_seq,
  sender_id: row.sender_id,
  content: row.content,
  message_type: row.message_type,
  created_at: row.sent_at,
  deleted_at: row.deleted_at,
  extra: row.extra,
})
