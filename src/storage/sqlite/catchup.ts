// What changed in a chat since a rev, in SQLite.
import type { MessageStore, StoredMessage } from '../../messages/store'
import type { Sql } from './database'
import type { Look } from './looking'
import { fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

export function openCatchUp(sql: Sql, look: Look): Pick<MessageStore, 'changes'> {
  // By the index messages_rev: what was changed, or sent after the first change of the chat.
  const moved = sql.prepareInside<MessageRow>(`
    SELECT ${MESSAGE_COLUMNS} FROM messages INDEXED BY messages_rev
    WHERE chat_id = ? AND rev > ? AND rev <> seq ORDER BY rev LIMIT ?`)
  // By the place, which is the rev of these.
  const unmoved = sql.prepareInside<MessageRow>(`
    SELECT ${MESSAGE_COLUMNS} FROM messages
    WHERE chat_id = ? AND seq > ? AND seq < ? AND rev = seq ORDER BY seq LIMIT ?`)

  function changes(chatId: string, since: number, limit: number): StoredMessage[] {
    const later = moved.all(chatId, since, limit)
    // Whatever kept its first rev stands before the first change of the chat, and so before all that moved.
    const end = later[0]?.rev ?? Number.MAX_SAFE_INTEGER
    return [...unmoved.all(chatId, since, end, limit), ...later].slice(0, limit).map(fromRow)
  }

  return {
    async changes(chatId, since, limit) {
      // Of this chat alone: those who follow what is sent ask often.
      return look(
        () => changes(chatId, since, limit),
        () => [chatId],
      )
    },
  }
}
