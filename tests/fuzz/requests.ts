// Requests to every operation of the document: fitting ones, spoilt ones, and such as only attackers send.
import fc, { type Arbitrary } from 'fast-check'
import type { ApiDocument, Operation } from './document'
import { hostileHeader, hostileText, spoil, spoiling, type Spoiling } from './hostile'
import { resolve } from './refs'
import { fitting, parameterOf } from './values'
import { formOf } from '../support/files'
import { PICTURE, type World } from './world'

export interface Actor {
  as: 'member' | 'person' | 'admin' | 'key' | 'nobody' | 'garbage'
  n: number
}

type Encoding =
  | 'plain'
  | 'truncated'
  | 'invalid utf-8'
  | 'gzip'
  | 'byte order mark'
  | 'twice'
  | 'huge'
  | 'deep'
  | 'empty'
  | 'bytes'

interface Body {
  type: string
  value: unknown
  spoilings: Spoiling[]
  encoding: Encoding
}

export interface HttpCase {
  kind: 'http'
  operation: Operation
  method: string
  actor: Actor
  /** Which chat it is about. */
  focus: number
  params: Record<string, unknown>
  /** Whether parameters go into the path as they are, not escaped. */
  isRaw: boolean
  query: [string, unknown][]
  headers: [string, string][]
  body: Body | null
}

/** A request as it is sent. */
export interface Request {
  method: string
  target: string
  headers: [string, string][]
  body: Buffer | undefined
  /** What it says that no refusal may repeat. */
  said: string[]
}

export const actor: Arbitrary<Actor> = fc.record({
  as: fc.oneof(
    { weight: 14, arbitrary: fc.constant('member' as const) },
    { weight: 3, arbitrary: fc.constant('person' as const) },
    { weight: 1, arbitrary: fc.constant('admin' as const) },
    { weight: 2, arbitrary: fc.constant('key' as const) },
    { weight: 1, arbitrary: fc.constant('nobody' as const) },
    { weight: 1, arbitrary: fc.constant('garbage' as const) },
  ),
  n: fc.nat(999),
})

const GARBAGE = [
  'Bearer',
  'Bearer ',
  'Bearer x',
  'bearer null',
  'Basic cm9vdDpyb290',
  'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.',
  `Bearer ${'a'.repeat(12_000)}`,
  'Bearer a.b.c, Bearer d.e.f',
  'Bearer \u00ff\u00fe',
  'Digest username="root"',
  'Bearer natter_key_0000',
  '{"$ne":null}',
]

/** The headers that say who asks. */
export function signature({ as, n }: Actor, focus: number, world: World): [string, string][] {
  const bearer = (token: string): [string, string] => ['authorization', `Bearer ${token}`]
  if (as === 'nobody') return []
  if (as === 'garbage') return [['authorization', GARBAGE[n % GARBAGE.length] as string]]
  if (as === 'admin') return [bearer(world.admin.token)]
  if (as === 'key') return [bearer(world.serviceKey), ['x-acting-user', world.memberOf(focus, n).id]]
  return [bearer((as === 'member' ? world.memberOf(focus, n) : world.personAt(n)).token)]
}

/** Hashing a password takes a hundred times as long as anything else, and ending an account ends what others act on. */
const RARE =
  /(register|login|token|signup|password|logout|refresh)$|^DELETE \/(auth\/sessions|chats\/\{id\}$)|\/leave$|^POST \/compat\/aws\/users$|^DELETE \/users\/me$|\/export$/

const weightOf = ({ name }: Operation) => (RARE.test(name) ? 1 : 5)

const isSocket = ({ path }: Operation) => /(^|\/)ws(\/|$)/.test(path)

export function httpCases(document: ApiDocument): Arbitrary<HttpCase> {
  return fc.oneof(
    ...[...document.operations, ...PAGES]
      .filter(operation => !isSocket(operation))
      .map(operation => ({ weight: weightOf(operation), arbitrary: casesOf(operation, document) })),
  )
}

/** Pages and files, which the document does not tell of. */
const PAGES: Operation[] = [
  '/',
  '/docs',
  '/docs/json',
  '/docs/sockets',
  '/docs/asyncapi.json',
  '/docs/ui/swagger-ui.css',
  '/redoc',
  '/static/icon.svg',
  '/compat/react',
].map(path => ({ name: `GET ${path}`, method: 'GET', path, parameters: [], bodies: {}, responses: null }))

