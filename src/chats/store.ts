// What chats and memberships need from storage.
import type { ChatType, HistoryForNewcomers, LastMessage, Notify, Role, WhoMayWrite } from './model'

/**
 * A chat as stored. `last_seq`, `rev` and `activity_at` follow from its messages. `updated_at` moves, never back, with
 * every change of what all members see of it beside messages: `update`, and who belongs to it in which role.
 */
export interface ChatRecord {
  id: string
  chat_type: ChatType
  group_name: string | null
  group_avatar: string | null
  created_by: string
  last_seq: number
  rev: number
  /** When the newest message was sent, or the chat was created: the chat list is sorted by it. */
  activity_at: string
  /** Messages expire this many seconds after they were sent; null: never. */
  retention_seconds: number | null
  /** Everything up to here has expired already; 0: nothing has. */
  expired_seq: number
  who_may_write: WhoMayWrite
  history_for_newcomers: HistoryForNewcomers
  created_at: string
  updated_at: string
}

/** Without settings everybody writes, and newcomers see all. */
export type NewChat = Pick<
  ChatRecord,
  'id' | 'chat_type' | 'group_name' | 'group_avatar' | 'created_by' | 'created_at'
> &
  Partial<Pick<ChatRecord, 'who_may_write' | 'history_for_newcomers'>>

/** What the members of a chat may change of it. */
export type ChatPatch = Partial<
  Pick<
    ChatRecord,
    | 'group_name'
    | 'group_avatar'
    | 'retention_seconds'
    | 'expired_seq'
    | 'who_may_write'
    | 'history_for_newcomers'
  >
>

export interface MemberRecord {
  chat_id: string
  user_id: string
  role: Role
  read_seq: number
  delivered_seq: number
  /** Messages up to here are hidden from this member: a private chat deleted for oneself, or what was before a newcomer; 0: none. */
  cleared_seq: number
  /** Out of this member's list until a message after `cleared_seq` arrives. */
  hidden: boolean
  muted_until: string | null
  pinned: boolean
  archived: boolean
  /** What this member has begun to write; null: nothing. */
  draft: string | null
  draft_at: string | null
  /** Of which messages this member's devices are notified. */
  notify: Notify
  /** Set: the person deleted their account; a private chat keeps them so that it stays readable. */
  left_at: string | null
  /** The person's own number of the latest change of anything above that is theirs alone. */
  my_no: number
  joined_at: string
}

/** What a member sets for themself alone. */
export type MyPatch = Partial<
  Pick<MemberRecord, 'muted_until' | 'pinned' | 'archived' | 'notify' | 'draft' | 'draft_at'>
>

export type NewMember = Pick<MemberRecord, 'user_id' | 'role' | 'joined_at'>

/** A chat as one member's list shows it. */
export interface ListedChat {
  chat: ChatRecord
  my: MemberRecord
  /** The newest message after `my.cleared_seq` that is not hidden from this member, or null. */
  last_message: LastMessage | null
  /** Exact: others' messages after `read_seq` and `cleared_seq` that are neither deleted nor hidden from this member. */
  unread_count: number
  /** Those of them that mention this member, or all. */
  unread_mentions: number
}

/** A message that one member has deleted for themself. */
export interface HiddenMessage {
  chat_id: string
  message_id: string
  seq: number
}

/** What changed for one person alone, in its present state. */
export interface Moved {
  /** Ask from here the next time. */
  no: number
  members: MemberRecord[]
  hidden: HiddenMessage[]
}

/** Where a chat of a person stands, and they in it. */
export interface Standing extends Pick<MemberRecord, 'role' | 'cleared_seq' | 'hidden'> {
  id: string
  last_seq: number
  rev: number
  updated_at: string
}

/** A chat of a person, who sees of it what comes after `cleared_seq`. */
export type Place = Pick<Standing, 'id' | 'cleared_seq'>

/** How far a member has read and been given a chat. */
export type MemberPosition = Pick<MemberRecord, 'chat_id' | 'user_id' | 'read_seq' | 'delivered_seq'>

/** Who belongs to a chat: what is kept in memory for every send. */
export interface Membership {
  chat: ChatRecord
  members: MemberRecord[]
}

/**
 * Every method that changes something resolves after stable storage.
 * A chat that is deleted is unknown to all of them.
 */
export interface ChatStore {
  /**
   * Stores a private chat of these people (one or two), or finds the one the same people have:
   * also when called many times at once, one chat comes of it. A chat found is not changed.
   */
  createPrivate(chat: NewChat, members: NewMember[]): Promise<{ chat: ChatRecord; isNew: boolean }>

  /** The id of the private chat of these people (one or two, in any order), or null: nothing is made. */
  privateOf(userIds: string[]): Promise<string | null>

  /** Stores a group with its members, of whom one or more are owners: all or nothing. */
  createGroup(chat: NewChat, members: NewMember[]): Promise<ChatRecord>

  /** Chats with all their members ordered by `user_id`, in one round trip, in no order; unknown ones are left out. */
  memberships(chatIds: string[]): Promise<Membership[]>

  /** The chat as this member sees it, hidden or not; null if it is unknown or the person no member. */
  listed(userId: string, chatId: string): Promise<ListedChat | null>

  /**
   * This person's chats without the hidden ones, newest activity first, ties by id descending,
   * from the first one after `after`, at most `limit`. `archived` and `pinned` keep those that are so, or are not.
   */
  list(
    userId: string,
    query: {
      after?: { activity_at: string; id: string }
      limit: number
      archived?: boolean
      pinned?: boolean
    },
  ): Promise<ListedChat[]>

