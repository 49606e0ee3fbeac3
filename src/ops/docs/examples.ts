// Example values for a schema, the same everywhere, so that the pages read as one story of Ann and Bob.
import { LIMITS } from '../../realtime/limits'
import { mapValues, type Named, type Schema } from './schemas'

const ANN = '6979f0a1c0ffee0000000001'
const BOB = '6979f0a1c0ffee0000000002'
const CHAT = '6979f0b2c0ffee0000000003'
const MESSAGE = '6979f0c3c0ffee0000000004'
const PASSWORD = 'a long way to Tipperary'

/** By the name of a field. Where a name is not here, a value that fits the schema is made. */
const VALUES: Record<string, unknown> = {
  id: MESSAGE,
  chat_id: CHAT,
  user_id: BOB,
  sender_id: ANN,
  created_by: ANN,
  receiver_id: BOB,
  session_id: '6979f0d4c0ffee0000000005',
  message_id: MESSAGE,
  _id: MESSAGE,
  room_id: CHAT,
  conversation_id: CHAT,
  contact_id: BOB,
  user_ids: [ANN, BOB],
  sender: ANN,
  receiver: BOB,
  username_2: 'bob',
  group_members: ['bob'],
  message: 'Hello Bob',
  profile_pic: `${ANN}.svg`,
  key_id: '6979f0f6c0ffee0000000007',
  key_name: 'shop backend',
  action: 'GET /chats',
  blocked_id: BOB,
  presence: 'online',
  place: 'Zürich',
  invisible: false,
  hide_last_seen: false,
  mine: 7,
  at: 1_769_860_800_000,
  chats: { [CHAT]: 57 },
  emoji: '👍',
  request_id: '6979f0e5c0ffee0000000006',
  username: 'ann',
  email: 'ann@example.com',
  full_name: 'Ann Example',
  bio: 'Likes long walks.',
  status: 'At lunch',
  password: PASSWORD,
  current_password: PASSWORD,
  new_password: 'as long as the way back',
  device_name: 'Laptop',
  access_token: 'eyJhbGciOiJIUzI1NiJ9.…',
  refresh_token: 'eyJhbGciOiJIUzI1NiJ9.…',
  ticket: 'hT3vXq0bJ9',
  expires_in: 3600,
  content: 'Hello Bob',
  client_id: 'a1',
  seq: 42,
  rev: 57,
  participants: [ANN, BOB],
  member_count: 2,
  group_name: 'Walkers',
  from: BOB,
  code: 'b0T4cXhO2mJq7uLrV9sYkD3E',
  count: 2,
  limits: LIMITS,
  is_read: false,
  pinned: false,
  archived: false,
  scope: '',
  version: '1.0.0',
}

/** Without what few messages have. */
const plainMessage = {
  quote: undefined,
  forward: undefined,
  mentions: undefined,
  mentions_all: undefined,
  thread_of: undefined,
  thread: undefined,
  delete_reason: undefined,
}

const newChat = { id: CHAT, group_name: null, last_seq: 0, rev: 0 }

/** What a field's name alone cannot tell, by the title of the frame or object. `undefined` leaves a field out. */
const PARTICULARS: Record<string, Record<string, unknown>> = {
  hello: { user_id: ANN },
  send: { id: 1, attachments: undefined },
  read: { id: 2 },
  typing: { id: undefined },
  status: { id: 3, status_expires_at: undefined, expires_in: 3600 },
  presence: { id: 5 },
  presences: { items: [{ user_id: BOB, presence: 'online', last_seen: null }] },
  ping: { id: 4 },
  pong: { id: 4 },
  ack: { id: 1, seq: undefined },
  error: { id: 1, status: 404, code: 'not_found', detail: 'No such chat.', errors: undefined },
  bye: { code: 1012, retry: true, reason: 'Restarting.' },
  Chat: newChat,
  SharedChat: newChat,
  Message: { ...plainMessage, attachments: [] },
  Scheduled: { failed: null },
  User: { id: ANN },
  Me: { id: ANN },
  AwsUser: { id: ANN, _id: ANN, name: 'Ann Example' },
  AwsMadeUser: { id: ANN, _id: ANN, name: 'Ann Example' },
  MessagingAnswer: { message: 'User created successfully' },
  MessagingRoom: {
    is_group: false,
    username_1: 'ann',
    username_2: 'bob',
    group_members: null,
    last_message: 'Hello Bob',
  },
  MessagingMessage: { sender: 'ann' },
  ChatnestNewMessage: { id: undefined, user_id: ANN },
  ChatnestMessage: { user_id: ANN },
  ChatnestNewConversation: { id: undefined, messages: undefined },
  ChatnestConversation: { id: CHAT, _id: CHAT },
  ReactRegistered: { user_id: ANN, user: 'ann', message: 'User registered successfully' },
  ReactLogin: { grant_type: undefined },
  ReactToken: { user_id: ANN },
  ReactChat: { id: CHAT, _id: CHAT, user_id: ANN, last_message: 'Hello Bob' },
  Login: { email: undefined, device_name: undefined },
  Ready: { store: 'sqlite' },
  Problem: {
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    code: 'not_found',
    detail: 'No such chat.',
    errors: undefined,
  },
}

/** An example of a frame, its `type` first. */
export const exampleOf = (frame: Schema) => valueOf(frame, '') as Record<string, unknown>

/** Gives every object an example, where its model has none. */
export const withExamples = (schemas: Named): Named =>
  mapValues(schemas, schema =>
    schema.examples ? schema : { ...schema, examples: [valueOf(schema, '', schemas)] },
  )

function valueOf(schema: Schema, name: string, named: Named = {}): unknown {
  const inner = (part: Schema, field = '') => valueOf(part, field, named)
  if (schema.const !== undefined) return schema.const
  if (schema.$ref) return inner(named[schema.$ref.split('/').at(-1) as string] as Schema, name)
  if (name in VALUES && fits(VALUES[name], schema)) return VALUES[name]
  if (Array.isArray(schema.examples)) return schema.examples[0]
  if (Array.isArray(schema.enum)) return schema.enum[0]
  if (schema.anyOf) return mayBeNull(schema.anyOf) ? null : inner(schema.anyOf[0] as Schema, name)
  if (schema.type === 'array') return schema.items?.$ref ? [inner(schema.items)] : []
  if (schema.type === 'object') return objectOf(schema, mapValues(schema.properties ?? {}, inner))
  return Array.isArray(schema.type) ? null : BY_TYPE[schema.type as string]
}

/** Most often null is what comes. */
const mayBeNull = (parts: Schema[]) => parts.some(part => part.type === 'null')

/** Frames of one name that both sides know have different fields: only those of this one count. */
function objectOf({ title = '' }: Schema, made: Record<string, unknown>) {
  const particular = Object.entries(PARTICULARS[title] ?? {}).filter(([field]) => field in made)
  const fields = Object.entries({ ...made, ...Object.fromEntries(particular) })
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined))
}

/** A name may mean something else elsewhere: `status` is a word of a person, and a number in a `Problem`. */
const fits = (value: unknown, { type }: Schema) => type === undefined || [type].flat().includes(typeOf(value))

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' ? 'integer' : typeof value
}

const BY_TYPE: Record<string, unknown> = { string: 'text', integer: 0, number: 0, boolean: true, null: null }
