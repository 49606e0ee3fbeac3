// How messages become rows, and rows messages.
import type { Edit, StoredMessage } from '../../messages/store'
import type { Sql } from './database'

/** The parts that few messages have: together in one column, which is NULL for a plain message. */
const NAMES = [
  'attachments',
  'reactions',
  'forward',
  'mentions',
  'mentions_all',
  'thread',
  'delete_reason',
] as const

type Extra = Pick<StoredMessage, (typeof NAMES)[number]>

export type MessageRow = Omit<StoredMessage, keyof Extra | 'updated_at'> & {
  extra: string | null
  /** Null: never since it was sent. */
  updated_at: string | null
}

/** All but the former texts, which few ask for. */
export const MESSAGE_COLUMNS = `id, chat_id, seq, rev, client_id, sender_id, receiver_id, content, message_type,
  reply_to, thread_of, pinned_at, edited_at, deleted_at, created_at, updated_at, extra`

const nothing: Partial<Extra> = {}

// Written out because every page of history goes through here: spreading costs twice as much.
export const fromRow = (row: MessageRow): StoredMessage => {
  const parts: Partial<Extra> = row.extra === null ? nothing : JSON.parse(row.extra)
  return {
    id: row.id,
    chat_id: row.chat_id,
    seq: row.seq,
    rev: row.rev,
    client_id: row.client_id,
    sender_id: row.sender_id,
    receiver_id: row.receiver_id,
    content: row.content,
    message_type: row.message_type,
    attachments: parts.attachments ?? [],
    reply_to: row.reply_to,
    forward: parts.forward ?? null,
    mentions: parts.mentions ?? [],
    mentions_all: parts.mentions_all ?? false,
    thread_of: row.thread_of,
    thread: parts.thread ?? null,
    reactions: parts.reactions ?? [],
    pinned_at: row.pinned_at,
    edited_at: row.edited_at,
    deleted_at: row.deleted_at,
    delete_reason: parts.delete_reason ?? null,
    created_at: row.created_at,
    updated_at: row.updated_at ?? row.created_at,
  }
}

/** The attachments among the parts that few messages have. */
export const attachmentsIn = (extra: string | null): StoredMessage['attachments'] =>
  extra === null ? [] : ((JSON.parse(extra) as Partial<Extra>).attachments ?? [])

/** Null where there is nothing to keep. */
export function extraOf(message: Extra): string | null {
  if (NAMES.every(name => isEmpty(message[name]))) return null
  const kept = NAMES.filter(name => !isEmpty(message[name]))
  return JSON.stringify(Object.fromEntries(kept.map(name => [name, message[name]])))
}

const isEmpty = (part: Extra[keyof Extra]) => (Array.isArray(part) ? part.length === 0 : !part)

export const editsFrom = (json: string | null | undefined): Edit[] => (json ? JSON.parse(json) : [])

export const editsToJson = (edits: Edit[]): string | null => (edits.length > 0 ? JSON.stringify(edits) : null)

/** Puts a new message in its place; throws where the place, the id or the `client_id` is taken. */
export function openInsert(sql: Sql): (message: StoredMessage) => void {
  const insert = sql.prepareInside(`
    INSERT INTO messages (chat_id, seq, rev, id, client_id, sender_id, receiver_id, content, message_type, reply_to,
      thread_of, extra, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return message =>
    void insert.run(
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
}
