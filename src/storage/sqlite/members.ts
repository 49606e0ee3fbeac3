// Members of chats in SQLite: joining, leaving and roles.
import type { ChatStore, MemberRecord, NewMember } from '../../chats/store'
import type { Sql } from './database'
import { memberFrom, type MemberRow } from './rows'
import type { Writer } from './writer'

/** `end` deletes a chat, as part of the step. */
export function openMembers(sql: Sql, writer: Writer, end: (chatId: string) => void) {
  return { ...openJoining(sql, writer), ...openLeaving(sql, writer, end) }
}

function openJoining(sql: Sql, writer: Writer) {
  const head = sql.prepare<{ last_seq: number; members: number }, [string]>(`
    SELECT last_seq, (SELECT count(*) FROM members WHERE chat_id = chats.id) AS members
    FROM chats WHERE id = ?`)
  const isMember = sql.prepare('SELECT 1 FROM members WHERE chat_id = ? AND user_id = ?')
  const join = sql.prepare<MemberRow>(`
    INSERT INTO members (chat_id, user_id, role, read_seq, delivered_seq, joined_at)
    VALUES (?1, ?2, ?3, ?4, ?4, ?5) RETURNING *`)

  function add(chatId: string, members: NewMember[], max: number): MemberRecord[] | 'too_many' | null {
    const chat = head.get(chatId)
    if (!chat) return null
    const newcomers = distinct(members).filter(member => !isMember.get(chatId, member.user_id))
    if (newcomers.length > 0 && chat.members + newcomers.length > max) return 'too_many'
    return newcomers.flatMap(({ user_id, role, joined_at }) =>
      join.all(chatId, user_id, role, chat.last_seq, joined_at).map(row => memberFrom(row, chat.last_seq)),
    )
  }

  const store: Pick<ChatStore, 'addMembers'> = {
    addMembers: (chatId, members, max) => writer.write(() => add(chatId, members, max)),
  }
  return store
}

const distinct = (members: NewMember[]): NewMember[] => [
  ...new Map(members.map(member => [member.user_id, member])).values(),
]

function openLeaving(sql: Sql, writer: Writer, end: (chatId: string) => void) {
  const standing = sql.prepare<{ role: string; others: number; owners: number }, [string, string]>(`
    SELECT role,
      EXISTS (SELECT 1 FROM members WHERE chat_id = ?1 AND user_id <> ?2) AS others,
      EXISTS (SELECT 1 FROM members WHERE chat_id = ?1 AND user_id <> ?2 AND role = 'owner') AS owners
    FROM members WHERE chat_id = ?1 AND user_id = ?2`)
  const remove = sql.prepare('DELETE FROM members WHERE chat_id = ? AND user_id = ?')
  const change = sql.prepare('UPDATE members SET role = ? WHERE chat_id = ? AND user_id = ?')

  function leave(chatId: string, userId: string) {
    const me = standing.get(chatId, userId)
    if (!me) return 'absent'
    if (me.role === 'owner' && me.others && !me.owners) return 'last_owner'
    if (!me.others) {
      end(chatId)
      return 'ended'
    }
    remove.run(chatId, userId)
    return 'removed'
  }

  function setRole(chatId: string, userId: string, role: MemberRecord['role']) {
    const me = standing.get(chatId, userId)
    if (!me) return 'absent'
    if (me.role === 'owner' && role !== 'owner' && !me.owners) return 'last_owner'
    change.run(role, chatId, userId)
    return 'changed'
  }

  const store: Pick<ChatStore, 'removeMember' | 'setRole'> = {
    removeMember: (chatId, userId) => writer.write(() => leave(chatId, userId)),
    setRole: (chatId, userId, role) => writer.write(() => setRole(chatId, userId, role)),
  }
  return store
}
