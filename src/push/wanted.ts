// Who wants to be notified of a message: decided by what is in memory.
import type { MemberRecord } from '../chats/store'
import type { Roster } from '../chats/roster'
import { previewOf } from '../messages/attachment.model'
import type { Message } from '../messages/model'

const SHOWN = 100

/** What is kept of a message until its notifications are out. */
export interface News extends Pick<
  Message,
  'id' | 'chat_id' | 'seq' | 'sender_id' | 'message_type' | 'mentions' | 'mentions_all'
> {
  text: string
}

/** A message that was just sent, and not one that has changed. */
export const isNew = ({ created_at, updated_at, deleted_at }: Message): boolean =>
  created_at === updated_at && deleted_at === null

export const newsOf = (message: Message): News => {
  const { id, chat_id, seq, sender_id, message_type, mentions, mentions_all, content, attachments } = message
  const text = Array.from(previewOf(content, attachments)).slice(0, SHOWN).join('')
  return { id, chat_id, seq, sender_id, message_type, mentions, mentions_all, text }
}

/** Members who may be notified at all: it costs the smaller of the two numbers. */
export function membersAmong({ members }: Roster, people: ReadonlySet<string>): MemberRecord[] {
  if (people.size < members.size) return [...people].flatMap(id => members.get(id) ?? [])
  return [...members.values()].filter(({ user_id }) => people.has(user_id))
}

const isMentioned = ({ mentions, mentions_all }: News, userId: string) =>
  mentions_all === true || (mentions?.includes(userId) ?? false)

/** Not one's own, not read elsewhere meanwhile, not muted, and of the kind that this member wants to hear of. */
export function isWantedBy(member: MemberRecord, news: News, now = Date.now()): boolean {
  const { user_id, read_seq, cleared_seq, muted_until, notify, left_at } = member
  if (user_id === news.sender_id || left_at !== null) return false
  if (news.seq <= Math.max(read_seq, cleared_seq)) return false
  if (muted_until !== null && Date.parse(muted_until) > now) return false
  return notify === 'all' || (notify === 'mentions' && isMentioned(news, user_id))
}

/** A device that saves its battery is woken for what is meant for this person. */
export const isUrgent = ({ chat }: Roster, news: News, userId: string): boolean =>
  chat.chat_type === 'private' || isMentioned(news, userId)
