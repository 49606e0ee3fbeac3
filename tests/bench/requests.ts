// Requests on a kept connection, one after the other.
import { openWire, type Reader, type Wire } from './wire'

export function requestOf(url: string, method: string, path: string, token: string | null, fields?: object) {
  const body = fields ? JSON.stringify(fields) : ''
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${new URL(url).host}`]
  if (token !== null) lines.push(`Authorization: Bearer ${token}`)
  if (fields) lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`)
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

export interface Answer {
  status: number
  body(): Record<string, unknown>
}

/** Opens a kept connection; `answered` is told of each answer once all of it is here. */
export const openKept = (url: string, answered: (answer: Answer) => void): Promise<Wire> =>
  openWire(url, responseReader(answered))

const responseReader =
  (answered: (answer: Answer) => void): Reader =>
  bytes => {
    const headEnd = bytes.indexOf('\r\n\r\n')
    if (headEnd === -1) return bytes
    const head = bytes.toString('latin1', 0, headEnd)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    if (Number.isNaN(length)) throw new Error(`An answer without a length: ${head}`)
    const end = headEnd + 4 + length
    if (bytes.length < end) return bytes
    answered({
      status: Number(head.slice(9, 12)),
      body: () => JSON.parse(bytes.toString('utf8', headEnd + 4, end)),
    })
    return null
  }

/** 200 or 201, or the client ends. */
export function mustBeFine({ status, body }: Answer) {
  if (status !== 200 && status !== 201) throw new Error(`Refused with ${status}: ${JSON.stringify(body())}`)
}
