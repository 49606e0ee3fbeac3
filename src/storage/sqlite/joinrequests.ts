// Requests to be let into groups, in SQLite.
import type { JoinRequest, JoinRequestStore } from '../../chats/joining.store'
import type { NewMember } from '../../chats/store'
import type { Sql } from './database'
import { openJoin } from './members'
import type { Orders } from './orders'
import type { Writer } from './writer'

export function openJoinRequests(sql: Sql, writer: Writer, orders: Orders): JoinRequestStore {
  const one = sql.prepare<JoinRequest>(
    'SELECT chat_id, user_id, created_at FROM join_requests WHERE chat_id = ? AND user_id = ?',
  )
  const page = sql.prepare<JoinRequest>(`
    SELECT chat_id, user_id, created_at FROM join_requests INDEXED BY join_requests_list
    WHERE chat_id = ? AND (created_at, user_id) > (?, ?) ORDER BY created_at, user_id LIMIT ?`)
  const own = sql.prepare<JoinRequest>(`
    SELECT chat_id, user_id, created_at FROM join_requests
    WHERE user_id = ? AND chat_id > ? ORDER BY chat_id LIMIT ?`)
  const counted = sql.prepare<{ chat_id: string; count: number }>(`
    SELECT chat_id, count(*) AS count FROM join_requests
    WHERE chat_id IN (SELECT value FROM json_each(?)) GROUP BY chat_id`)
  const remove = sql.prepare('DELETE FROM join_requests WHERE chat_id = ? AND user_id = ?')
  const removeAll = sql.prepare<{ chat_id: string }>(
    'DELETE FROM join_requests WHERE user_id = ? RETURNING chat_id',
  )
  const join = openJoin(sql, orders)

  function approve(chatId: string, person: NewMember, max: number) {
    if (!one.get(chatId, person.user_id)) return 'absent'
    const added = join(chatId, [person], max)
    if (added === 'too_many') return added
    return added?.[0] ?? 'absent'
  }

  return {
    approve: (chatId, person, max) => writer.write(() => approve(chatId, person, max)),
    remove: (chatId, userId) => writer.write(() => remove.run(chatId, userId).changes > 0),
    removeOf: userId => writer.write(() => removeAll.all(userId).map(({ chat_id }) => chat_id)),

    async list(chatId, { after = { created_at: '', id: '' }, limit }) {
      return page.all(chatId, after.created_at, after.id, limit)
    },

    async listOf(userId, { after = '', limit }) {
      return own.all(userId, after, limit)
    },

    async one(chatId, userId) {
      return one.get(chatId, userId)
    },

    async counts(chatIds) {
      return counted.all(JSON.stringify(chatIds))
    },
  }
}
