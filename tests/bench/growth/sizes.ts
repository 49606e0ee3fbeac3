// How much is in a small store and in a large one: the same people and chats, more of everything.

export interface Size {
  name: string
  users: number
  /** Messages of the long chat; a tenth of them in the crowd. */
  messages: number
  /** Members of the crowd. */
  members: number
  /** Chats of the person who has many; 5 of them are active. */
  chats: number
  /** Messages missed by the person who was away, over 200 chats. */
  missed: number
  /** What is in every other list: replies, files, saved messages, mentions, entries of the log. */
  items: number
  /** Chats of others, with 10,000 messages each. */
  others: number
}

/** Every list has more than a page. */
export const SMALL: Size = {
  name: 'small',
  users: 200,
  messages: 1_000,
  members: 5,
  chats: 20,
  missed: 1_000,
  items: 60,
  others: 0,
}

/** 10 million messages in all. */
export const LARGE: Size = {
  name: 'large',
  users: 20_000,
  messages: 1_000_000,
  members: 5_000,
  chats: 1_000,
  missed: 10_000,
  items: 10_000,
  others: 880,
}

export const QUICK: Size = {
  ...LARGE,
  users: 5_000,
  messages: 100_000,
  members: 1_000,
  items: 2_000,
  others: 10,
}

/** Chats of the person who was away, and messages in each of other chats. */
export const AWAY_CHATS = 200
export const MESSAGES_EACH = 10_000
