// The rule of a status that may end by itself.
import { invalid } from '../lib/errors'
import { nowIso } from '../lib/schema'
import { millisecondsAt, mustBeSoon } from '../lib/times'
import type { EditStatus } from './model'
import type { UserRecord } from './store'

const PATH = 'body/status_expires_at'

type Status = Pick<UserRecord, 'status' | 'status_expires_at'>

/** The status as it is now: one that has ended is none, also before its row is emptied. */
export function statusOf({ status, status_expires_at }: Status, now = nowIso()): Status {
  const hasEnded = status_expires_at !== null && status_expires_at <= now
  return hasEnded ? { status: null, status_expires_at: null } : { status, status_expires_at }
}

/** What is to be stored; 422 for an end that is past, more than a year away, or given twice. */
export function statusFrom({ status, status_expires_at, expires_in }: EditStatus): Status {
  const ends = endOf(status_expires_at ?? null, expires_in)
  return { status, status_expires_at: status === null ? null : ends }
}

function endOf(at: string | null, seconds: number | undefined): string | null {
  if (seconds === undefined) return at === null ? null : mustBeSoon(PATH, millisecondsAt(PATH, at))
  if (at !== null)
    throw invalid('body/expires_in', 'one_end', 'Give status_expires_at or expires_in, not both.')
  return new Date(Date.now() + seconds * 1000).toISOString()
}
