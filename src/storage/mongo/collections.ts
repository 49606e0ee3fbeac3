// The collections and their documents. Ids are 24 hex digits in `_id`; times are BSON dates.
import type { Collection, Db } from 'mongodb'
import type { Departure } from '../../auth/leaving.store'
import type { AuditRecord, KeyRecord } from '../../admin/store'
import type { SessionRecord, TicketRecord } from '../../auth/store'
import type { InviteRecord, JoinRequest } from '../../chats/joining.store'
import type { ChatRecord, HiddenMessage, MemberRecord } from '../../chats/store'
import type { Notify } from '../../chats/model'
import type { FileRecord } from '../../files/store'
import type { Thread } from '../../messages/model'
import type { Edit, StoredMessage } from '../../messages/store'
import type { SavedMessage, ScheduledMessage } from '../../messages/mine.store'
import type { SearchEntry } from '../../messages/search.store'
import type { PushSubscription, VapidKeys } from '../../push/store'
import type { BlockRecord } from '../../users/blocks.store'
import type { UserRecord } from '../../users/store'

/** The record as a document: `_id` for `id`, and dates for the times named. */
type Doc<R extends { id: string }, Times extends keyof R> = { _id: string } & Omit<R, 'id' | Times> & {
    [T in Times]: Date | Extract<R[T], null>
  }

export type UserDoc = Doc<
  UserRecord,
  'created_at' | 'updated_at' | 'deleted_at' | 'status_expires_at' | 'last_seen'
> & {
  /** `keyOf` the username; stays when the person is deleted. */
  username_key: string
  /** `keyOf` the email; `none:<id>` without one, so that a plain unique index holds. */
  email_key: string
  /** The words a person is found by. */
  terms: string[]
}

export type SessionDoc = Doc<SessionRecord, 'created_at' | 'last_used_at' | 'expires_at'>

/** `_id` is `<user>:<blocked>`: somebody is blocked once. */
export type BlockDoc = Omit<BlockRecord, 'blocked_at'> & { _id: string; blocked_at: Date }

export type TicketDoc = Doc<TicketRecord, 'expires_at'>

type Settings = 'who_may_write' | 'history_for_newcomers'

export type ChatDoc = Omit<Doc<ChatRecord, 'activity_at' | 'created_at' | 'updated_at'>, Settings> &
  Partial<Pick<ChatRecord, Settings>> & {
    /** The people of a private chat, sorted, joined by `:`. Groups and deleted chats have their own id here. */
    pair: string
    /** The truth about who owns the chat: one document, so that one atomic update can guard the last owner. */
    owners: string[]
    /** Set: the chat is unknown to everybody, and its rows are being removed. */
    deleted_at: Date | null
  }

export type MemberDoc = Omit<
  MemberRecord,
  'role' | 'joined_at' | 'muted_until' | 'notify' | 'draft_at' | 'left_at'
> & {
  _id: string
  /** The role of one who is not among the chat's `owners`. */
  role: 'admin' | 'member'
  joined_at: Date
  muted_until: Date | null
  draft_at: Date | null
  /** Absent in documents of before: `all`, and null. */
  notify?: Notify
  left_at?: Date | null
  /** When a position was set last; absent: not since this was kept. */
  moved_at?: Date
}

/** `_id` is the code. */
export type InviteDoc = Omit<InviteRecord, 'code' | 'created_at' | 'expires_at'> & {
  _id: string
  created_at: Date
  expires_at: Date | null
  /** `max_uses` without `uses`, so that one condition guards it; null: no end. */
  uses_left: number | null
}

/** `_id` is `<chat>:<user>`: a person asks once. */
export type RequestDoc = Omit<JoinRequest, 'created_at'> & { _id: string; created_at: Date }

/** A message as readers need it. */
export type ShownMessageDoc = Doc<
  Omit<StoredMessage, 'thread'>,
  'pinned_at' | 'edited_at' | 'deleted_at' | 'created_at' | 'updated_at'
> & {
  thread: ThreadDoc | null
}

export type MessageDoc = ShownMessageDoc & {
  /** Former texts, oldest first. */
  edits: EditDoc[]
  /** Whom it mentions, and the chat's own id where it mentions all: one index finds both. */
  mentioned: string[]
  /** The numbers it had and its `rev`, ascending: a number stays taken after its message moved on. */
  revs: number[]
  /** When this store changed it last, by the clock of the node. */
  changed_at: Date | null
}

