// Who is mentioned where, in SQLite: written with the message, and kept true when it changes.
import type { MessageStore, StoredMessage } from '../../messages/store'
import type { Sql } from './database'
import { fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'

/** Stands for all members. */
export const ALL = '*'

/** Sorts after every id. */
const END = '~'

/** Keeps whom a message mentions now, in place of whom it mentioned before. */
export type KeepMentions = (message: StoredMessage, before?: StoredMessage) => void

export function openMentions(sql: Sql): { keep: KeepMentions } & Pick<MessageStore, 'mentionsOf'> {
  const add = sql.prepare(
    'INSERT INTO mentions (chat_id, user_id, message_id, seq, sender_id) VALUES (?, ?, ?, ?, ?)',
  )
  const remove = sql.prepare('DELETE FROM mentions WHERE chat_id = ? AND user_id = ? AND message_id = ?')

  function keep(message: StoredMessage, before?: StoredMessage) {
    const { chat_id, id, seq, sender_id } = message
    for (const name of before ? mentionedBy(before) : []) remove.run(chat_id, name, id)
    for (const name of mentionedBy(message)) add.run(chat_id, name, id, seq, sender_id)
  }

  return { keep, mentionsOf: openList(sql) }
}

/** Each message is found under one name per person: all, or their own. */
function mentionedBy({ mentions, mentions_all, deleted_at, sender_id }: StoredMessage): string[] {
  if (deleted_at !== null) return []
  if (mentions_all) return [ALL]
  return [...new Set(mentions)].filter(userId => userId !== sender_id)
}

function openList(sql: Sql): MessageStore['mentionsOf'] {
  const newest = sql.prepare<{ chat_id: string; message_id: string; seq: number }>(`
    SELECT chat_id, message_id, seq FROM mentions
    WHERE chat_id = ? AND user_id = ? AND message_id < ? AND sender_id <> ? ORDER BY message_id DESC LIMIT ?`)
  const message = sql.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE chat_id = ? AND seq = ?`,
    0,
  )

  return async function mentionsOf(userId, chatIds, { below = END, limit }) {
    const found = [...new Set(chatIds)].flatMap(chatId =>
      [userId, ALL].flatMap(name => newest.all(chatId, name, below, userId, limit)),
    )
    return found
      .sort((a, b) => (a.message_id < b.message_id ? 1 : -1))
      .slice(0, limit)
      .flatMap(({ chat_id, seq }) => message.all(chat_id, seq).map(fromRow))
  }
}
