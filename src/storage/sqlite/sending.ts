// The hot path of sending, in SQLite.
import type { MessageStore, NewMessage, StoredMessage } from '../../messages/store'
import type { Sql } from './database'
import type { Heads } from './heads'
import type { KeepAttachments } from './attachments'
import type { KeepMentions } from './mentions'
import { placed } from '../placed'
import { extraOf, fromRow, MESSAGE_COLUMNS, type MessageRow } from './messagerows'
import type { Writer } from './writer'

/** What is kept beside a message, in the same step. */
export interface Kept {
  keepMentions: KeepMentions
  keepAttachments: KeepAttachments
}

export function openSending(
  sql: Sql,
  writer: Writer,
  heads: Heads,
  { keepMentions, keepAttachments }: Kept,
): Pick<MessageStore, 'append' | 'sent'> {
  const insert = sql.prepare(`
    INSERT INTO messages (chat_id, seq, rev, id, client_id, sender_id, receiver_id, content, message_type, reply_to,
      thread_of, extra, created_at, updated_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
    ON CONFLICT (chat_id, sender_id, client_id) DO NOTHING`)
  // By the index messages_client.
  const first = sql.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE chat_id = ? AND sender_id = ? AND client_id = ?`,
  )

  function append(sent: NewMessage) {
    const chat = heads.of(sent.chat_id)
    if (!chat) return null
    const message = placed(sent, chat.last_seq + 1, chat.rev + 1)
    if (!isStored(message)) return { message: firstLike(message), isNew: false }
    if (mentions(message)) keepMentions(message)
    if (shows(message)) keepAttachments(message)
    heads.advance(chat, message.sender_id, message.created_at)
    return { message, isNew: true }
  }

  function isStored(message: StoredMessage): boolean {
    const { changes } = insert.run(
      message.chat_id,
      message.seq,
      message.rev,
      message.id,
      message.client_id,
      message.sender_id,
      message.receiver_id,
      message.content,
      message.message_type,
      message.reply_to,
      message.thread_of,
      extraOf(message),
      message.created_at,
    )
    return changes > 0
  }

  function firstLike({ chat_id, sender_id, client_id }: StoredMessage): StoredMessage {
    const row = first.get(chat_id, sender_id, client_id)
    if (!row) throw new Error('A message was refused as a repetition of none.')
    return fromRow(row)
  }

  return {
    append: message =>
      mentions(message) || shows(message)
        ? writer.change(() => append(message))
        : writer.append(() => append(message)),

    async sent(chatId, senderId, clientId) {
      const row = first.get(chatId, senderId, clientId)
      return row && fromRow(row)
    },
  }
}

const mentions = (message: NewMessage) => message.mentions_all || (message.mentions?.length ?? 0) > 0
const shows = ({ attachments }: NewMessage) => attachments !== undefined && attachments.length > 0