  /** Where all chats of a person stand, hidden ones included, in no order; one read. */
  standingsOf(userId: string): Promise<Standing[]>

  /** All chats of a person, hidden ones included, and up to where they see nothing of each; in no order; one read. */
  placesOf(userId: string): Promise<Place[]>

  /** The ids of all chats a person is a member of, hidden ones included, in no order. */
  chatIdsOf(userId: string): Promise<string[]>

  /**
   * The others in this person's chats of at most `max` members (who left an account behind count), each once, in no
   * order; one read, whose cost is the number of their chats and of the members of those that small.
   */
  circleOf(userId: string, max: number): Promise<string[]>

  /** Those of `others` (at most 100) who are a member of some chat of this person's, in no order. */
  sharersOf(userId: string, others: string[]): Promise<string[]>

  /** Changes the fields given, and moves `updated_at` to `at`; answers the chat, or null if it is unknown. */
  update(chatId: string, patch: ChatPatch, at: string): Promise<ChatRecord | null>

  /** The chats whose messages expire. */
  retaining(): Promise<ChatRecord[]>

  /**
   * Adds members who start read up to the head; where newcomers see only what comes after their joining, with all
   * before cleared. Those who are members already are left as they are. Whoever becomes a member has no request
   * to join any more.
   * Answers the records of the new ones, or null if the chat is unknown.
   * Refuses with `too_many` (and adds nobody) where the group would grow past `max` members.
   */
  addMembers(chatId: string, members: NewMember[], max: number): Promise<MemberRecord[] | 'too_many' | null>

  /**
   * Takes a member out. `last_owner`: refused, since others would stay without an owner.
   * `absent`: not a member. Of two last owners who leave at once, one is refused. `ended`: nobody else was there,
   * so the chat is deleted with them. What this person has sent before is stored before, or refused.
   */
  removeMember(chatId: string, userId: string): Promise<'removed' | 'ended' | 'last_owner' | 'absent'>

  /** Changes a member's role; refusals as in `removeMember`. The same role again is `changed`. */
  setRole(chatId: string, userId: string, role: Role): Promise<'changed' | 'last_owner' | 'absent'>

  /**
   * Makes a member an owner and the owner who hands over an admin, both or neither.
   * `absent`: the heir is no member. `not_owner`: the other one is no owner (any more). `heir` is somebody else.
   */
  handOver(chatId: string, owner: string, heir: string): Promise<'changed' | 'absent' | 'not_owner'>

  /**
   * Moves the read position to `seq`, or to the head where `seq` is beyond it; never back with `onlyForward`.
   * Answers the position it now has, or null if the person is no member.
   */
  markRead(chatId: string, userId: string, seq: number, onlyForward?: boolean): Promise<number | null>

  /**
   * Hides all that is there now from this member and takes the chat off the list.
   * Answers the place up to which it is hidden, or null if the person is no member.
   */
  clearFor(chatId: string, userId: string): Promise<number | null>

  /** Puts a hidden chat back on the list; what was cleared stays cleared. */
  unhide(chatId: string, userId: string): Promise<void>

  /** Changes what is this member's alone; answers the record, or null if the person is no member. */
  setMine(chatId: string, userId: string, patch: MyPatch): Promise<MemberRecord | null>

  /**
   * Moves the delivered position forward to `seq`, at most to the head; never back. `markRead` moves it along.
   * Answers the position it now has, or null if the person is no member.
   */
  markDelivered(chatId: string, userId: string, seq: number): Promise<number | null>

  /**
   * The positions of these chats that `markRead` or `markDelivered` moved at `at` (milliseconds since 1970, by the
   * clock of the node) or later, in no order; one read, whose cost is the number of chats and of those positions.
   */
  positionsSince(chatIds: string[], at: number): Promise<MemberPosition[]>

  /** Hides a message from this member for good; a repeat changes nothing. False if the person is no member. */
  hideMessage(userId: string, message: HiddenMessage): Promise<boolean>

  /** Who has hidden which of these places of a chat, in no order; one read, whose cost is that of what it finds. */
  hiddenBy(chatId: string, seqs: number[]): Promise<{ seq: number; user_id: string }[]>

  /** The places between `from` and `to` (both included) that are hidden from this member, ascending. */
  hiddenSeqs(chatId: string, userId: string, from: number, to: number): Promise<number[]>

  /** Those of these messages, each named with its chat, that this person has hidden, by id, in no order; one read. */
  hiddenAmong(userId: string, messages: { chat_id: string; id: string }[]): Promise<string[]>

  /**
   * What changed for this person alone since their number `no` (0: from the beginning): memberships whose settings,
   * draft, read position, clearing or hiding moved, and messages hidden. Every such change (`setMine`, `markRead`,
   * `clearFor`, `unhide`, `hideMessage`) takes the person's next number, which is never given twice; a reader who
   * was given a number has been given all below it.
   */
  movedSince(userId: string, no: number): Promise<Moved>

  /**
   * Empties what is this person's alone in the chats they are in (settings, draft, clearing), sets `left_at` there,
   * and forgets what they have hidden and their numbers. How far they have read stays, since others were told.
   * Answers the ids of these chats, also when repeated.
   */
  depart(userId: string, at: string): Promise<string[]>

  /** Deletes a chat with members and messages: unknown at once, its rows gone soon. False if it was not there. */
  delete(chatId: string): Promise<boolean>
}