/** A weight out of a hundred for what is out of the way. */
const seldom = <T>(percent: number, often: Arbitrary<T>, other: Arbitrary<T>) =>
  fc.oneof({ weight: 100 - percent, arbitrary: often }, { weight: percent, arbitrary: other })

function casesOf(operation: Operation, document: ApiDocument): Arbitrary<HttpCase> {
  const { method, path, parameters } = operation
  const inPath = parameters.filter(it => it.in === 'path')
  const inQuery = parameters.filter(it => it.in === 'query')
  const params = fc.record(
    Object.fromEntries(
      inPath.map(({ name, schema }) => [
        name,
        seldom<unknown>(8, parameterOf(path, name, schema, document), hostileText),
      ]),
    ),
  )
  const known = inQuery.map(({ name, schema }) =>
    seldom<unknown>(15, parameterOf(path, name, schema, document), hostileText).map(
      value => [name, value] as [string, unknown],
    ),
  )
  const strange = fc.tuple(
    fc.constantFrom('limit[$gt]', '__proto__', 'limit', 'cursor', 'q', 'for', 'a[b][c]', '', '%', 'ticket'),
    hostileText as Arbitrary<unknown>,
  )
  const none: Arbitrary<[string, unknown][]> = fc.constant([])
  const some: Arbitrary<[string, unknown][]> = fc.subarray(known).chain(chosen => fc.tuple(...chosen))
  const query = fc.oneof(
    { weight: 4, arbitrary: known.length > 0 ? some : none },
    { weight: 3, arbitrary: none },
    { weight: 1, arbitrary: fc.array(strange, { maxLength: 3 }) as Arbitrary<[string, unknown][]> },
  )
  return fc.record({
    kind: fc.constant('http' as const),
    operation: fc.constant(operation),
    method: seldom(
      2,
      fc.constant(method),
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    ),
    actor: isForRoot(path) ? fc.oneof(actor, fc.constant<Actor>({ as: 'admin', n: 0 })) : actor,
    focus: fc.nat(999),
    params,
    isRaw: seldom(3, fc.constant(false), fc.constant(true)),
    query,
    headers: seldom(
      8,
      fc.constant<[string, string][]>([]),
      fc.array(hostileHeader, { minLength: 1, maxLength: 2 }),
    ),
    body: bodies(operation, document),
  })
}

const isForRoot = (path: string) => path.startsWith('/admin')

const encodings: Arbitrary<Encoding> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('plain' as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Encoding[]>(
      'truncated',
      'invalid utf-8',
      'gzip',
      'byte order mark',
      'twice',
      'huge',
      'deep',
      'empty',
      'bytes',
    ),
  },
)

function bodies({ bodies: accepted, method }: Operation, document: ApiDocument): Arbitrary<Body | null> {
  const kinds = Object.entries(accepted)
  const none = fc.constant(null)
  const stray: Arbitrary<Body | null> = fc.record({
    type: fc.constant('application/json'),
    value: fc.jsonValue({ maxDepth: 2 }),
    spoilings: fc.constant([]),
    encoding: encodings,
  })
  if (kinds.length === 0) return method === 'GET' ? none : seldom(5, none as Arbitrary<Body | null>, stray)
  const fit = fc.oneof(
    ...kinds.map(([type, schema]) =>
      fc.record({
        type: seldom(
          3,
          fc.constant(type),
          fc.constantFrom('text/plain', '', 'application/xml', 'application/json'),
        ),
        value: type.startsWith('multipart') ? files : fitting(schema, document),
        spoilings: fc.oneof(
          { weight: 5, arbitrary: fc.constant<Spoiling[]>([]) },
          { weight: 4, arbitrary: fc.array(spoiling, { minLength: 1, maxLength: 2 }) },
        ),
        encoding: encodings,
      }),
    ),
  )
  return seldom(2, fit as Arbitrary<Body | null>, none)
}

interface FormFile {
  bytes: string
  name: string
  field: string
  extra: number
}

const files: Arbitrary<FormFile> = fc.record({
  bytes: fc.constantFrom(
    'picture',
    'text',
    'cut picture',
    'wide picture',
    'html',
    'svg',
    'nothing',
    'zeros',
    'webp',
    'gif',
  ),
  name: fc.oneof(fc.constantFrom('a.png', 'b.txt', 'é.pdf'), hostileText),
  field: seldom(5, fc.constant('file'), hostileText),
  extra: seldom(5, fc.constant(0), fc.integer({ min: 1, max: 15 })),
})

