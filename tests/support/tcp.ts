// Bytes on a line, where no client would send such.
import { connect, type Socket } from 'node:net'
import { framesOf } from './slowpoke'

const SILENCE_MS = 1_500

export interface Exchange {
  /** Everything that came, as latin1. */
  text: string
  /** Of the first answer; 0: there was none. */
  status: number
  /** Whether the server closed the line; else nothing came any more for a while. */
  isClosed: boolean
}

function lineTo(url: string): Socket {
  const { hostname, port } = new URL(url)
  return connect(Number(port), hostname).on('error', () => {})
}

/**
 * Sends bytes, and answers what came until the line was closed, or was silent after something came; with `headOnly`
 * until the head of the first answer was there.
 */
export function exchange(url: string, bytes: string | Buffer, headOnly = false): Promise<Exchange> {
  const line = lineTo(url)
  const { promise, resolve } = Promise.withResolvers<Exchange>()
  let text = ''
  let timer: Timer | undefined
  const end = (isClosed: boolean) => {
    clearTimeout(timer)
    line.destroy()
    resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), isClosed })
  }
  const wait = () => {
    clearTimeout(timer)
    timer = setTimeout(() => end(false), text === '' ? 10 * SILENCE_MS : SILENCE_MS)
  }
  line.on('data', chunk => {
    text += (chunk as Buffer).toString('latin1')
    if (headOnly && text.includes('\r\n\r\n')) end(false)
    else wait()
  })
  line.on('close', () => end(true))
  line.write(bytes)
  wait()
  return promise
}

/** The head of a request, with a Host; `lines` after the first one are headers. */
export const headOf = (url: string, first: string, ...lines: string[]): string =>
  [`${first} HTTP/1.1`, `Host: ${new URL(url).host}`, ...lines, '', ''].join('\r\n')

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

export const upgradeTo = (url: string, path: string, ...lines: string[]) =>
  headOf(url, `GET ${path}`, ...UPGRADE, ...lines)

/** The status of an attempt to open a socket. */
export async function openingOf(url: string, path: string, ...lines: string[]): Promise<number> {
  return (await exchange(url, upgradeTo(url, path, ...lines), true)).status
}

/** A frame by hand (RFC 6455, 5.2), whole and masked unless told otherwise. */
export function frame(opcode: number, payload: string | Buffer, { fin = true, rsv = 0, masked = true } = {}) {
  const bytes = Buffer.from(payload as string)
  const size = bytes.length
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10)
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  head[1] = (masked ? 0x80 : 0) | (size < 126 ? size : size < 65_536 ? 126 : 127)
  if (head.length === 4) head.writeUInt16BE(size, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2)
  // A mask of zeros leaves the bytes as they are.
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), bytes])
}

/** Opens a socket, sends these frames once it greets, and answers its words until it is closed: with which code. */
export async function speak(url: string, token: string, frames: Buffer[], path = '/ws') {
  const line = lineTo(url)
  const chunks: Buffer[] = []
  const { promise: greeted, resolve: greet } = Promise.withResolvers<void>()
  const closed = new Promise<void>(close => line.once('close', () => close()))
  line.on('data', chunk => (chunks.push(chunk as Buffer), greet()))
  line.write(upgradeTo(url, path, `Authorization: Bearer ${token}`))
  await greeted
  for (const bytes of frames) line.write(bytes)
  await closed
  const all = Buffer.concat(chunks)
  return framesOf(all.subarray(all.indexOf('\r\n\r\n') + 4))
}
