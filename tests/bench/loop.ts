// One request under way at a time: asked, answered, timed, and asked again.
import { randomBytes } from 'node:crypto'
import type { Meter } from './meter'
import type { Wire } from './wire'

export interface Loop {
  start(wire: Wire): void
  /** To be called for each answer. */
  answered(): void
  /** How many were sent, once the last of them is answered. */
  sent: Promise<number>
}

const STAMP = '########'

/** What is sent: a text, and the `client_id` that a client which repeats lost sends gives; unique with its number. */
export const body = () => ({
  content: `Shall we meet at the station at ${STAMP}?`,
  client_id: `${randomBytes(6).toString('hex')}-${STAMP}`,
})

/** Requests with a body, into which each puts its number. */
export function stamped(bytes: Buffer): () => Buffer {
  const places = [bytes.indexOf(STAMP), bytes.lastIndexOf(STAMP)]
  let sent = 0
  return () => {
    sent++
    for (const at of places) stamp(bytes, at, sent)
    return bytes
  }
}

/** These in turn, from one of them on. */
export function inTurn(requests: Buffer[], from: number): () => Buffer {
  let at = from
  return () => requests[at++ % requests.length] as Buffer
}

export function closedLoop(next: () => Buffer, meter: Meter, measured: () => void): Loop {
  const { promise, resolve } = Promise.withResolvers<number>()
  let wire: Wire
  let sent = 0
  let sentAt = 0

  function send() {
    sent++
    const bytes = next()
    sentAt = performance.now()
    wire.write(bytes)
  }

  return {
    sent: promise,
    start(opened) {
      wire = opened
      send()
    },
    answered() {
      meter.took(performance.now() - sentAt)
      measured()
      if (meter.isRunning) send()
      else resolve(sent)
    },
  }
}

function stamp(bytes: Buffer, at: number, value: number) {
  const ZERO = 0x30
  for (let i = STAMP.length - 1; i >= 0; i--) {
    bytes[at + i] = ZERO + (value % 10)
    value = Math.floor(value / 10)
  }
}
