// What becomes of the driver's errors: callers see the one code, the log sees the cause.
import { MongoBulkWriteError, MongoError, MongoServerError } from 'mongodb'
import { unavailable } from '../../lib/errors'

const DUPLICATE_KEY = 11000

/** A unique index refused the write. Which one is for a look-up to find out: servers word it differently. */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY

/** The index of the first refused document of an `insertMany`; undefined: it failed for another reason. */
export function firstDuplicate(error: unknown): number | undefined {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return undefined
  const [refused] = [error.writeErrors].flat()
  return refused?.code === DUPLICATE_KEY ? refused.index : undefined
}

/** The indexes of the refused documents of an unordered `insertMany`; undefined: it failed for another reason. */
export function allDuplicates(error: unknown): Set<number> | undefined {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return undefined
  const refused = [error.writeErrors].flat()
  const only = refused.every(({ code }) => code === DUPLICATE_KEY)
  return only ? new Set(refused.map(({ index }) => index)) : undefined
}

const storageFailed = (cause: unknown) =>
  Object.assign(unavailable('storage_failed', 'The store did not answer. Try again.'), { cause })

type Method = (...args: never[]) => Promise<unknown>

/**
 * Stands between the ports and their callers: errors of the driver become `storage_failed`, whose
 * `cause` is for the log, and `settle` refuses what comes from now on and waits for what is under way.
 */
export function doorway() {
  const underWay = new Set<Promise<unknown>>()
  let closed = false

  async function pass<T>(operation: () => Promise<T>): Promise<T> {
    if (closed) throw storageFailed(new Error('the store is closed'))
    const running = operation()
    underWay.add(running)
    try {
      return await running
    } catch (error) {
      throw error instanceof MongoError ? storageFailed(error) : error
    } finally {
      underWay.delete(running)
    }
  }

  const behind =
    (method: Method): Method =>
    (...args) =>
      pass(() => method(...args))

  return {
    pass,

    /** The port with every method behind the doorway. */
    guard<Port extends object>(port: Port): Port {
      const methods = Object.entries(port as Record<string, Method>)
      return Object.fromEntries(methods.map(([name, method]) => [name, behind(method)])) as Port
    },

    async settle(): Promise<void> {
      closed = true
      await Promise.allSettled(underWay)
    },
  }
}
