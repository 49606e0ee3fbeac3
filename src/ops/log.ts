// The log: one JSON line per event, never a secret or a message's text.
import pino from 'pino'
import type { Config } from '../config'

export type Log = pino.Logger

/** The log of a process, which has an end. */
export type WholeLog = ReturnType<typeof createLog>

/**
 * Writes to standard output, a few lines at a time: a write per line would cost more than most requests. The lines of
 * one turn of the event loop are joined first, since the destination measures what it has anew with each piece it is
 * given.
 */
export function createLog(level: Config['LOG_LEVEL']) {
  const out = pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 200 })
  let lines: string[] = []

  function write(line: string) {
    if (lines.length === 0) setImmediate(pour)
    lines.push(line)
  }

  function pour() {
    if (lines.length > 0) out.write(lines.join(''))
    lines = []
  }

  function pourAndFlush() {
    pour()
    out.flushSync()
  }

  /** Takes no more, and resolves once all is out; `flush` leaves behind what comes while lines are being written. */
  async function end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    process.off('exit', pourAndFlush)
    pour()
    out.once('close', resolve).once('error', () => resolve())
    out.end()
    return promise
  }

  process.on('exit', pourAndFlush)
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write })
  return Object.assign(log, { end })
}
