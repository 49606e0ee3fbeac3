// What no client library sends: broken heads and bodies of HTTP, and broken frames after an upgrade (RFC 9112, RFC 6455).
import fc, { type Arbitrary } from 'fast-check'
import type { Target } from './target'
import { exchange } from './wire'
import type { World } from './world'

export interface RawCase {
  kind: 'raw'
  /** Lines of a head; without an empty line at the end where the head itself is broken. */
  head: string[]
  body: string
  /** In which pieces it is sent. */
  pieces: number
}

export interface FrameCase {
  kind: 'frames'
  /** Bytes after the upgrade, as hex, of which `~` stands for the mask and `@` for a payload of that many bytes. */
  frames: { first: number; second: number; extended: string; payload: number; mask: boolean }[]
  n: number
}

const HEADERS = [
  'Content-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: -1',
  'Content-Length: 0x5',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5, 5',
  'Content-Length: ',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: gzip, chunked',
  'Content-Type: application/json',
  'Content-Type: application/json\r\nContent-Type: text/plain',
  'Authorization: Bearer x\r\nAuthorization: Bearer y',
  'Authorization: Bearer \0',
  'Authorization: Bearer \x7f\xff',
  `Authorization: Bearer ${'t'.repeat(20_000)}`,
  `X-Long: ${'l'.repeat(70_000)}`,
  Array.from({ length: 260 }, (_, i) => `X-${i}: 1`).join('\r\n'),
  'X: a\r\n folded',
  'No colon here',
  ': no name',
  'X\0Y: 1',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13',
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x',
  'Connection: keep-alive, close, upgrade',
  'Range: bytes=0-,0-,0-',
  'Cookie: a=b; a=c; ;;; =',
]
const HOSTS = [
  'Host: 127.0.0.1',
  'Host: x',
  'Host: ',
  'Host: a\r\nHost: b',
  'Host: [::1]:80',
  'Host: a b',
  'Host: é.example',
  '',
]
const TARGETS = [
  '/health',
  '/auth/login',
  '/users/me',
  '/chats/%00',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/../../etc/passwd',
  '//evil.example/x',
  'http://evil.example/health',
  '*',
  'health',
  '/a b',
  '/%',
  '/%zz',
  '/\xff',
  '/users/%ff%fe',
  '/static/..%2f..%2fpackage.json',
  '/static/%2e%2e/package.json',
  '/docs/json?%',
  '/docs/asyncapi.json',
  '/redoc?x[]=1',
  '/socket.io/?EIO=4&transport=polling',
  '/socket.io/?EIO=4&transport=polling&sid=x',
  '/socket.io/?EIO=3&transport=polling',
  '/socket.io/?EIO=4&transport=__proto__',
  '/ws',
  `/${'p'.repeat(20_000)}`,
  `/?${'q=1&'.repeat(4_000)}`,
]
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
  'PROPFIND',
  'G\0T',
  'X'.repeat(300),
]
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/0.9',
  'HTTP/2.0',
  'HTTP/9',
  'JUNK',
  '',
]
const BODIES = [
  '',
  'hello',
  '{"a":1}',
  '5\r\nhello\r\n0\r\n\r\n',
  'zz\r\n',
  'ffffffffffffffff\r\nx',
  '-1\r\nx',
  '5;x=y\r\nhello\r\n0\r\nT: x\r\n\r\n',
]

export const rawCases: Arbitrary<RawCase> = fc
  .record({
    method: fc.constantFrom(...METHODS, 'GET', 'POST', 'POST'),
    target: fc.constantFrom(...TARGETS),
    version: fc.constantFrom(...VERSIONS),
    host: fc.oneof(
      { weight: 3, arbitrary: fc.constant(HOSTS[0] as string) },
      { weight: 1, arbitrary: fc.constantFrom(...HOSTS) },
    ),
    headers: fc.subarray(HEADERS, { maxLength: 3 }),
    body: fc.constantFrom(...BODIES),
    pieces: fc.constantFrom(1, 1, 2, 5),
    ends: fc.constantFrom('\r\n\r\n', '\r\n\r\n', '\r\n\r\n', '\n\n', '\r\n'),
  })
  .map(({ method, target, version, host, headers, body, pieces, ends }) => ({
    kind: 'raw' as const,
    head: [`${method} ${target} ${version}`, host, ...headers, `Connection: close${ends}`].filter(
      line => line !== '',
    ),
    body,
    pieces,
  }))

export const frameCases: Arbitrary<FrameCase> = fc.record({
  kind: fc.constant('frames' as const),
  frames: fc.array(
    fc.record({
      first: fc.oneof(fc.constantFrom(0x81, 0x01, 0x00, 0x80, 0x82, 0x88, 0x89, 0x8a), fc.nat(255)),
      second: fc.oneof(fc.constantFrom(0, 1, 5, 125, 126, 127), fc.nat(127)),
      extended: fc.constantFrom(
        '',
        '0000',
        '007f',
        'ffff',
        '0000000000010001',
        'ffffffffffffffff',
        '7fffffffffffffff',
      ),
      payload: fc.constantFrom(0, 1, 2, 5, 125, 300, 66_000, 140_000),
      mask: fc.oneof(
        { weight: 5, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  n: fc.nat(999),
})

/** Long enough for an answer on a busy machine; most connections are closed before. */
const QUIET_MS = 150

/** Null, or what is wrong: an answer of 5xx, or one that is no HTTP. */
export async function playRaw({ head, body, pieces }: RawCase, { url }: Target): Promise<string | null> {
  const bytes = Buffer.from(head.join('\r\n') + body, 'latin1')
  const size = Math.ceil(bytes.length / pieces)
  const chunks = Array.from({ length: pieces }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  const answer = (await exchange(url, chunks, QUIET_MS)).toString('latin1')
  if (answer === '') return null
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0)
  if (status === 0) return 'an answer that is no HTTP'
  // 505: a version of HTTP that Bun does not speak.
  return status >= 500 && status !== 505 && !/^retry-after:/im.test(answer) ? `status ${status}` : null
}

/** Null, or what is wrong: a frame that tells of an error in the server. */
export async function playFrames({ frames, n }: FrameCase, world: World): Promise<string | null> {
  const { token } = world.personAt(n)
  const upgrade =
    'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const said = frames.map(({ first, second, extended, payload, mask }) =>
    Buffer.concat([
      Buffer.from([first, second | (mask ? 0x80 : 0)]),
      Buffer.from(extended, 'hex'),
      mask ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0),
      Buffer.alloc(payload, 'payload'),
    ]),
  )
  const heard = (await exchange(world.url, [Buffer.from(upgrade)], QUIET_MS, said)).toString('latin1')
  if (!heard.startsWith('HTTP/1.1 101'))
    return heard === '' || heard.startsWith('HTTP/1.1 4') ? null : `no upgrade: ${heard.slice(0, 40)}`
  return /"status":5\d\d/.test(heard) ? 'an error of status 5xx' : null
}
