// Messages that people keep for themselves, in SQLite.
import type { SavedMessage, SavedStore } from '../../messages/mine.store'
import type { Fields, Sql } from './database'
import type { Writer } from './writer'

/** Sorts before every place of the list. */
const START = { saved_at: '\u{10FFFF}', message_id: '' }

export function openSaved(sql: Sql, writer: Writer): SavedStore {
  const save = sql.prepare<unknown, [Fields<SavedMessage>]>(`
    INSERT INTO saved (user_id, message_id, chat_id, saved_at) VALUES ($user_id, $message_id, $chat_id, $saved_at)
    ON CONFLICT DO NOTHING`)
  const unsave = sql.prepare('DELETE FROM saved WHERE user_id = ? AND message_id = ?')
  const removeAll = sql.prepare('DELETE FROM saved WHERE user_id = ?')
  const page = sql.prepare<SavedMessage>(`
    SELECT * FROM saved WHERE user_id = ? AND (saved_at, message_id) < (?, ?)
    ORDER BY saved_at DESC, message_id DESC LIMIT ?`)

  return {
    save: saved => writer.beside(() => void save.run(saved)),
    unsave: (userId, messageId) => writer.beside(() => unsave.run(userId, messageId).changes > 0),

    removeOf: userId => writer.beside(() => void removeAll.run(userId)),

    async list(userId, { after = START, limit }) {
      return page.all(userId, after.saved_at, after.message_id, limit)
    },
  }
}
