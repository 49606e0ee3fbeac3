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

/** An answer that takes longer is given up, so that nobody waits for ten seconds; what was asked may still be done. */
const PATIENCE_MS = 8_000

async function inTime<T>(running: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(storageFailed(new Error('no answer in time'))), PATIENCE_MS)
  try {
    return await Promise.race([running, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A reset connection sometimes comes as the system's error, as the driver got it. */
const isOfDriver = (error: unknown): boolean =>
  error instanceof MongoError || (error instanceof Error && 'syscall' in error)

type Method = (...args: never[]) => Promise<unknown>

/**
 * Stands between the ports and their callers: errors of the driver, and answers that take more than 8 seconds, become
 * `storage_failed`, whose `cause` is for the log; `settle` refuses what comes from now on and waits for what is under way.
 */
export function doorway() {
  const underWay = new Set<Promise<unknown>>()
  let closed = false

  async function begin<T>(operation: () => Promise<T>): Promise<T> {
    if (closed) throw storageFailed(new Error('the store is closed'))
    const running = operation()
    underWay.add(running)
    try {
      return await running
    } catch (error) {
      throw isOfDriver(error) ? storageFailed(error) : error
    } finally {
      underWay.delete(running)
    }
  }

  const pass = <T>(operation: () => Promise<T>): Promise<T> => inTime(begin(operation))

  const behind =
    (through: typeof pass, method: Method): Method =>
    (...args) =>
      through(() => method(...args))

  return {
    pass,

    /** The port with every method behind the doorway; `patient`: with no end to how long a call may take. */
    guard<Port extends object>(port: Port, patient: (keyof Port)[] = []): Port {
      const methods = Object.entries(port as Record<string, Method>)
      const guarded = methods.map(([name, method]) => [
        name,
        behind(patient.includes(name as keyof Port) ? begin : pass, method),
      ])
      return Object.fromEntries(guarded) as Port
    },

    async settle(): Promise<void> {
      closed = true
      await Promise.allSettled(underWay)
    },
  }
}
