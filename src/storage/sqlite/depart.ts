// What a person who leaves had alone in their chats, in SQLite.
import type { ChatStore } from '../../chats/store'
import type { Sql } from './database'
import type { Writer } from './writer'

export function openDepart(sql: Sql, writer: Writer): Pick<ChatStore, 'depart'> {
  const empty = sql.prepare<{ chat_id: string }>(`
    UPDATE members SET left_at = ifnull(left_at, ?1), muted_until = NULL, pinned = 0, archived = 0, notify = 'all',
      draft = NULL, draft_at = NULL, hidden = 0, cleared_seq = 0, own_after = 0, my_no = 0
    WHERE user_id = ?2 RETURNING chat_id`)
  const removeHidden = sql.prepare('DELETE FROM hidden WHERE user_id = ?')
  const removeNumber = sql.prepare('DELETE FROM personal WHERE user_id = ?')

  function depart(userId: string, at: string): string[] {
    removeHidden.run(userId)
    removeNumber.run(userId)
    return empty.all(at, userId).map(({ chat_id }) => chat_id)
  }

  return {
    depart: (userId, at) => writer.write(() => depart(userId, at)),
  }
}
