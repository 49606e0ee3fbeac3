// Members of chats in SQLite: joining, leaving and roles.
import type { ChatStore, MemberRecord, NewMember } from '../../chats/store'
import { nowIso } from '../../lib/schema'
import type { Sql } from './database'
import type { Orders } from './orders'
import { memberFrom, type MemberRow } from './rows'
import type { Writer } from './writer'

/** `end` deletes a chat, as part of the step. */
export function openMembers(sql: Sql, writer: Writer, orders: Orders, end: (chatId: string) => void) {
  return { ...openJoining(sql, writer, orders), ...openLeaving(sql, writer, orders, end) }
}

export type Join = (chatId: string, members: NewMember[], max: number) => MemberRecord[] | 'too_many' | null

function openJoining(sql: Sql, writer: Writer, orders: Orders): Pick<ChatStore, 'addMembers'> {
  const add = openJoin(sql, orders)
  return { addMembers: (chatId, members, max) => writer.write(() => add(chatId, members, max)) }
}

/** Joining, as part of a step. */
export function openJoin(sql: Sql, orders: Orders): Join {
  const head = sql.prepare<{ last_seq: number; member_count: number; floor: number }>(`
    SELECT last_seq, member_count, iif(history_for_newcomers = 'joined', last_seq, 0) AS floor
    FROM chats WHERE id = ?`)
  const isMember = sql.prepare('SELECT 1 FROM members WHERE chat_id = ? AND user_id = ?')
  const join = sql.prepare<MemberRow>(`
    INSERT INTO members (chat_id, user_id, role, read_seq, delivered_seq, cleared_seq, joined_at)
    VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6) RETURNING *`)
  const count = sql.prepare(
    'UPDATE chats SET member_count = member_count + ?, updated_at = max(updated_at, ?) WHERE id = ?',
  )
  const dropRequest = sql.prepare('DELETE FROM join_requests WHERE chat_id = ? AND user_id = ?')

  return function add(chatId, members, max) {
    const chat = head.get(chatId)
    if (!chat) return null
    const { last_seq, member_count, floor } = chat
    const newcomers = distinct(members).filter(member => !isMember.get(chatId, member.user_id))
    if (newcomers.length === 0) return []
    if (member_count + newcomers.length > max) return 'too_many'
    count.run(newcomers.length, nowIso(), chatId)
    return newcomers.flatMap(({ user_id, role, joined_at }) => {
      dropRequest.run(chatId, user_id)
      orders.changed(user_id)
      const rows = join.all(chatId, user_id, role, last_seq, floor, joined_at)
      return rows.map(row => memberFrom(row, last_seq))
    })
  }
}

const distinct = (members: NewMember[]): NewMember[] => [
  ...new Map(members.map(member => [member.user_id, member])).values(),
]

function openLeaving(sql: Sql, writer: Writer, orders: Orders, end: (chatId: string) => void) {
  const standing = sql.prepare<{ role: string; others: number; owners: number }, [string, string]>(`
    SELECT role,
      EXISTS (SELECT 1 FROM members WHERE chat_id = ?1 AND user_id <> ?2) AS others,
      EXISTS (SELECT 1 FROM members INDEXED BY members_owners
        WHERE chat_id = ?1 AND user_id <> ?2 AND role = 'owner') AS owners
    FROM members WHERE chat_id = ?1 AND user_id = ?2`)
  const remove = sql.prepare('DELETE FROM members WHERE chat_id = ? AND user_id = ?')
  const uncount = sql.prepare('UPDATE chats SET member_count = member_count - 1 WHERE id = ?')
  const touch = sql.prepare('UPDATE chats SET updated_at = max(updated_at, ?) WHERE id = ?')
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
    orders.changed(userId)
    uncount.run(chatId)
    touch.run(nowIso(), chatId)
    return 'removed'
  }

  function setRole(chatId: string, userId: string, role: MemberRecord['role']) {
    const me = standing.get(chatId, userId)
    if (!me) return 'absent'
    if (me.role === 'owner' && role !== 'owner' && !me.owners) return 'last_owner'
    change.run(role, chatId, userId)
    touch.run(nowIso(), chatId)
    return 'changed'
  }

  function handOver(chatId: string, owner: string, heir: string) {
    if (!standing.get(chatId, heir)) return 'absent'
    if (standing.get(chatId, owner)?.role !== 'owner') return 'not_owner'
    change.run('owner', chatId, heir)
    change.run('admin', chatId, owner)
    touch.run(nowIso(), chatId)
    return 'changed'
  }

  const store: Pick<ChatStore, 'removeMember' | 'setRole' | 'handOver'> = {
    removeMember: (chatId, userId) => writer.write(() => leave(chatId, userId)),
    setRole: (chatId, userId, role) => writer.write(() => setRole(chatId, userId, role)),
    handOver: (chatId, owner, heir) => writer.write(() => handOver(chatId, owner, heir)),
  }
  return store
}
