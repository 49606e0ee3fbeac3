// Messages to be sent later, in SQLite.
import type { ScheduledMessage, ScheduleStore } from '../../messages/mine.store'
import type { Fields, Sql } from './database'
import { given } from './rows'
import type { Writer } from './writer'

type Patch = Parameters<ScheduleStore['update']>[1]

export function openSchedule(sql: Sql, writer: Writer): ScheduleStore {
  const add = sql.prepare<unknown, [Fields<ScheduledMessage>]>(`
    INSERT INTO scheduled (id, user_id, chat_id, client_id, content, reply_to, thread_of, send_at, created_at, failed)
    VALUES ($id, $user_id, $chat_id, $client_id, $content, $reply_to, $thread_of, $send_at, $created_at, $failed)`)
  const count = sql.prepare<{ count: number }>('SELECT count(*) AS count FROM scheduled WHERE user_id = ?')
  const one = sql.prepare<ScheduledMessage>('SELECT * FROM scheduled WHERE id = ?')
  const own = sql.prepare<ScheduledMessage>('SELECT * FROM scheduled WHERE user_id = ? ORDER BY send_at, id')
  const change = sql.prepare<ScheduledMessage>(`
    UPDATE scheduled SET content = ?, reply_to = ?, thread_of = ?, send_at = ?, failed = ? WHERE id = ? RETURNING *`)
  const remove = sql.prepare('DELETE FROM scheduled WHERE id = ?')
  const removeAll = sql.prepare('DELETE FROM scheduled WHERE user_id = ?')
  const removeChat = sql.prepare('DELETE FROM scheduled WHERE user_id = ? AND chat_id = ?')
  const due = sql.prepare<ScheduledMessage>(
    'SELECT * FROM scheduled WHERE send_at <= ? AND failed IS NULL ORDER BY send_at, id LIMIT ?',
  )

  function insert(scheduled: ScheduledMessage, max: number) {
    const first = one.get(scheduled.id)
    if (first) return { scheduled: first, isNew: false }
    if ((count.get(scheduled.user_id)?.count ?? 0) >= max) return null
    add.run(scheduled)
    return { scheduled, isNew: true }
  }

  function update(id: string, patch: Patch): ScheduledMessage | null {
    const old = one.get(id)
    if (!old) return null
    const { content, reply_to, thread_of, send_at, failed } = { ...old, ...given(patch) }
    return change.get(content, reply_to, thread_of, send_at, failed, id)
  }

  function removeOf(userId: string, chatId?: string) {
    if (chatId === undefined) removeAll.run(userId)
    else removeChat.run(userId, chatId)
  }

  return {
    insert: (scheduled, max) => writer.beside(() => insert(scheduled, max)),
    update: (id, patch) => writer.beside(() => update(id, patch)),
    remove: id => writer.beside(() => remove.run(id).changes > 0),
    removeOf: (userId, chatId) => writer.beside(() => removeOf(userId, chatId)),

    async byId(id) {
      return one.get(id)
    },

    async listOf(userId) {
      return own.all(userId)
    },

    async due(now, limit) {
      return due.all(now, limit)
    },
  }
}
