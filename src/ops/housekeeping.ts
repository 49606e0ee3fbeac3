// What is done now and then: scheduled messages go out, old ones expire, sign-ins that ended are dropped, accounts
// that are to go do, names of those who went become free, statuses end, who is here is noted as seen, files that nobody
// needs are collected, and what the search index has not seen is taken up.
import { nowIso } from '../lib/schema'
import type { Log } from './log'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

interface Rounds {
  schedule: { sendDue(): Promise<void> }
  retention: { sweep(): Promise<void> }
  unshown: { sweep(): Promise<void> }
  collecting: { collect(): Promise<void> }
  keys: { dropOldAudit(): Promise<void> }
  indexing: { takeUp(): Promise<void>; stop(): void }
  push: { load(): Promise<void> }
  notifying: { stop(): void }
  leaving: { takeUp(): Promise<void>; freeNames(): Promise<void>; stop(): void }
  self: { endStatuses(): Promise<void> }
  presence: { keepSeen(): Promise<void>; sessions(): Iterable<string> }
  usage: { keep(open: Iterable<string>): Promise<void> }
}

interface Expiring {
  dropExpired(now: string): Promise<void>
}

/** Starts the rounds; what fails is logged and tried again the next time. Answers how to stop. */
export function keepHouse(rounds: Rounds, signIns: Expiring, log: Log): () => void {
  const { schedule, retention, unshown, collecting, keys, indexing, leaving, push, notifying } = rounds
  const { self, presence, usage } = rounds
  const stops = [
    () => indexing.stop(),
    () => leaving.stop(),
    () => notifying.stop(),
    every(MINUTE_MS, 'push subscriptions', () => push.load(), log, 0),
    every(SECOND_MS, 'scheduled messages', () => schedule.sendDue(), log),
    every(SECOND_MS, 'statuses', () => self.endStatuses(), log),
    // What a crash loses of `last_seen` is at most this.
    every(50 * SECOND_MS, 'last seen', () => presence.keepSeen(), log),
    every(60 * SECOND_MS, 'last used', () => usage.keep(presence.sessions()), log),
    every(10 * SECOND_MS, 'retention', () => retention.sweep(), log),
    every(HOUR_MS, 'expired sign-ins', () => signIns.dropExpired(nowIso()), log),
    every(HOUR_MS, 'files that no message shows', () => unshown.sweep(), log, MINUTE_MS),
    every(24 * HOUR_MS, 'blobs without a record', () => collecting.collect(), log, HOUR_MS),
    every(MINUTE_MS, 'deleted accounts', () => leaving.takeUp(), log, 0),
    every(HOUR_MS, 'free usernames', () => leaving.freeNames(), log, 0),
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
