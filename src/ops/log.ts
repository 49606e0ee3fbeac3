// The log: one JSON line per event, never a secret or a message's text.
import pino from 'pino'
import type { Config } from '../config'

export type Log = pino.Logger

/** Writes to standard output, a few lines at a time: a write per line would cost more than most requests. */
export function createLog(level: Config['LOG_LEVEL']): Log {
  const out = pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 200 })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, out)
}
