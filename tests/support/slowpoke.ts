// A WebSocket client that can stop reading: spoken by hand over TCP (RFC 6455), since no client lets one.
import { connect } from 'node:net'

export interface Slowpoke {
  /** Takes nothing more from the wire. */
  stopReading(): void
  /** Reads on to the end: the text frames, then the close code. */
  readToEnd(): Promise<{ frames: string[]; code: number | null }>
  /** Whether the server has cut the connection. */
  isCut(): boolean
}

/** Opens a socket and waits for the first frame. */
export async function slowpoke(url: string, token: string): Promise<Slowpoke> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: greeted, resolve: greet } = Promise.withResolvers<void>()
  const chunks: Buffer[] = []
  let cut = false

  socket.on('data', chunk => {
    chunks.push(chunk as Buffer)
    greet()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    cut = true
    end()
  })
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
  await greeted

  return {
    stopReading: () => void socket.pause(),
    isCut: () => cut,
    async readToEnd() {
      socket.resume()
      await ended
      const bytes = Buffer.concat(chunks)
      return framesOf(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))
    },
  }
}

/** The text frames before the close frame, and its code; null: there is none yet. */
export function framesOf(bytes: Buffer): { frames: string[]; code: number | null } {
  const frames: string[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] as number) & 0x0f
    const short = (bytes[at + 1] as number) & 0x7f
    const head = short === 126 ? 4 : short === 127 ? 10 : 2
    const size =
      short === 126
        ? bytes.readUInt16BE(at + 2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short
    const body = bytes.subarray(at + head, at + head + size)
    if (opcode === 8) return { frames, code: body.length >= 2 ? body.readUInt16BE(0) : null }
    if (opcode === 1) frames.push(body.toString())
    at += head + size
  }
  return { frames, code: null }
}
