// How many files the system lets this process have open: each socket is one.
import { readFileSync } from 'node:fs'
import { settings } from '../config'
import type { Log } from './log'

/** For everything that is no socket: the database, requests, files being sent. */
const KEPT_BACK = 512

/** Fewer sockets than this are worth a word, even where nobody asked for more. */
const FEW = 5_000

/** The soft limit of open files, which Bun raises as far as it may at its start; null where it is not known. */
export function limitOfOpenFiles(): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === undefined ? null : Number(soft)
  } catch {
    return null
  }
}

/** As many sockets as are wanted, or as the limit leaves room for: half of it where it is very low. */
export function socketsThatFit(wanted: number, log: Log, openFiles = limitOfOpenFiles()): number {
  if (openFiles === null) return wanted
  const most = Math.max(openFiles - KEPT_BACK, Math.floor(openFiles / 2))
  if (wanted <= most) return wanted
  const isMissed = wanted !== settings.MAX_SOCKETS.unset || most < FEW
  const facts = { wanted, sockets: most, open_files: openFiles }
  log[isMissed ? 'warn' : 'debug'](facts, 'fewer sockets: raise the limit of open files')
  return most
}
