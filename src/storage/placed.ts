// A new message at its place: the same for every engine.
import type { NewMessage, StoredMessage } from '../messages/store'

/** A message that begins: `seq` and `rev` are given by the store. */
export const placed = (message: NewMessage, seq: number, rev: number): StoredMessage => ({
  id: message.id,
  chat_id: message.chat_id,
  seq,
  rev,
  client_id: message.client_id,
  sender_id: message.sender_id,
  receiver_id: message.receiver_id,
  content: message.content,
  message_type: message.message_type,
  attachments: message.attachments ?? [],
  reply_to: message.reply_to ?? null,
  forward: message.forward ?? null,
  mentions: message.mentions ?? [],
  mentions_all: message.mentions_all ?? false,
  thread_of: message.thread_of ?? null,
  thread: null,
  reactions: [],
  pinned_at: null,
  edited_at: null,
  deleted_at: null,
  delete_reason: null,
  created_at: message.created_at,
  updated_at: message.created_at,
})
