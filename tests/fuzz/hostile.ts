// What nobody honest sends: values, and the ways to spoil a body that would have fitted.
import fc, { type Arbitrary } from 'fast-check'

const LONG = 'k'.repeat(10_240)

export const hostileText = fc.constantFrom(
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'x\udfff',
  '\u202egnp.exe',
  '\u200f\u200e\u2066\u2069',
  '👩‍👩‍👧‍👦'.repeat(20),
  'Z̷̢̛̳̈́ͅa'.repeat(40),
  '\ufeffbom',
  'ﷺ'.repeat(100),
  '../../etc/passwd',
  '..%2f..%2fetc',
  '%00',
  '%0d%0aSet-Cookie: a=b',
  '\r\nX-Evil: 1',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '{"$ne":null}',
  '$where',
  '.*(a+)+$',
  '(((((((((a',
  '\\',
  '*',
  '%',
  '_',
  '<script>alert(1)</script>',
  '@',
  '@me',
  'me',
  'null',
  'undefined',
  '[object Object]',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  'Infinity',
  '-1',
  '0x10',
  '1e3',
  '1e400',
  '9007199254740993',
  '0'.repeat(24),
  'f'.repeat(24),
  'F'.repeat(24),
  '0'.repeat(23),
  '2026-02-31T25:61:61Z',
  '+275760-09-13T00:00:00.000Z',
  '9999-12-31T23:59:59.999999999+23:59',
  '0000-01-01T00:00Z',
  'data:text/html,x',
  'javascript:alert(1)',
  'https://169.254.169.254/latest',
  LONG,
  '𠮷'.repeat(4001),
  'a'.repeat(8001),
  'a '.repeat(4000),
  'é'.normalize('NFD').repeat(4000),
)

export const hostileValue: Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -1,
      -0,
      1.5,
      1e308,
      1e21,
      2 ** 53,
      2 ** 53 + 2,
      -(2 ** 53),
      2 ** 31,
      8.64e15,
      5e-324,
      [],
      {},
      [[]],
      [null],
      { $ne: null },
      { $gt: '' },
      { length: 1e9 },
      { toString: 'x' },
      { toJSON: 'x', valueOf: 1 },
      { id: '0'.repeat(24) },
    ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 40 }).map(depth => nested(depth)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 90, max: 1100 }).map(count => Array.from({ length: count }, () => 'me')),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
)

const nested = (depth: number): unknown =>
  depth === 0 ? 1 : depth % 2 ? [nested(depth - 1)] : { a: nested(depth - 1) }

/** One way to spoil an object. `at` says where, and is taken modulo what there is. */
export interface Spoiling {
  how: 'replace' | 'remove' | 'add' | 'grow'
  at: number
  key: string
  value: unknown
}

export const spoiling: Arbitrary<Spoiling> = fc.record({
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'grow'),
  at: fc.nat(99),
  key: fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'length',
    'extra',
    '$set',
    'role',
    'id',
    'is_admin',
    '\u0000',
    LONG,
  ),
  value: hostileValue,
})

/** The same object with one thing spoilt. */
export function spoil(body: unknown, { how, at, key, value }: Spoiling): unknown {
  const places = placesIn(body)
  const path = places[at % places.length] as (string | number)[]
  if (how === 'add')
    return isObject(body) ? Object.fromEntries([...Object.entries(body), [key, value]]) : value
  if (how === 'remove') return withChanged(body, path, () => undefined)
  if (how === 'grow') return withChanged(body, path, grown)
  return withChanged(body, path, () => value)
}

/** Just beyond what is allowed, somewhere. */
function grown(value: unknown): unknown {
  if (typeof value === 'string') return (value || 'x').repeat(40).slice(0, 8200)
  if (typeof value === 'number') return value * 1e6 + 0.5
  if (Array.isArray(value))
    return Array.from({ length: 101 }, (_, i) => value[i % Math.max(1, value.length)] ?? 'me')
  return [value]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype

function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const inner = isObject(value) ? Object.entries(value) : Array.isArray(value) ? [...value.entries()] : []
  return [path, ...inner.flatMap(([key, item]) => placesIn(item, [...path, key]))].filter(
    (place, _, all) => place.length > 0 || all.length === 1,
  )
}

function withChanged(
  value: unknown,
  [first, ...rest]: (string | number)[],
  change: (old: unknown) => unknown,
): unknown {
  if (first === undefined) return change(value)
  if (Array.isArray(value))
    return value.map((item, i) => (i === first ? withChanged(item, rest, change) : item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (key !== first) return [[key, item]]
      const changed = withChanged(item, rest, change)
      return changed === undefined ? [] : [[key, changed]]
    }),
  )
}

export const hostileHeader: Arbitrary<[string, string]> = fc.constantFrom<[string, string][][number]>(
  ['range', 'bytes=0-0'],
  ['range', 'bytes=-1'],
  ['range', 'bytes=5-2'],
  ['range', 'bytes=999999999999999999-'],
  ['range', `bytes=${'0-1,'.repeat(1000)}0-1`],
  ['range', 'bytes=a-b'],
  ['if-none-match', '*'],
  ['if-none-match', '"x", W/"y", "'],
  ['if-none-match', '"'.repeat(4000)],
  ['if-range', '"x"'],
  ['if-modified-since', 'yesterday'],
  ['idempotency-key', 'k'.repeat(5000)],
  ['x-acting-user', '0'.repeat(24)],
  ['x-acting-user', '@ann'],
  ['x-acting-user', '../..'],
  ['x-forwarded-for', '1.2.3.4, ::1'],
  ['x-forwarded-host', 'evil.example'],
  ['x-http-method-override', 'DELETE'],
  ['origin', 'https://evil.example'],
  ['accept', 'text/html'],
  ['accept-encoding', 'gzip;q=NaN, br;q=9'],
  ['accept-language', 'x'.repeat(4000)],
  ['cookie', '__proto__=x; a[b]=c; session=%00'],
  ['content-encoding', 'gzip'],
  ['expect', 'nothing'],
  ['upgrade', 'h2c'],
  ['upgrade', 'websocket'],
  ['te', 'trailers'],
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', 'multipart/form-data'],
  ['content-type', `multipart/form-data; boundary=${'b'.repeat(200)}`],
  ['content-type', 'application/json, text/plain'],
  ['content-type', ';'],
  ['host', 'x'],
  ['host', 'evil.example:99999'],
  ['host', 'localhost'],
)
