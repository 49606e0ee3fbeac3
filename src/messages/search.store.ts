// What searching needs from storage: an index that a follower keeps, never a send.
import type { StoredMessage } from './store'

/** A message as it is found: by its terms, which are none for one that is deleted or has no words. */
export type SearchEntry = Pick<StoredMessage, 'id' | 'seq' | 'rev' | 'sender_id' | 'message_type'> & {
  terms: string[]
}

/** A chat to look in, for messages with `seq > above`. */
export interface SearchedChat {
  id: string
  above: number
}

export interface SearchQuery {
  /** A message has, for each of these, a term that begins with it: at least one, of letters, marks and digits. */
  prefixes: string[]
  sender_id?: string
  message_type?: StoredMessage['message_type']
  /** Ids between these two, both left out. */
  newerThan?: string
  olderThan?: string
  limit: number
}

/** The index of words, kept by a follower: it may lag behind the messages, and says how far it has come. */
export interface SearchStore {
  /**
   * Puts these messages, changed after the indexed rev of their chat, into the index in place of what it had of
   * them; those without terms leave it. Then, and only then, the indexed rev is `upToRev`. Nothing happens where
   * that would not move it forward, or where the chat is unknown.
   */
  index(chatId: string, upToRev: number, entries: SearchEntry[]): Promise<void>

  /** Up to which rev the index has the chat; 0: nothing yet; null: the chat is unknown. */
  indexedRev(chatId: string): Promise<number | null>

  /** Those of these chats, or of all, whose `rev` is above their indexed rev, in no order. */
  behind(chatIds?: string[]): Promise<string[]>

  /**
   * The newest messages by id that fit by what the index has of them, which may be less than is stored or older,
   * at most `limit`, newest first. Unknown chats have none; what a deleted one had goes soon.
   */
  find(chats: SearchedChat[], query: SearchQuery): Promise<{ chat_id: string; id: string }[]>
}
