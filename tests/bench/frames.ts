// WebSocket frames, as cheaply as a client can have them (RFC 6455, 5.2).
import type { Dialect } from './dialects'
import { openWire, type Reader, type Wire } from './wire'

/** Hears of a frame where it lies in what arrived: `bytes[start]` to `bytes[end - 1]`. */
export type Hear = (bytes: Buffer, start: number, end: number) => void

const TEXT = 0x81
const CLOSED = 0x88
const PINGED = 0x89
const MASKED = 0x80

/** A frame to be sent, masked with zeros: which leaves the text as it is. */
export function frameOf(text: string): Buffer {
  const body = Buffer.from(text)
  const isShort = body.length < 126
  const head = Buffer.alloc(isShort ? 6 : 8)
  head[0] = TEXT
  head[1] = MASKED | (isShort ? body.length : 126)
  if (!isShort) head.writeUInt16BE(body.length, 2)
  return Buffer.concat([head, body])
}

/** Where the body of a frame whose length is `short` begins. */
const bodyAt = (at: number, short: number) => at + (short < 126 ? 2 : short === 126 ? 4 : 10)

function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}

/** What says that the connection is there still: a frame without a body, masked. */
const PONG = new Uint8Array([0x8a, MASKED, 0, 0, 0, 0])

/** Cuts what arrives into frames. */
const frameReader =
  (hear: Hear, pong: () => void): Reader =>
  bytes => {
    let at = 0
    while (at + 2 <= bytes.length) {
      const short = bytes[at + 1] as number
      const start = bodyAt(at, short)
      if (start > bytes.length) break
      const end = start + lengthOf(bytes, at, short)
      if (end > bytes.length) break
      if (bytes[at] === CLOSED) throw new Error('The server closed a socket.')
      if (bytes[at] === TEXT) hear(bytes, start, end)
      else if (bytes[at] === PINGED) pong()
      at = end
    }
    return at < bytes.length ? bytes.subarray(at) : null
  }

const SPOKEN_PONG = frameOf('3')

/** Opens a socket and resolves once it is signed in: by then the server has said so. */
export function openSocket(
  url: string,
  token: string,
  dialect: Dialect,
  hear: Hear,
  from?: string,
): Promise<Wire> {
  const { signIn, kindOf } = dialect
  return new Promise((resolve, reject) => {
    let wordsToCome = signIn ? 2 : 1
    const opened = openWire(url, bytes => read(bytes), from)
    opened.then(wire => wire.write(upgradeRequest(url, token, dialect)), reject)

    const say = (bytes: Uint8Array) => void opened.then(wire => wire.write(bytes))
    const hearFrame: Hear = (bytes, start, end) => {
      if (wordsToCome > 0) return greeted(kindOf(bytes, start))
      if (kindOf(bytes, start) === 'ping') say(SPOKEN_PONG)
      else hear(bytes, start, end)
    }
    const frames = frameReader(hearFrame, () => say(PONG))

    function greeted(kind: string) {
      if (kind === 'refusal') return reject(new Error('The sign-in was refused.'))
      wordsToCome--
      if (wordsToCome === 0) opened.then(resolve, reject)
      else if (signIn) say(frameOf(signIn(token)))
    }

    let read = function upgrading(bytes: Buffer): Buffer | null {
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) return bytes
      if (!bytes.toString('latin1', 0, 12).endsWith(' 101'))
        throw new Error(`No upgrade: ${bytes.toString('latin1', 0, end)}`)
      read = frames
      return frames(bytes.subarray(end + 4))
    }
  })
}

const upgradeRequest = (url: string, token: string, { path }: Dialect): Buffer =>
  Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n` +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
