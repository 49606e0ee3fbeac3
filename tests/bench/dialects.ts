// What is said on a socket: Natter's frames, which the ceiling speaks too, and the peer's Socket.IO.
import type { Job } from './jobs'

export type Kind = 'ack' | 'message' | 'refusal' | 'ping' | 'other'

export interface Dialect {
  path: string
  /** What is said first, after the server's first word; null: nothing, signed in by the header. */
  signIn: ((token: string) => string) | null
  send(fields: { chat_id: string; content: string; client_id: string }): string
  /** Told by one letter at a known place, which spares the parsing. */
  kindOf(bytes: Buffer, start: number): Kind
}

const letter = (text: string) => text.charCodeAt(0)
const [A, M, E, B] = ['a', 'm', 'e', 'b'].map(letter)

/** All frames begin with `{"type":"`. */
const native: Dialect = {
  path: '/ws',
  signIn: null,
  send: fields => JSON.stringify({ type: 'send', id: 1, ...fields }),
  kindOf(bytes, start) {
    const first = bytes[start + 9]
    if (first === A) return 'ack'
    if (first === M) return 'message'
    return first === E || first === B ? 'refusal' : 'other'
  },
}

const [PING, PACKET, EVENT, ACK, ERROR] = ['2', '4', '2', '3', '4'].map(letter)

/** Engine.IO 4 and Socket.IO 5: `431[{"message"…` is an ack, `431[{"error"…` a refusal, `42["message",…` an event. */
const socketio: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  signIn: token => `40${JSON.stringify({ token })}`,
  send: fields => `421${JSON.stringify(['send', fields])}`,
  kindOf(bytes, start) {
    if (bytes[start] === PING) return 'ping'
    if (bytes[start] !== PACKET) return 'other'
    const packet = bytes[start + 1]
    if (packet === ACK) return bytes[start + 6] === E ? 'refusal' : 'ack'
    if (packet === EVENT) return bytes[start + 4] === M ? 'message' : 'other'
    return packet === ERROR ? 'refusal' : 'other'
  },
}

export const dialects: Record<Job['dialect'], Dialect> = { native, socketio }
