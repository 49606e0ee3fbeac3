// WebSocket frames, as cheaply as a client can have them (RFC 6455, 5.2).
import { openWire, type Reader, type Wire } from './wire'

/** Hears of a frame where it lies in what arrived: `bytes[start]` to `bytes[end - 1]`. */
export type Hear = (bytes: Buffer, start: number, end: number) => void

const TEXT = 0x81
const CLOSED = 0x88
const MASKED = 0x80
const HEAD_BYTES = 8

/** A frame to be sent, masked with zeros: which leaves the text as it is. */
export function frameOf(text: string): Buffer {
  const body = Buffer.from(text)
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = TEXT
  head[1] = MASKED | 126
  head.writeUInt16BE(body.length, 2)
  return Buffer.concat([head, body])
}

/** Where the body of a frame whose length is `short` begins. */
const bodyAt = (at: number, short: number) => at + (short < 126 ? 2 : short === 126 ? 4 : 10)

function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short < 126) return short
  return short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
}

/** Cuts what arrives into frames. */
export const frameReader =
  (hear: Hear): Reader =>
  bytes => {
    let at = 0
    while (at + 2 <= bytes.length) {
      const short = bytes[at + 1] as number
      const start = bodyAt(at, short)
      if (start > bytes.length) break
      const end = start + lengthOf(bytes, at, short)
      if (end > bytes.length) break
      if (bytes[at] === CLOSED) throw new Error('The server closed a socket.')
      hear(bytes, start, end)
      at = end
    }
    return at < bytes.length ? bytes.subarray(at) : null
  }

/** Opens a socket and resolves once the server has said its first word. */
export function openSocket(url: string, token: string, hear: Hear): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const frames = frameReader(hear)
    const greeting = frameReader(() => opened.then(resolve, reject))
    let read = upgrading

    function upgrading(bytes: Buffer): Buffer | null {
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) return bytes
      if (!bytes.toString('latin1', 0, 12).endsWith(' 101'))
        throw new Error(`No upgrade: ${bytes.toString('latin1', 0, end)}`)
      read = greet
      return greet(bytes.subarray(end + 4))
    }

    function greet(bytes: Buffer): Buffer | null {
      const rest = greeting(bytes)
      if (rest === null && bytes.length > 0) read = frames
      return rest
    }

    const opened = openWire(url, bytes => read(bytes))
    opened.then(wire => wire.write(upgradeRequest(url, token)), reject)
  })
}

const upgradeRequest = (url: string, token: string): Buffer =>
  Buffer.from(
    `GET /ws HTTP/1.1\r\nHost: ${new URL(url).host}\r\nAuthorization: Bearer ${token}\r\n` +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
