// The log: one JSON line per event, never a secret or a message's text.
import { SonicBoom } from 'sonic-boom'
import type { Config } from '../config'
import { LEVELS, lineOf, type Facts } from './lines'

type Level = Exclude<Config['LOG_LEVEL'], 'silent'>

interface Tell {
  (msg: string): void
  (facts: Facts, msg: string): void
}

export interface Log extends Record<Level, Tell> {
  isLevelEnabled(level: Level): boolean
}

/** The log of a process, which has an end. */
export type WholeLog = ReturnType<typeof createLog>

/** Characters that may wait where nothing takes them, as on a full disk; lines beyond them are lost. */
const MOST_WAITING = 16 * 1024 * 1024

/**
 * Writes to standard output, a few lines at a time: a write per line would cost more than most requests. The lines of
 * one turn of the event loop are joined first, since the destination measures what it has anew with each piece it is
 * given.
 */
export function createLog(least: Config['LOG_LEVEL']) {
  const out = new SonicBoom({
    fd: 1,
    sync: false,
    minLength: 4096,
    maxLength: MOST_WAITING,
    periodicFlush: 200,
  })
  let lines: string[] = []
  let isRead = true

  // Once nobody reads it (EPIPE) nothing more is written; after other failures what waits is tried again with the next.
  out.on('error', (error: NodeJS.ErrnoException) => (isRead &&= error.code !== 'EPIPE'))

  function write(line: string) {
    if (lines.length === 0) setImmediate(pour)
    lines.push(line)
  }

  function pour() {
    if (isRead && lines.length > 0) out.write(lines.join(''))
    lines = []
  }

  function pourAndFlush() {
    pour()
    if (isRead) out.flushSync()
  }

  /** Takes no more, and resolves once all is out; `flush` leaves behind what comes while lines are being written. */
  async function end(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    process.off('exit', pourAndFlush)
    pour()
    if (!isRead) return
    out.once('close', resolve).once('error', () => resolve())
    out.end()
    return promise
  }

  const isLevelEnabled = (level: Level) => LEVELS[level] >= LEVELS[least]

  function teller(level: Level): Tell {
    if (!isLevelEnabled(level)) return () => {}
    return (...[facts, msg]: [string] | [Facts, string]) =>
      write(
        typeof facts === 'string'
          ? lineOf(LEVELS[level], {}, facts)
          : lineOf(LEVELS[level], facts, msg ?? ''),
      )
  }

  process.on('exit', pourAndFlush)
  const log: Log = {
    isLevelEnabled,
    debug: teller('debug'),
    info: teller('info'),
    warn: teller('warn'),
    error: teller('error'),
  }
  return Object.assign(log, { end })
}
