// A chat as it is shown: the record and the roster put together.
import type { Roster } from './roster'
import { SHOWN_PARTICIPANTS, type Chat, type Member, type MyChat, type SharedChat } from './model'
import type { ChatRecord, ListedChat, MemberRecord } from './store'

/** What all members see alike. */
export function toSharedChat(chat: ChatRecord, { ids }: Roster): SharedChat {
  const { id, chat_type, group_name, group_avatar, created_by, last_seq, rev } = chat
  const { retention_seconds, who_may_write, history_for_newcomers, created_at, updated_at } = chat
  const participants = ids.slice(0, SHOWN_PARTICIPANTS)
  const member_count = ids.length
  return {
    id,
    chat_type,
    group_name,
    group_avatar,
    participants,
    member_count,
    created_by,
    last_seq,
    rev,
    retention_seconds,
    who_may_write,
    history_for_newcomers,
    created_at,
    updated_at,
  }
}

/** What one member sees. Written out, since a list goes through here: spreading costs more. */
export function toChat(listed: ListedChat, roster: Roster): Chat {
  const { chat, my, last_message, unread_count, unread_mentions } = listed
  return {
    id: chat.id,
    chat_type: chat.chat_type,
    group_name: chat.group_name,
    group_avatar: chat.group_avatar,
    participants: roster.ids.slice(0, SHOWN_PARTICIPANTS),
    member_count: roster.ids.length,
    created_by: chat.created_by,
    last_seq: chat.last_seq,
    rev: chat.rev,
    retention_seconds: chat.retention_seconds,
    who_may_write: chat.who_may_write,
    history_for_newcomers: chat.history_for_newcomers,
    created_at: chat.created_at,
    updated_at: chat.updated_at,
    last_message,
    last_message_time: last_message && last_message.created_at,
    unread_count,
    unread_mentions,
    my: toMyChat(my),
  }
}

export const toMyChat = (my: MemberRecord): MyChat => {
  const { role, read_seq, cleared_seq, muted_until, pinned, archived, notify, draft, draft_at } = my
  return { role, read_seq, cleared_seq, muted_until, pinned, archived, notify, draft, draft_at }
}

export const toMember = ({ user_id, role, read_seq, delivered_seq, joined_at }: MemberRecord): Member => {
  return { user_id, role, read_seq, delivered_seq, joined_at }
}
