// A WebSocket client that can stop reading: spoken by hand over TCP (RFC 6455), since no client lets one.
import { connect } from 'node:net'

export interface Slowpoke {
  /** Takes nothing more from the wire. */
  stopReading(): void
  /** Reads on to the end: the text frames, then the close code. */
  readToEnd(): Promise<Heard>
  /** Whether the end of the connection has been read. */
  isCut(): boolean
  /** Where it comes from. */
  port: number
  /** Puts bytes on the wire as they are. */
  write(bytes: Uint8Array): void
  /** What has come so far, but for the answer to the upgrade. */
  sofar(): Heard
  /** The same, as it came: the text frames of each piece, which is as much as the server wrote at once, or more. */
  pieces(): string[][]
  /** Goes away without a word. */
  leave(): void
}

/** Text frames, how many pongs came between, and the code that closed it, if any. */
export interface Heard {
  frames: string[]
  pongs: number
  code: number | null
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

  function sofar(): Heard {
    const bytes = Buffer.concat(chunks)
    return framesOf(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))
  }

  return {
    stopReading: () => void socket.pause(),
    isCut: () => cut,
    port: socket.localPort as number,
    sofar,
    write: bytes => void socket.write(bytes),
    pieces: () => chunks.map(chunk => framesOf(chunk).frames),
    leave: () => void socket.destroy(),
    async readToEnd() {
      socket.resume()
      await ended
      return sofar()
    },
  }
}

/** The text frames before the close frame, its code (null: there is none yet), and how many pongs. */
export function framesOf(bytes: Buffer): Heard {
  const frames: string[] = []
  let pongs = 0
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
    if (opcode === 8) return { frames, pongs, code: body.length >= 2 ? body.readUInt16BE(0) : null }
    if (opcode === 10) pongs++
    if (opcode === 1) frames.push(body.toString())
    at += head + size
  }
  return { frames, pongs, code: null }
}
