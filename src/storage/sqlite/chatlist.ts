// A person's chat list in SQLite, with last messages and exact unread counts.
import type { LastMessage } from '../../chats/model'
import type { ChatRecord, ChatStore, ListedChat, MemberRecord, Standing } from '../../chats/store'
import { previewOf } from '../../messages/attachment.model'
import type { Sql } from './database'
import { attachmentsIn } from './messagerows'
import { openMyChatIds } from './mychats'
import { CHAT_COLUMNS, memberFrom, type MemberRow } from './rows'
import { openUnread } from './unread'

/** Sorts before every place of the list. */
const START = { activity_at: '\u{10FFFF}', id: '' }

type ChatList = Pick<ChatStore, 'listed' | 'list' | 'standingsOf' | 'chatIdsOf' | 'sharersOf'>

export function openChatList(sql: Sql): ChatList {
  const idsOf = openMyChatIds(sql)
  // By the index members_of, then sorted: it costs the number of one's chats. A filter that is null keeps all.
  const page = sql.prepare<{ id: string }>(
    `SELECT chats.id FROM members JOIN chats ON chats.id = members.chat_id
    WHERE members.user_id = ?1 AND NOT (members.hidden AND chats.last_seq <= members.cleared_seq)
      AND (chats.activity_at, chats.id) < (?2, ?3)
      AND members.archived = ifnull(?4, members.archived) AND members.pinned = ifnull(?5, members.pinned)
    ORDER BY chats.activity_at DESC, chats.id DESC LIMIT ?6`,
    idsOf,
  )
  const standings = sql.prepare<Omit<Standing, 'hidden'> & { hidden: number }>(
    `SELECT chats.id, chats.last_seq, chats.rev, chats.updated_at, members.role, members.cleared_seq,
      members.hidden AND last_seq <= cleared_seq AS hidden
    FROM members JOIN chats ON chats.id = members.chat_id WHERE members.user_id = ?`,
    idsOf,
  )
  // By the primary key, once for each chat and person asked about.
  const sharers = sql.prepare<{ id: string }>(`
    SELECT value AS id FROM json_each(?2) AS other WHERE EXISTS (
      SELECT 1 FROM members AS mine JOIN members AS theirs
        ON theirs.chat_id = mine.chat_id AND theirs.user_id = other.value
      WHERE mine.user_id = ?1)`)
  const chat = sql.prepare<ChatRecord>(`SELECT ${CHAT_COLUMNS} FROM chats WHERE id = ?`, 0)
  const member = sql.prepare<MemberRow>('SELECT * FROM members WHERE chat_id = ? AND user_id = ?', 0)
  const message = sql.prepare<LastMessage & { extra: string | null }>(
    `SELECT id, seq, sender_id, substr(content, 1, 200) AS content, message_type, created_at, deleted_at,
      iif(content = '', extra, NULL) AS extra
    FROM messages WHERE chat_id = ? AND seq = ?`,
    0,
  )
  const isHidden = sql.prepare('SELECT 1 FROM hidden WHERE chat_id = ? AND user_id = ? AND seq = ?')
  const unread = openUnread(sql)

  function listed(userId: string, chatId: string): ListedChat | null {
    const found = chat.get(chatId)
    const row = member.get(chatId, userId)
    if (!found || !row) return null
    const my = memberFrom(row, found.last_seq)
    return {
      chat: found,
      my,
      last_message: lastMessage(found, my),
      ...unread(found, my, row.own_after),
    }
  }

  /** Places have no gap, so the newest message is found by counting down, mostly at once. */
  function lastMessage({ id, last_seq }: ChatRecord, { user_id, cleared_seq }: MemberRecord) {
    let seq = last_seq
    while (seq > cleared_seq && isHidden.get(id, user_id, seq)) seq--
    const row = seq > cleared_seq ? message.get(id, seq) : null
    if (!row) return null
    const { extra, ...last } = row
    return { ...last, content: previewOf(last.content, attachmentsIn(extra)) }
  }

  return {
    async listed(userId, chatId) {
      return listed(userId, chatId)
    },

    async list(userId, { after = START, limit, archived, pinned }) {
      return page
        .all(userId, after.activity_at, after.id, filterOf(archived), filterOf(pinned), limit)
        .flatMap(({ id }) => listed(userId, id) ?? [])
    },

    async standingsOf(userId) {
      return standings.all(userId).map(row => ({ ...row, hidden: row.hidden === 1 }))
    },

    async chatIdsOf(userId) {
      return idsOf(userId)
    },

    async sharersOf(userId, others) {
      return sharers.all(userId, JSON.stringify(others)).map(({ id }) => id)
    },
  }
}

const filterOf = (wanted: boolean | undefined) => (wanted === undefined ? null : Number(wanted))
