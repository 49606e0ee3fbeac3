// Sends over POST on a kept connection, one after the other.
import { openWire, type Reader, type Wire } from './wire'
import type { Seat } from './scenarios'

/** The request, with room for the number of the text at `stampAt`. */
export function postRequest(url: string, { token, chat_id }: Seat, fields: object): Buffer {
  const body = JSON.stringify(fields)
  return Buffer.from(
    `POST /chats/${chat_id}/messages HTTP/1.1\r\nHost: ${new URL(url).host}\r\n` +
      `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** Opens a kept connection; `answered` is told of each 201 once all of it is here. */
export const openPoster = (url: string, answered: () => void): Promise<Wire> =>
  openWire(url, responseReader(answered))

const responseReader =
  (answered: () => void): Reader =>
  bytes => {
    const headEnd = bytes.indexOf('\r\n\r\n')
    if (headEnd === -1) return bytes
    const head = bytes.toString('latin1', 0, headEnd)
    if (!head.startsWith('HTTP/1.1 201')) throw new Error(`Not stored: ${bytes.toString()}`)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
    if (bytes.length < headEnd + 4 + length) return bytes
    answered()
    return null
  }
