// Values that fit a schema of the document, with references to things that exist where a name asks for one.
import fc, { type Arbitrary } from 'fast-check'
import type { ApiDocument, Schema } from './document'
import { Ref, type Kind } from './refs'
import { PASSWORD } from '../support/people'

const ref = (kind: Kind): Arbitrary<unknown> => fc.nat(999).map(n => new Ref(kind, n))

export const WORDS = [
  'hello',
  'tipperary',
  'naïve',
  'größe',
  '東京都',
  'नमस्ते',
  'مرحبا',
  '👩‍👩‍👧',
  '@ann',
  'a.b-c',
]

const text = fc.oneof(
  fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 8 }).map(words => words.join(' ')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
)

const emoji = fc.constantFrom('👍', '❤️', '🎉', '👩‍👩‍👧', '🇨🇭', '1️⃣', 'x')

/** By the name of a field or parameter: what the schema alone does not tell. */
const byName: Record<string, Arbitrary<unknown>> = {
  username: ref('new name'),
  username_2: ref('username'),
  full_name: fc.oneof(text, fc.constant(null)),
  email: ref('new email'),
  password: fc.constant(PASSWORD),
  new_password: fc.constant(PASSWORD),
  current_password: fc.constant(PASSWORD),
  refresh_token: ref('refresh'),
  chat_id: ref('chat'),
  room_id: ref('chat'),
  group_id: ref('chat'),
  conversation_id: ref('chat'),
  mid: ref('message'),
  message_id: ref('message'),
  reply_to: fc.oneof(ref('message'), fc.constant(null)),
  thread_of: fc.oneof(ref('message'), fc.constant(null)),
  file_id: ref('file'),
  avatar: fc.oneof(ref('picture'), fc.constant('https://example.com/a.png'), fc.constant(null)),
  group_avatar: fc.oneof(ref('picture'), fc.constant('https://example.com/a.png'), fc.constant(null)),
  user_id: ref('member'),
  contact_id: ref('user'),
  sender: ref('member'),
  receiver: ref('user'),
  from: ref('name or id'),
  code: ref('code'),
  key_id: ref('key'),
  cursor: ref('cursor'),
  ticket: ref('ticket'),
  seq: ref('seq'),
  since: ref('seq'),
  rev: ref('seq'),
  before: ref('seq'),
  after: ref('seq'),
  around: ref('seq'),
  send_at: ref('time'),
  muted_until: fc.oneof(ref('time'), fc.constant(null)),
  expires_at: ref('time'),
  status_expires_at: fc.oneof(ref('time'), fc.constant(null)),
  emoji,
  q: text,
  query: text,
  content: fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: longText() }),
  message: text,
  endpoint: fc.nat(99).map(n => `https://push.invalid/${n}`),
  p256dh: fc.constant(
    'BNc7jUSslZIzfYb_ZY8E8rJUn2D_gwyAFWl1ZUM2enhiExc5Q1DadQc2RVCyG2_127WDMRJ7yQ5vBbQ271LttI',
  ),
  auth: fc.constant('tBHItJI5svbpez7KI4CCXg'),
  device_name: text,
}

/** Texts that are long in the ways that cost time: many words, many kinds of characters, one word. */
function longText(): Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('cjk', 'words', 'run', 'mentions', 'emoji'), fc.integer({ min: 100, max: 8000 }))
    .map(([kind, size]) => {
      const parts: Record<string, (i: number) => string> = {
        cjk: i => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)),
        words: i => `w${i.toString(36)} `,
        run: () => 'a',
        mentions: i => `@u${i} `,
        emoji: () => '👍🏽',
      }
      let made = ''
      for (let i = 0; made.length < size; i++) made += parts[kind]?.(i)
      return made.slice(0, size).toWellFormed()
    })
}

/** What lists of names and ids hold. */
const itemsByName: Record<string, Arbitrary<unknown>> = {
  participants: ref('name or id'),
  group_members: ref('username'),
  user_ids: ref('user'),
}

/** What `{id}` means, by the beginning of the path. */
const idIn: [RegExp, Kind][] = [
  [/^\/chats/, 'chat'],
  [/^\/users\/me\/scheduled/, 'scheduled'],
  [/^\/users/, 'name or id'],
  [/^\/files/, 'file'],
  [/^\/auth\/sessions/, 'session'],
  [/^\/push/, 'subscription'],
  [/^\/admin\/keys/, 'key'],
]

/** A value for a parameter of an operation. */
export function parameterOf(
  path: string,
  name: string,
  schema: Schema,
  document: ApiDocument,
): Arbitrary<unknown> {
  const kind = name === 'id' ? idIn.find(([pattern]) => pattern.test(path))?.[1] : undefined
  if (kind) return ref(kind)
  if (name === 'email') return ref('email')
  if (name === 'ticket' && path === '/compat/react/ws/chat') return ref('ticket')
  return path === '/messages/search' && (name === 'before' || name === 'after')
    ? ref('time')
    : fitting(schema, document, name)
}

/** A value that fits the schema. */
export function fitting(schema: Schema, document: ApiDocument, name = ''): Arbitrary<unknown> {
  const whole = document.resolve(schema)
  const special = byName[name]
  return special && !isComposed(whole) ? special : ofSchema(whole, document, name)
}

/** A name may mean something else elsewhere: objects and lists go by their schema. */
const isComposed = ({ type, anyOf }: Schema) =>
  !anyOf && ['object', 'array'].some(it => [type].flat().includes(it))

function ofSchema(schema: Schema, document: ApiDocument, name: string): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(part => fitting(part, document)))
  const types = [schema.type ?? 'object'].flat()
  return fc.oneof(...types.map(type => ofType(type, schema, document, name)))
}

function ofType(type: string, schema: Schema, document: ApiDocument, name: string): Arbitrary<unknown> {
  if (type === 'null') return fc.constant(null)
  if (type === 'boolean') return fc.boolean()
  if (type === 'integer' || type === 'number') {
    const { minimum = -1000, maximum = 1000 } = schema
    return fc.oneof(
      fc.integer({ min: minimum, max: Math.min(minimum + 200, maximum) }),
      fc.constantFrom(minimum, maximum),
    )
  }
  if (type === 'string') return ofString(schema)
  if (type === 'array') {
    const { minItems = 0, maxItems = 5, items = {} } = schema
    return fc.array(itemsByName[name] ?? fitting(items, document), {
      minLength: minItems,
      maxLength: Math.max(minItems, Math.min(maxItems, 4)),
    })
  }
  const { properties = {}, required = [], additionalProperties } = schema
  if (typeof additionalProperties === 'object')
    return fc.dictionary(fc.stringMatching(/^[0-9a-f]{24}$/), fitting(additionalProperties, document), {
      maxKeys: 3,
    })
  return fc.record(
    Object.fromEntries(Object.entries(properties).map(([key, part]) => [key, fitting(part, document, key)])),
    { requiredKeys: required },
  )
}

/** A pattern is followed, but for the few that have a value under their name. */
function ofString({ pattern, minLength = 0, maxLength = 60 }: Schema): Arbitrary<string> {
  if (pattern) return fc.stringMatching(new RegExp(pattern))
  const size = { minLength, maxLength: Math.min(maxLength, 60) }
  return fc.oneof(
    { weight: 6, arbitrary: text.map(it => it.slice(0, maxLength).toWellFormed()) },
    {
      weight: 2,
      arbitrary: fc.string({ unit: 'grapheme', ...size }).map(it => it.slice(0, maxLength).toWellFormed()),
    },
    { weight: 1, arbitrary: fc.constant('x'.repeat(Math.min(maxLength, 10_000))) },
  )
}
