// Chats and members as documents, and back as records.
import type { ChatRecord, MemberRecord, NewChat, NewMember } from '../../chats/store'
import { newId } from '../../lib/ids'
import { toDate, toTime, toTimeOrNull, type ChatDoc, type MemberDoc } from './collections'

export const ownersAmong = (members: NewMember[]): string[] =>
  members.filter(member => member.role === 'owner').map(member => member.user_id)

export const chatDoc = (chat: NewChat, pair: string, members: NewMember[]): ChatDoc => ({
  _id: chat.id,
  chat_type: chat.chat_type,
  pair,
  owners: ownersAmong(members),
  group_name: chat.group_name,
  group_avatar: chat.group_avatar,
  created_by: chat.created_by,
  last_seq: 0,
  rev: 0,
  activity_at: toDate(chat.created_at),
  retention_seconds: null,
  expired_seq: 0,
  who_may_write: chat.who_may_write ?? 'all',
  history_for_newcomers: chat.history_for_newcomers ?? 'all',
  created_at: toDate(chat.created_at),
  updated_at: toDate(chat.created_at),
  deleted_at: null,
})

export const toChat = (doc: ChatDoc): ChatRecord => ({
  id: doc._id,
  chat_type: doc.chat_type,
  group_name: doc.group_name,
  group_avatar: doc.group_avatar,
  created_by: doc.created_by,
  last_seq: doc.last_seq,
  rev: doc.rev,
  activity_at: toTime(doc.activity_at),
  retention_seconds: doc.retention_seconds,
  expired_seq: doc.expired_seq,
  // Chats made before there were these settings have none.
  who_may_write: doc.who_may_write ?? 'all',
  history_for_newcomers: doc.history_for_newcomers ?? 'all',
  created_at: toTime(doc.created_at),
  updated_at: toTime(doc.updated_at),
})

/** A member who starts read up to `head`, and sees what comes after `floor`. */
export const memberDoc = (chatId: string, member: NewMember, head: number, floor = 0): MemberDoc => ({
  _id: newId(),
  chat_id: chatId,
  user_id: member.user_id,
  role: member.role === 'owner' ? 'member' : member.role,
  read_seq: head,
  delivered_seq: head,
  cleared_seq: floor,
  hidden: false,
  muted_until: null,
  pinned: false,
  archived: false,
  draft: null,
  draft_at: null,
  notify: 'all',
  left_at: null,
  my_no: 0,
  joined_at: toDate(member.joined_at),
})

/** `owner` follows from the chat, and so does the end of being hidden: a message after what was cleared. */
export const toMember = (doc: MemberDoc, chat: ChatDoc): MemberRecord => ({
  chat_id: doc.chat_id,
  user_id: doc.user_id,
  role: chat.owners.includes(doc.user_id) ? 'owner' : doc.role,
  read_seq: doc.read_seq,
  delivered_seq: doc.delivered_seq,
  cleared_seq: doc.cleared_seq,
  hidden: doc.hidden && chat.last_seq <= doc.cleared_seq,
  muted_until: toTimeOrNull(doc.muted_until),
  pinned: doc.pinned,
  archived: doc.archived,
  draft: doc.draft,
  draft_at: toTimeOrNull(doc.draft_at),
  notify: doc.notify ?? 'all',
  left_at: toTimeOrNull(doc.left_at ?? null),
  my_no: doc.my_no,
  joined_at: toTime(doc.joined_at),
})
