// What messages need from storage.
import type { Kind } from '../files/model'
import type { DeleteReason, Message, Thread } from './model'

/** Who reacted with one emoji, in order. */
export interface StoredReaction {
  emoji: string
  user_ids: string[]
}

/** Where a forwarded message comes from. */
export interface Origin {
  message_id: string
  chat_id: string
  sender_id: string
}

/** A message as stored: all but what follows from other messages, from read positions and from who asks. */
export type StoredMessage = Omit<Message, 'is_read' | 'quote' | 'reactions' | keyof Rare> & {
  reactions: StoredReaction[]
} & Rare

/** What few messages have; the others have it empty. */
interface Rare {
  forward: Origin | null
  mentions: string[]
  mentions_all: boolean
  thread_of: string | null
  thread: Thread | null
  delete_reason: DeleteReason | null
}

/** A message that has no place yet: the store gives `seq` and `rev`, and everything else begins empty. */
export type NewMessage = Pick<
  StoredMessage,
  'id' | 'chat_id' | 'client_id' | 'sender_id' | 'receiver_id' | 'content' | 'message_type' | 'created_at'
> &
  Partial<
    Pick<StoredMessage, 'attachments' | 'reply_to' | 'forward' | 'mentions' | 'mentions_all' | 'thread_of'>
  >

/** What a change sets; fields left out stay as they are. */
export type MessagePatch = Partial<
  Pick<
    StoredMessage,
    | 'content'
    | 'attachments'
    | 'mentions'
    | 'mentions_all'
    | 'reactions'
    | 'forward'
    | 'thread'
    | 'pinned_at'
    | 'edited_at'
    | 'deleted_at'
    | 'delete_reason'
  >
> & {
  updated_at: string
  /** Former texts, oldest first: replaces those kept. */
  edits?: Edit[]
}

/** A text that a message had until `edited_at`. */
export interface Edit {
  content: string
  edited_at: string
}

export type MessageName = Pick<StoredMessage, 'chat_id' | 'id'>

export interface MessageStore {
  /**
   * Stores a message at the next `seq` and `rev` of its chat and resolves after stable storage.
   * Appends of one chat are stored in the order of the calls; `seq` has no gap, whatever fails.
   * A message of the same sender with the same `client_id` in this chat is answered instead, `isNew: false`.
   * Null: the chat is unknown, or was deleted. An error means unknown: the message may be stored.
   */
  append(message: NewMessage): Promise<{ message: StoredMessage; isNew: boolean } | null>

  /**
   * Changes a message under the next `rev` of its chat and resolves after stable storage; the change before it is
   * visible by then, so a reader who was given a `rev` has been given all below it.
   * `edit` gets the message as it is and its former texts; it answers what changes, or null to leave all as it is
   * (`changed: false`, no `rev` taken). It may throw, which rejects and changes nothing, and it may be called again
   * where somebody else was faster, so it must not have effects. Null: no such message in this chat.
   */
  change(
    chatId: string,
    id: string,
    edit: (message: StoredMessage, edits: Edit[]) => MessagePatch | null,
  ): Promise<{ message: StoredMessage; changed: boolean } | null>

  /** The message with this id in this chat, or null. */
  byId(chatId: string, id: string): Promise<StoredMessage | null>

  /** What this person sent to this chat under this `client_id`, or null. */
  sent(chatId: string, senderId: string, clientId: string): Promise<StoredMessage | null>

  /** Which of these chats a message is in; null for none of them. */
  chatOf(id: string, chatIds: string[]): Promise<string | null>

  /** Those of these messages that are in this chat, in no order. */
  byIds(chatId: string, ids: string[]): Promise<StoredMessage[]>

  /** Those of these messages, each named with its chat, that there are, in no order; one read. */
  several(named: MessageName[]): Promise<StoredMessage[]>

  /** The former texts of a message, oldest first; none for an unknown one. */
  edits(chatId: string, id: string): Promise<Edit[]>

  /** The newest messages with `floor < seq < below`, at most `limit`, ascending by `seq`. */
  below(chatId: string, below: number, floor: number, limit: number): Promise<StoredMessage[]>

  /** The oldest messages with `seq > above`, at most `limit`, ascending by `seq`. */
  above(chatId: string, above: number, limit: number): Promise<StoredMessage[]>

  /** Messages with `rev > since`, each once in its present state, ascending by `rev`, at most `limit`. */
  changes(chatId: string, since: number, limit: number): Promise<StoredMessage[]>

  /** Pinned messages, the one pinned last first. */
  pins(chatId: string): Promise<StoredMessage[]>

  /** The replies of a thread with `seq > above`, oldest first, at most `limit`. */
  thread(chatId: string, rootId: string, above: number, limit: number): Promise<StoredMessage[]>

  /** How many replies a thread has, without deleted ones, and the last of them; null: none. */
  threadSummary(chatId: string, rootId: string): Promise<Thread | null>

  /**
   * Messages that mention this person, or all, in these chats, sent by others and not deleted, newest first by id,
   * below `below` (an id; absent: from the newest), at most `limit`.
   */
  mentionsOf(
    userId: string,
    chatIds: string[],
    query: { below?: string; limit: number },
  ): Promise<StoredMessage[]>

  /**
   * Looks at the chats with ids above `after`, ascending, at most `limit` of them: those in which this person has
   * sent something, and the last one looked at (`last`; null: there are no more).
   */
  chatsOfSender(
    userId: string,
    query: { after: string; limit: number },
  ): Promise<{ chat_ids: string[]; last: string | null }>

  /** What this person has sent to this chat, deleted or not, by `client_id`, above `after`, at most `limit`. */
  ofSender(chatId: string, userId: string, query: { after: string; limit: number }): Promise<StoredMessage[]>

  /**
   * Messages that show files of these kinds, with `floor < seq < below`, newest first, at most `limit`.
   * Which message shows which file is as true as the message itself: both are written together.
   */
  showing(
    chatId: string,
    kinds: Kind[],
    query: { below: number; floor: number; limit: number },
  ): Promise<StoredMessage[]>

  /**
   * Resolves once every append and change that a reader may have seen by now has been answered to its caller:
   * on some engines a write can be read a moment before it is acknowledged.
   */
  settled(): Promise<void>

  /** The place of the newest message and the number of the latest change; zeros in an empty or unknown chat. */
  head(chatId: string): Promise<{ last_seq: number; rev: number }>
}
