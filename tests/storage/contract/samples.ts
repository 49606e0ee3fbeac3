// Small builders for the contract suites, and the frame every contract test runs in.
import { test } from 'bun:test'
import type { ChatStore, MemberRecord, Membership, NewChat, NewMember } from '../../../src/chats/store'
import { newId } from '../../../src/lib/ids'
import type { NewMessage, StoredMessage } from '../../../src/messages/store'
import type { Stores } from '../../../src/storage/stores'
import type { UserRecord } from '../../../src/users/store'

export type Open = () => Promise<Stores>

export const T0 = '2030-01-01T00:00:00.000Z'
export const T1 = '2030-01-01T00:00:01.000Z'
export const T2 = '2030-01-01T00:00:02.000Z'

/** Declares tests that each get stores of their own, closed in the end. */
export const withStores =
  (open: Open) =>
  (sentence: string, run: (stores: Stores) => Promise<void>): void =>
    test(sentence, async () => {
      const stores = await open()
      try {
        await run(stores)
      } finally {
        await stores.close()
      }
    })

export const person = (username: string, more: Partial<UserRecord> = {}): UserRecord => ({
  id: newId(),
  username,
  email: null,
  full_name: null,
  avatar: null,
  bio: null,
  status: null,
  status_expires_at: null,
  last_seen: null,
  invisible: false,
  hide_last_seen: false,
  role: 'user',
  password_hash: null,
  gender: null,
  timezone: null,
  created_at: T0,
  updated_at: T0,
  deleted_at: null,
  ...more,
})

export const member = (user_id: string, role: MemberRecord['role'] = 'member'): NewMember => ({
  user_id,
  role,
  joined_at: T0,
})

/** What a membership begins with. */
export const untouched = {
  read_seq: 0,
  delivered_seq: 0,
  cleared_seq: 0,
  hidden: false,
  muted_until: null,
  pinned: false,
  archived: false,
  draft: null,
  draft_at: null,
  notify: 'all' as const,
  left_at: null,
  my_no: 0,
}

/** What `createGroup` takes: the first person is its owner. */
export function group(people: string[], more: Partial<NewChat> = {}): [NewChat, NewMember[]] {
  const [owner = newId(), ...others] = people
  const chat: NewChat = {
    id: newId(),
    chat_type: 'group',
    group_name: 'Book club',
    group_avatar: null,
    created_by: owner,
    created_at: T0,
    ...more,
  }
  return [chat, [member(owner, 'owner'), ...others.map(id => member(id))]]
}

/** What `createPrivate` takes; the first person is the one who asks. */
export function pair(me: string, other?: string): [NewChat, NewMember[]] {
  const [chat] = group([me], { chat_type: 'private', group_name: null })
  return [chat, [member(me), ...(other ? [member(other)] : [])]]
}

export const text = (
  chat_id: string,
  sender_id: string,
  content = 'Hello',
  more: Partial<NewMessage> = {},
): NewMessage => ({
  id: newId(),
  chat_id,
  client_id: newId(),
  sender_id,
  receiver_id: null,
  content,
  message_type: 'text',
  created_at: T1,
  ...more,
})

/** The message as the store gives it back while nothing has happened to it. */
export const storedFrom = (message: NewMessage, seq: number, rev = seq): StoredMessage => ({
  reply_to: null,
  forward: null,
  mentions: [],
  mentions_all: false,
  thread_of: null,
  attachments: [],
  ...message,
  seq,
  rev,
  thread: null,
  reactions: [],
  pinned_at: null,
  edited_at: null,
  deleted_at: null,
  delete_reason: null,
  updated_at: message.created_at,
})

/** A new group of these people: its id. */
export const newGroup = async ({ chats }: Stores, ...people: string[]): Promise<string> =>
  (await chats.createGroup(...group(people))).id

/** Stores a message that must be new, and answers it as stored. */
export async function said({ messages }: Stores, message: NewMessage): Promise<StoredMessage> {
  const answer = await messages.append(message)
  if (!answer?.isNew) throw new Error('The message was not stored as a new one.')
  return answer.message
}

/** `count` times the same at once, all answers. */
export const atOnce = <T>(count: number, run: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => run(i)))

/** The whole numbers 1 to `last`. */
export const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)

/** Texts that a careless store does not give back as sent. */
export const oddTexts: Record<string, string> = {
  emoji: '👩‍👩‍👧‍👦 family, 🇨🇭 flag, é as two signs: e\u0301',
  'right to left': 'שלום, مرحبا \u202Eabc\u202C',
  '8,000 characters': 'ß'.repeat(8_000),
  'new lines and tabs': ' a\n\r\n\tb\u2028c ',
  'a MongoDB operator': '$set',
  'a MongoDB path': '{"$gt":""} a.b.$[].c',
  'an SQL injection': "'; drop table messages; --",
  'SQL wildcards': '%_\\"?1 :x @y $z',
  'what looks like a number': '0012e3',
}

/** One chat with its members, or null. */
export const membershipOf = async (chats: ChatStore, chatId: string): Promise<Membership | null> =>
  (await chats.memberships([chatId]))[0] ?? null