export type ThreadDoc = Omit<Thread, 'last_reply_at'> & { last_reply_at: Date }
export type EditDoc = Omit<Edit, 'edited_at'> & { edited_at: Date }

/** `_id` is `<user>:<message>`: a message is hidden once. */
export type HiddenDoc = HiddenMessage & { _id: string; user_id: string; my_no: number }

/** The latest number of a person, whose id it has. */
export interface PersonalDoc {
  _id: string
  no: number
}

/** `_id` is `<user>:<message>`: a message is kept once. */
export type SavedDoc = Omit<SavedMessage, 'saved_at'> & { _id: string; saved_at: Date }

type Later = 'client_id' | 'thread_of'

/** Absent in documents of before: the id, and null. */
export type ScheduledDoc = Doc<Omit<ScheduledMessage, Later>, 'send_at' | 'created_at'> &
  Partial<Pick<ScheduledMessage, Later>>

export type FileDoc = Doc<FileRecord, 'created_at'> & {
  /** Set: the file is unknown to everybody, and its bytes are being removed. */
  dropped_at: Date | null
}

/** What a message is found by. */
export type SearchDoc = Doc<SearchEntry, never> & { chat_id: string }

/** Up to which rev the search index has the chat, whose id this has. */
export interface IndexedDoc {
  _id: string
  rev: number
}

/** The person's id is the `_id`. */
export type DepartureDoc = Omit<Departure, 'user_id' | 'begun_at'> & { _id: string; begun_at: Date }

export type PushDoc = Doc<PushSubscription, 'created_at' | 'failing_since'>

/** The one pair of keys of all nodes. */
export type VapidDoc = VapidKeys & { _id: 'vapid' }
export type KeyDoc = Doc<KeyRecord, 'created_at' | 'last_used_at'>

/** The one document that says which history this is. */
export interface EpochDoc {
  _id: 'epoch'
  id: string
}

export type AuditDoc = Doc<AuditRecord, 'at'>

export interface Collections {
  users: Collection<UserDoc>
  sessions: Collection<SessionDoc>
  tickets: Collection<TicketDoc>
  blocks: Collection<BlockDoc>
  chats: Collection<ChatDoc>
  members: Collection<MemberDoc>
  invites: Collection<InviteDoc>
  requests: Collection<RequestDoc>
  messages: Collection<MessageDoc>
  hidden: Collection<HiddenDoc>
  personal: Collection<PersonalDoc>
  saved: Collection<SavedDoc>
  scheduled: Collection<ScheduledDoc>
  files: Collection<FileDoc>
  search: Collection<SearchDoc>
  indexed: Collection<IndexedDoc>
  departures: Collection<DepartureDoc>
  push: Collection<PushDoc>
  keys: Collection<VapidDoc>
  serviceKeys: Collection<KeyDoc>
  audit: Collection<AuditDoc>
  epoch: Collection<EpochDoc>
}

export const collectionsOf = (db: Db): Collections => ({
  users: db.collection('users'),
  sessions: db.collection('sessions'),
  tickets: db.collection('tickets'),
  blocks: db.collection('blocks'),
  chats: db.collection('chats'),
  members: db.collection('members'),
  invites: db.collection('invites'),
  requests: db.collection('join_requests'),
  messages: db.collection('messages'),
  hidden: db.collection('hidden'),
  personal: db.collection('personal'),
  saved: db.collection('saved'),
  scheduled: db.collection('scheduled'),
  files: db.collection('files'),
  search: db.collection('search'),
  indexed: db.collection('indexed'),
  departures: db.collection('departures'),
  push: db.collection('push_subscriptions'),
  keys: db.collection('keys'),
  serviceKeys: db.collection('service_keys'),
  audit: db.collection('audit'),
  epoch: db.collection('epoch'),
})

export const toDate = (time: string): Date => new Date(time)
export const toDateOrNull = (time: string | null): Date | null => (time === null ? null : new Date(time))
export const toTime = (date: Date): string => date.toISOString()
export const toTimeOrNull = (date: Date | null): string | null => date && date.toISOString()
