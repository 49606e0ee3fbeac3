// Requests to every operation of the document: fitting ones, spoilt ones, and such as only attackers send.
import fc, { type Arbitrary } from 'fast-check'
import type { ApiDocument, Operation } from './document'
import { bodies, bytesOf, seldom, type Body } from './bodies'
import { hostileHeader, hostileText } from './hostile'
import { resolve } from './refs'
import { parameterOf } from './values'
import type { World } from './world'

export interface Actor {
  as: 'member' | 'person' | 'admin' | 'key' | 'nobody' | 'garbage'
  n: number
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
