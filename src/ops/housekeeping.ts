// What is done now and then: scheduled messages go out, old ones expire, sign-ins that ended are dropped,
// statuses end, who is here is noted as seen, and what the search index has not seen is taken up.
import { nowIso } from '../lib/schema'
import type { Log } from './log'

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

interface Rounds {
  schedule: { sendDue(): Promise<void> }
  retention: { sweep(): Promise<void> }
  indexing: { takeUp(): Promise<void>; stop(): void }
  self: { endStatuses(): Promise<void> }
  presence: { keepSeen(): Promise<void>; sessions(): Iterable<string> }
  usage: { keep(open: Iterable<string>): Promise<void> }
}

interface Expiring {
  dropExpired(now: string): Promise<void>
}

/** Starts the rounds; what fails is logged and tried again the next time. Answers how to stop. */
export function keepHouse(
  { schedule, retention, indexing, self, presence, usage }: Rounds,
  signIns: Expiring,
  log: Log,
): () => void {
  const stops = [
    () => indexing.stop(),
    every(SECOND_MS, 'scheduled messages', () => schedule.sendDue(), log),
    every(SECOND_MS, 'statuses', () => self.endStatuses(), log),
    // What a crash loses of `last_seen` is at most this.
    every(50 * SECOND_MS, 'last seen', () => presence.keepSeen(), log),
    every(60 * SECOND_MS, 'last used', () => usage.keep(presence.sessions()), log),
    every(10 * SECOND_MS, 'retention', () => retention.sweep(), log),
    every(HOUR_MS, 'expired sign-ins', () => signIns.dropExpired(nowIso()), log),
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