const wide = Buffer.from(PICTURE)
wide.writeUInt32BE(30_000, 16)
wide.writeUInt32BE(30_000, 20)

const BYTES: Record<string, Buffer> = {
  picture: PICTURE,
  text: Buffer.from('plain text'),
  'cut picture': PICTURE.subarray(0, 50),
  'wide picture': wide,
  html: Buffer.from('<!doctype html><script>alert(1)</script>'),
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  nothing: Buffer.alloc(0),
  zeros: Buffer.alloc(100_000),
  webp: Buffer.from('RIFF\x00\xff\xff\xffWEBPVP8X', 'latin1'),
  gif: Buffer.from('GIF89a\xff\xff\xff\xff\x00\x00\x00!\xff', 'latin1'),
}

/** The request that a case stands for, with what exists now in place of references. */
export async function requestOf(one: HttpCase, world: World): Promise<Request> {
  const said: string[] = []
  const say = (value: unknown): string => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
    said.push(text)
    return text.toWellFormed()
  }
  const path = one.operation.path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = say(resolve(one.params[name], world, one.focus))
    return one.isRaw ? encodeURI(value).replaceAll('%25', '%') : encodeURIComponent(value)
  })
  const query = one.query
    .map(([name, value]) => [name, say(resolve(value, world, one.focus))] as const)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  const { bytes, type } = one.body
    ? await bytesOf(one.body, world, one.focus, said)
    : { bytes: undefined, type: '' }
  const headers = [
    ...signature(one.actor, one.focus, world),
    ...(type ? [['content-type', type] as [string, string]] : []),
  ]
  const names = new Set(one.headers.map(([name]) => name))
  return {
    method: one.method,
    target: query ? `${path}?${query}` : path,
    headers: [...headers.filter(([name]) => !names.has(name)), ...one.headers],
    // No client of ours sends a body with these; `raw` does.
    body: ['GET', 'HEAD', 'OPTIONS'].includes(one.method) ? undefined : bytes,
    said,
  }
}

async function bytesOf(
  { type, value, spoilings, encoding }: Body,
  world: World,
  focus: number,
  said: string[],
) {
  if (typeof value === 'object' && value !== null && 'bytes' in value && 'field' in value) {
    return multipart(value as FormFile, type, encoding, said)
  }
  const spoilt = spoilings.reduce(spoil, resolve(value, world, focus))
  gather(spoilt, said)
  const text = type.includes('urlencoded') ? formText(spoilt) : (JSON.stringify(spoilt) ?? 'null')
  return { bytes: encoded(text, encoding), type }
}

function formText(value: unknown): string {
  const fields = Object.entries((value as object) ?? {}).map(([key, item]) => [
    key.toWellFormed(),
    (typeof item === 'string' ? item : (JSON.stringify(item) ?? '')).toWellFormed(),
  ])
  return new URLSearchParams(fields).toString()
}

/** Every string within, keys too. */
function gather(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (!Array.isArray(value)) into.push(key)
      gather(item, into)
    }
  }
}

function encoded(text: string, encoding: Encoding): Buffer {
  const bytes = Buffer.from(text)
  switch (encoding) {
    case 'truncated':
      return bytes.subarray(0, Math.floor(bytes.length * 0.7))
    case 'invalid utf-8':
      return Buffer.concat([bytes.subarray(0, -1), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), bytes.subarray(-1)])
    case 'gzip':
      return Buffer.from(Bun.gzipSync(bytes))
    case 'byte order mark':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])
    case 'twice':
      return Buffer.concat([bytes, bytes])
    case 'huge':
      return Buffer.from(`{"content":"${'h'.repeat(270_000)}"}`)
    case 'deep':
      return Buffer.from(`{"content":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)
    case 'empty':
      return Buffer.alloc(0)
    case 'bytes':
      return Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 37) % 256))
    default:
      return bytes
  }
}

async function multipart(
  { bytes, name, field, extra }: FormFile,
  type: string,
  encoding: Encoding,
  said: string[],
) {
  said.push(name, field)
  const form = formOf(BYTES[bytes] as Buffer, name.toWellFormed(), field.toWellFormed())
  for (let i = 0; i < extra; i++) form.append(`extra${i}`, 'x')
  const written = new Response(form)
  const content = Buffer.from(await written.arrayBuffer())
  const isForm = type.startsWith('multipart')
  const whole = encoding === 'truncated' ? content.subarray(0, content.length >> 1) : content
  return { bytes: whole, type: isForm ? (written.headers.get('content-type') ?? '') : type }
}
