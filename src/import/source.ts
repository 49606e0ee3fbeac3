// What an older service's database holds, in words that all five have in common.
import type { OldDatabase } from '../storage/olddatabase'

/** A person. Whoever refers to them does so by `key` or by one of `aliases`. */
export interface OldPerson {
  key: string
  aliases: string[]
  username: string | null
  email: string | null
  full_name: string | null
  avatar: string | null
  bio: string | null
  status: string | null
  /** As stored there; only bcrypt hashes can be carried over. */
  password: string | null
  gender: string | null
  timezone: string | null
  created_at: Date | null
}

export interface OldChat {
  key: string
  isGroup: boolean
  /** Keys or aliases of people. */
  members: string[]
  owner: string | null
  name: string | null
  avatar: string | null
  created_at: Date | null
}

export interface OldMessage {
  key: string
  /** The chat by its key, or the people between whom it was said: one person means their own notes. */
  chat: string | string[]
  sender: string
  content: string
  message_type: string | null
  /** Null: not told; then the message is as old as the one before it. */
  at: Date | null
  /** Whether the others have read it. */
  isRead: boolean
}

/** How one older service keeps things. Messages come in the order of their times, as far as that is told. */
export interface Source {
  people(db: OldDatabase): AsyncIterable<OldPerson>
  chats(db: OldDatabase): AsyncIterable<OldChat>
  messages(db: OldDatabase): AsyncIterable<OldMessage>
  /** About how many messages there are, for the progress shown. */
  size(db: OldDatabase): Promise<number>
}
