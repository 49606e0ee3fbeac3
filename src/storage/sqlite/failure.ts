// What a failing database looks like from outside: 503, with the driver's words for the log only.
import { SQLiteError } from 'bun:sqlite'
import { unavailable } from '../../lib/errors'

export function storageFailed(cause: unknown): Error {
  const error = unavailable('storage_failed', 'The store did not answer. Try again in a moment.')
  error.cause = cause
  return error
}

/** The error that refuses one step: its own, or `storage_failed` where the database refused it. */
export function refusalOf(error: unknown): Error {
  if (error instanceof SQLiteError) return storageFailed(error)
  return error instanceof Error ? error : new Error('A storage step failed.', { cause: error })
}
