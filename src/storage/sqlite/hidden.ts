// Messages that members have deleted for themselves, in SQLite.
import type { ChatStore, HiddenMessage } from '../../chats/store'
import { chatsOf, type Sql } from './database'
import { openPersonal } from './personal'
import type { Writer } from './writer'

export function openHidden(
  sql: Sql,
  writer: Writer,
): Pick<ChatStore, 'hideMessage' | 'hiddenSeqs' | 'hiddenBy' | 'hiddenAmong'> {
  const isMember = sql.prepare('SELECT 1 FROM members WHERE chat_id = ? AND user_id = ?', 0)
  const isHidden = sql.prepare('SELECT 1 FROM hidden WHERE chat_id = ? AND user_id = ? AND seq = ?')
  const hide = sql.prepare(
    'INSERT INTO hidden (chat_id, user_id, seq, message_id, no) VALUES (?, ?, ?, ?, ?)',
  )
  const range = sql.prepare<{ seq: number }>(`
    SELECT seq FROM hidden WHERE chat_id = ? AND user_id = ? AND seq BETWEEN ? AND ? ORDER BY seq`)
  const by = sql.prepare<{ seq: number; user_id: string }>(`
    SELECT seq, user_id FROM hidden INDEXED BY hidden_by
    WHERE chat_id = ? AND seq IN (SELECT value FROM json_each(?))`)
  // Most people have hidden nothing: then no message is looked up.
  const among = sql.prepare<{ id: string }>(
    `SELECT messages.id FROM json_each(iif(EXISTS (SELECT 1 FROM hidden WHERE user_id = ?1), ?2, '[]')) AS given
    CROSS JOIN messages ON messages.chat_id = given.value ->> 'chat_id' AND messages.id = given.value ->> 'id'
    CROSS JOIN hidden ON hidden.chat_id = messages.chat_id AND user_id = ?1 AND hidden.seq = messages.seq`,
    (_, messages) => chatsOf(messages),
  )
  const { next } = openPersonal(sql)

  function hideMessage(userId: string, { chat_id, message_id, seq }: HiddenMessage): boolean {
    if (!isMember.get(chat_id, userId)) return false
    if (!isHidden.get(chat_id, userId, seq)) hide.run(chat_id, userId, seq, message_id, next(userId))
    return true
  }

  return {
    hideMessage: (userId, message) => writer.write(() => hideMessage(userId, message), message.chat_id),

    async hiddenBy(chatId, seqs) {
      return by.all(chatId, JSON.stringify(seqs))
    },

    async hiddenAmong(userId, messages) {
      return among.all(userId, JSON.stringify(messages)).map(({ id }) => id)
    },

    async hiddenSeqs(chatId, userId, from, to) {
      return range.all(chatId, userId, from, to).map(row => row.seq)
    },
  }
}
