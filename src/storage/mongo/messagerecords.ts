// Messages as documents, and back as records.
import type { Edit, MessagePatch, NewMessage, StoredMessage } from '../../messages/store'
import { placed } from '../placed'
import {
  toDate,
  toDateOrNull,
  toTime,
  toTimeOrNull,
  type EditDoc,
  type MessageDoc,
  type ShownMessageDoc,
} from './collections'

/** What no reader is shown: former texts alone can be a hundred times the message. */
export const unshown = { edits: 0, mentioned: 0, revs: 0, changed_at: 0 } as const

export function messageDoc(message: NewMessage, { seq, rev }: { seq: number; rev: number }): MessageDoc {
  const { id, created_at, updated_at, ...parts } = placed(message, seq, rev)
  return {
    ...parts,
    _id: id,
    thread: null,
    pinned_at: null,
    edited_at: null,
    deleted_at: null,
    created_at: toDate(created_at),
    updated_at: toDate(updated_at),
    edits: [],
    mentioned: mentionedIn(message),
    revs: [rev],
    changed_at: null,
  }
}

export const toMessage = (doc: ShownMessageDoc): StoredMessage => ({
  id: doc._id,
  chat_id: doc.chat_id,
  seq: doc.seq,
  rev: doc.rev,
  client_id: doc.client_id,
  sender_id: doc.sender_id,
  receiver_id: doc.receiver_id,
  content: doc.content,
  message_type: doc.message_type,
  attachments: doc.attachments,
  reply_to: doc.reply_to,
  forward: doc.forward,
  mentions: doc.mentions,
  mentions_all: doc.mentions_all,
  thread_of: doc.thread_of,
  thread: doc.thread && { ...doc.thread, last_reply_at: toTime(doc.thread.last_reply_at) },
  reactions: doc.reactions,
  pinned_at: toTimeOrNull(doc.pinned_at),
  edited_at: toTimeOrNull(doc.edited_at),
  deleted_at: toTimeOrNull(doc.deleted_at),
  delete_reason: doc.delete_reason,
  created_at: toTime(doc.created_at),
  updated_at: toTime(doc.updated_at),
})

export const toEdits = (docs: EditDoc[]): Edit[] =>
  docs.map(({ content, edited_at }) => ({ content, edited_at: toTime(edited_at) }))

/** The fields of the document that a patch sets. */
export function patched(doc: MessageDoc, patch: MessagePatch): Partial<MessageDoc> {
  const { updated_at, pinned_at, edited_at, deleted_at, thread, edits, ...rest } = patch
  const set: Partial<MessageDoc> = { ...withoutUndefined(rest), updated_at: toDate(updated_at) }
  if (pinned_at !== undefined) set.pinned_at = toDateOrNull(pinned_at)
  if (edited_at !== undefined) set.edited_at = toDateOrNull(edited_at)
  if (deleted_at !== undefined) set.deleted_at = toDateOrNull(deleted_at)
  if (thread !== undefined) {
    set.thread = thread && { ...thread, last_reply_at: toDate(thread.last_reply_at) }
  }
  if (edits !== undefined) {
    set.edits = edits.map(edit => ({ content: edit.content, edited_at: toDate(edit.edited_at) }))
  }
  if (set.mentions || set.mentions_all !== undefined) set.mentioned = mentionedIn({ ...doc, ...set })
  return set
}

export const withoutUndefined = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T

type Mentioning = Pick<NewMessage, 'chat_id' | 'mentions' | 'mentions_all'>

const mentionedIn = ({ chat_id, mentions = [], mentions_all }: Mentioning): string[] =>
  mentions_all ? [...mentions, chat_id] : [...mentions]
