// Which message shows which file, in SQLite: written with the message, and kept true when it changes.
import type { FileStore } from '../../files/store'
import type { MessageStore, StoredMessage } from '../../messages/store'
import type { Sql } from './database'
import { fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

const MOST_PLACES = 1_000

/** Keeps which files a message shows now, in place of those it showed before. */
export type KeepAttachments = (message: StoredMessage, before?: StoredMessage) => void

export function openAttachments(
  sql: Sql,
): { keepAttachments: KeepAttachments } & Pick<MessageStore, 'showing'> {
  const add = sql.prepare('INSERT INTO attachments (file_id, chat_id, seq, kind) VALUES (?, ?, ?, ?)')
  const remove = sql.prepare('DELETE FROM attachments WHERE file_id = ? AND chat_id = ? AND seq = ?')
  const newest = sql.prepare<{ seq: number }>(`
    SELECT DISTINCT seq FROM attachments INDEXED BY attachments_gallery
    WHERE chat_id = ? AND kind = ? AND seq < ? AND seq > ? ORDER BY seq DESC LIMIT ?`)
  const message = sql.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE chat_id = ? AND seq = ?`,
    0,
  )

  return {
    keepAttachments({ chat_id, seq, attachments }, before) {
      for (const { id } of before?.attachments ?? []) remove.run(id, chat_id, seq)
      for (const { id, kind } of attachments) add.run(id, chat_id, seq, kind)
    },

    async showing(chatId, kinds, { below, floor, limit }) {
      const seqs = kinds.flatMap(kind => newest.all(chatId, kind, below, floor, limit).map(({ seq }) => seq))
      return [...new Set(seqs)]
        .sort((a, b) => b - a)
        .slice(0, limit)
        .flatMap(seq => message.all(chatId, seq).map(fromRow))
    },
  }
}

export function openShowings(sql: Sql): Pick<FileStore, 'showings' | 'shownAmong'> {
  const places = sql.prepare<{ seq: number }>(
    'SELECT seq FROM attachments WHERE file_id = ? AND chat_id = ? ORDER BY seq DESC LIMIT ?',
  )
  const shown = sql.prepare<{ id: string }>(`
    SELECT value AS id FROM json_each(?)
    WHERE EXISTS (SELECT 1 FROM attachments WHERE file_id = value)`)

  return {
    async showings(id, chatIds) {
      return chatIds.flatMap(chat_id => {
        const seqs = places.all(id, chat_id, MOST_PLACES).map(({ seq }) => seq)
        return seqs.length > 0 ? [{ chat_id, seqs }] : []
      })
    },

    async shownAmong(ids) {
      return shown.all(JSON.stringify(ids)).map(({ id }) => id)
    },
  }
}
