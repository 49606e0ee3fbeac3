// How fast the frames of a socket may come: the same buckets as over REST, whatever the dialect.
import type { Rates } from '../auth/rates'
import type { Caller } from '../auth/sessions'
import { AppError } from '../lib/errors'
import { LIMITS } from './limits'
import type { ClientFrame } from './protocol'

/** It reads all chats of a person. */
const COST_OF_SYNC = 10

const HASTE_MS = 10_000

/** Frames of one socket that came too fast, and since when they are counted (ms of the process). */
export interface Haste {
  since: number
  frames: number
}

/** Throws 429 for a frame that comes too fast; it must not be handled then. */
export function mustKeepPace(rates: Rates, { type }: ClientFrame, caller: Caller) {
  if (type === 'send') rates.take('messages', caller)
  else rates.take('requests', caller, type === 'sync' ? COST_OF_SYNC : 1)
}

export const isTooFast = (error: AppError): boolean => error.status === 429

/** Passed over when it comes too fast, where no answer is asked for: the next one says as much. */
export const isHint = ({ type, id }: ClientFrame): boolean =>
  (type === 'typing' || type === 'presence') && id === undefined

/** Takes note of a frame that came too fast; true: it goes on like that, and the socket is to be closed. */
export function isHasty(haste: Haste, now = performance.now()): boolean {
  if (now - haste.since > HASTE_MS) Object.assign(haste, { since: now, frames: 0 })
  return ++haste.frames >= LIMITS.hasty_frames
}
