// What members set for themselves alone, in SQLite, and what of it moved since a number.
import type { ChatStore, HiddenMessage, MemberRecord, MyPatch } from '../../chats/store'
import type { Sql } from './database'
import { openMyChatIds } from './mychats'
import { openPersonal } from './personal'
import { given, memberFrom, type MemberRow } from './rows'
import type { Writer } from './writer'

type PlacedRow = MemberRow & { last_seq: number }

const SELECT = 'SELECT members.*, last_seq FROM members JOIN chats ON chats.id = chat_id'

export function openMine(sql: Sql, writer: Writer): Pick<ChatStore, 'setMine' | 'movedSince'> {
  const one = sql.prepare<PlacedRow>(`${SELECT} WHERE chat_id = ? AND user_id = ?`, 0)
  const set = sql.prepare(
    `UPDATE members SET muted_until = ?, pinned = ?, archived = ?, notify = ?, draft = ?, draft_at = ?, my_no = ?
    WHERE chat_id = ? AND user_id = ?`,
    7,
  )
  // By the index members_of: it costs the number of one's chats.
  const moved = sql.prepare<PlacedRow>(`${SELECT} WHERE user_id = ? AND my_no > ?`, openMyChatIds(sql))
  // What is hidden in a chat left since is told no more.
  const hidden = sql.prepare<HiddenMessage>(`
    SELECT chat_id, message_id, seq FROM hidden INDEXED BY hidden_since
    WHERE user_id = ? AND no > ? AND EXISTS (
      SELECT 1 FROM members WHERE members.chat_id = hidden.chat_id AND members.user_id = hidden.user_id)`)
  const { next, latest } = openPersonal(sql)

  function setMine(chatId: string, userId: string, patch: MyPatch): MemberRecord | null {
    const row = one.get(chatId, userId)
    if (!row) return null
    const changes = given(patch)
    const old = recordFrom(row)
    if (Object.keys(changes).length === 0) return old
    const my = { ...old, ...changes, my_no: next(userId) }
    const { muted_until, pinned, archived, notify, draft, draft_at, my_no } = my
    set.run(muted_until, Number(pinned), Number(archived), notify, draft, draft_at, my_no, chatId, userId)
    return my
  }

  return {
    setMine: (chatId, userId, patch) => writer.write(() => setMine(chatId, userId, patch), chatId),

    async movedSince(userId, no) {
      return {
        no: latest(userId),
        members: moved.all(userId, no).map(recordFrom),
        hidden: hidden.all(userId, no),
      }
    },
  }
}

const recordFrom = ({ last_seq, ...row }: PlacedRow): MemberRecord => memberFrom(row, last_seq)
