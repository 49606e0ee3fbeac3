// Sending requests as they are, and writing them down so that anybody can send them again.
import { connect } from 'node:net'
import type { Request } from './requests'

export interface Answer {
  status: number
  headers: Headers
  bytes: Buffer
}

const PATIENCE_MS = 20_000

/** Resolves with the answer; rejects where none comes in time, or the connection ends without one. */
export async function send(url: string, { method, target, headers, body }: Request): Promise<Answer> {
  const response = await fetch(url + target, {
    method,
    headers,
    body: body as BodyInit | undefined,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, headers: response.headers, bytes }
}

/**
 * Writes bytes to a connection of its own, `later` once something has come, and reads until it ends, or until nothing
 * has come for a while.
 */
export function exchange(
  url: string,
  chunks: Buffer[],
  quietMs: number,
  later: Buffer[] = [],
): Promise<Buffer> {
  const { hostname, port } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  const heard: Buffer[] = []
  const socket = connect(Number(port), hostname)
  const end = () => {
    socket.destroy()
    resolve(Buffer.concat(heard))
  }
  socket.setTimeout(quietMs, end)
  socket.on('data', chunk => {
    heard.push(chunk as Buffer)
    for (const more of later.splice(0)) socket.write(more)
  })
  socket.on('error', end)
  socket.on('close', end)
  for (const chunk of chunks) socket.write(chunk)
  return promise
}

/** The same request as a command; a body that is no text is given in base64. */
export function curlOf(url: string, { method, target, headers, body }: Request): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const flags = headers.map(([name, value]) => `-H ${quoted(`${name}: ${value.slice(0, 2000)}`)}`)
  const isText = body?.every(byte => byte >= 0x20 && byte < 0x7f)
  const data =
    body && (isText ? `--data-raw ${quoted(body.toString().slice(0, 20_000))}` : '--data-binary @-')
  const before = body && !isText ? `echo ${body.subarray(0, 20_000).toString('base64')} | base64 -d | ` : ''
  return [`${before}curl -s -i -g -X ${method}`, ...flags, data, quoted(url + target)]
    .filter(Boolean)
    .join(' ')
}
