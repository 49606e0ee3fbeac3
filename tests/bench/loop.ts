// One send under way at a time: sent, acknowledged, timed, and sent again.
import { randomBytes } from 'node:crypto'
import type { Meter } from './meter'
import type { Wire } from './wire'

export interface Loop {
  start(wire: Wire): void
  /** To be called for each acknowledgement. */
  acknowledged(): void
  /** How many were sent, once the last of them is acknowledged. */
  sent: Promise<number>
}

const STAMP = '00000000'

/** What is sent: a text, and the `client_id` that a client which repeats lost sends gives; unique with its number. */
export const body = () => ({
  content: `Shall we meet at the station at ${STAMP}?`,
  client_id: `${randomBytes(6).toString('hex')}-${STAMP}`,
})

/** `bytes` hold a body, into which each send puts its number. */
export function closedLoop(bytes: Buffer, meter: Meter, measured: () => void): Loop {
  const { promise, resolve } = Promise.withResolvers<number>()
  const places = [bytes.indexOf(STAMP), bytes.lastIndexOf(STAMP)]
  let wire: Wire
  let sent = 0
  let sentAt = 0

  function send() {
    sent++
    for (const at of places) stamp(bytes, at, sent)
    sentAt = performance.now()
    wire.write(bytes)
  }

  return {
    sent: promise,
    start(opened) {
      wire = opened
      send()
    },
    acknowledged() {
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
