// The hot path of sending, in SQLite.
import type { MessageStore, NewMessage, StoredMessage } from '../../messages/store'
import type { Sql } from './database'
import type { Head, Heads } from './heads'
import type { KeepAttachments } from './attachments'
import type { KeepMentions } from './mentions'
import { placed } from '../placed'
import { storageFailed } from './failure'
import type { Journal } from './journal'
import { fromRow, MESSAGE_COLUMNS, openInsert, type MessageRow } from './messagerows'
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
  journal: Journal,
  { keepMentions, keepAttachments }: Kept,
): Pick<MessageStore, 'append' | 'sent'> {
  // By the index messages_client.
  const first = sql.prepare<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE chat_id = ? AND sender_id = ? AND client_id = ?`,
    0,
  )
  // By that index alone: mostly there is none.
  const isThere = sql.prepareInside(
    'SELECT 1 FROM messages WHERE chat_id = ? AND sender_id = ? AND client_id = ?',
  )
  const again = sql.prepareInside<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS} FROM messages WHERE chat_id = ? AND sender_id = ? AND client_id = ?`,
  )
  // By the index messages_id.
  const inPlace = sql.prepareInside('SELECT 1 FROM messages WHERE chat_id = ? AND id = ?')
  const insert = openInsert(sql)

  function append(sent: NewMessage) {
    const chat = heads.of(sent.chat_id)
    if (!chat) return null
    const before = sentBefore(sent, chat)
    if (before) return { message: before, isNew: false }
    const message = isPlain(sent)
      ? journal.take(sent, chat.last_seq + 1, chat.rev + 1)
      : withParts(placed(sent, chat.last_seq + 1, chat.rev + 1))
    heads.advance(chat, message)
    return { message, isNew: true }
  }

  /** What takes part in the journal must find its place free later on, so both names are looked up now. */
  function sentBefore(sent: NewMessage, { last_id }: Head): StoredMessage | null {
    const { chat_id, sender_id, client_id, id } = sent
    const waiting = journal.like(sent)
    if (waiting) return waiting
    if (isThere.get(chat_id, sender_id, client_id)) {
      const row = again.get(chat_id, sender_id, client_id)
      return row && fromRow(row)
    }
    // Ids grow but for a few that come late: one above all of its chat is free.
    const isTaken = id <= last_id && (journal.hasId(chat_id, id) || inPlace.get(chat_id, id) !== null)
    if (isTaken) throw storageFailed(new Error('A message with this id is there already.'))
    return null
  }

  function withParts(message: StoredMessage): StoredMessage {
    insert(message)
    keepMentions(message)
    keepAttachments(message)
    return message
  }

  return {
    append: message =>
      isPlain(message)
        ? writer.append(() => append(message))
        : writer.change(() => append(message), message.chat_id),

    async sent(chatId, senderId, clientId) {
      const row = first.get(chatId, senderId, clientId)
      return row && fromRow(row)
    },
  }
}

/** Nothing is kept beside it. */
const isPlain = ({ mentions, mentions_all, attachments }: NewMessage) =>
  !mentions_all && !mentions?.length && !attachments?.length
