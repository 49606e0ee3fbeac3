// The ids of a person's chats, in SQLite: sends do not change whose chats these are, so nothing has to be in its place.
import type { Sql, Value } from './database'

export function openMyChatIds(sql: Sql): (userId: Value) => string[] {
  const all = sql.prepareInside<{ chat_id: string }>('SELECT chat_id FROM members WHERE user_id = ?')
  return userId => all.all(userId).map(row => row.chat_id)
}
