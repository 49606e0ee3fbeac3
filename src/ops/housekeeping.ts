// What is done now and then: scheduled messages go out, old ones expire, sign-ins that ended are dropped, and what
// the search index has not seen is taken up.
import { nowIso } from '../lib/schema'
import type { Log } from './log'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

interface Rounds {
  schedule: { sendDue(): Promise<void> }
  retention: { sweep(): Promise<void> }
  keys: { dropOldAudit(): Promise<void> }
  indexing: { takeUp(): Promise<void>; stop(): void }
}

interface Expiring {
  dropExpired(now: string): Promise<void>
}

/** Starts the rounds; what fails is logged and tried again the next time. Answers how to stop. */
export function keepHouse(
  { schedule, retention, keys, indexing }: Rounds,
  signIns: Expiring,
  log: Log,
): () => void {
  const stops = [
    () => indexing.stop(),
    every(SECOND_MS, 'scheduled messages', () => schedule.sendDue(), log),
    every(10 * SECOND_MS, 'retention', () => retention.sweep(), log),
    every(HOUR_MS, 'expired sign-ins', () => signIns.dropExpired(nowIso()), log),
    every(HOUR_MS, 'old audit entries', () => keys.dropOldAudit(), log),
    every(HOUR_MS, 'search index', () => indexing.takeUp(), log, 0),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** A round begins some time after the one before has ended, so that they never overlap; the first one after `firstMs`. */
function every(ms: number, what: string, round: () => Promise<void>, log: Log, firstMs = ms): () => void {
  let timer: Timer | undefined
  let stopped = false

  async function go() {
    await round().catch(err => log.warn({ err, what }, 'round failed'))
    if (!stopped) wait(ms)
  }

  const wait = (time: number) => {
    timer = setTimeout(go, time)
    timer.unref()
  }
  wait(firstMs)
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
