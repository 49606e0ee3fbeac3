// One row of the fault matrix, and what rows share.
import { judge, isRight, historyOf, type Ledger, type Verdict } from '../support/oracle'
import { arrive, type Person } from '../support/people'
import { call } from '../support/raw'
import { newHome, start, type Server, type Wrap } from '../support/server'

export interface Outcome {
  /** What was measured, in a few words. */
  figures: string
  /** Where messages were sent: what became of them. */
  verdict?: Verdict
}

export interface Row {
  /** As in the matrix: F1, F3a … */
  id: string
  /** What is done. */
  does: string
  /** The store it is about; absent: both, one per run. `mongodb` rows bring their own. */
  store?: 'sqlite' | 'mongodb'
  /** What it needs that is not here, or null. */
  missing?: () => string | null
  /** Why there is nothing to run, for good. */
  never?: string
  /** Rows of one lane run one after the other, beside those of other lanes: for rows that mostly wait. */
  lane?: string
  /** Throws where something does not hold. */
  run?: (amount: Amount) => Promise<Outcome>
}

/** How much: in the short form, in the full one. */
export type Amount = (short: number, full: number) => number

export function must(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

/** The verdict of the whole chat as all these members read it; throws where it is not right. */
export async function judged(url: string, ledger: Ledger, members: Person[], chatId: string) {
  const lists = []
  for (const { token } of members) lists.push(await historyOf(url, token, chatId))
  return mustBeRight(ledger, judge(ledger, lists))
}

export function mustBeRight(ledger: Ledger, verdict: Verdict): Verdict {
  must(isRight(verdict), JSON.stringify(verdict))
  must(ledger.faults.length === 0, ledger.faults.slice(0, 3).join('; '))
  return verdict
}

export interface Site extends AsyncDisposable {
  home: Record<string, string>
  server: Server
  url: string
  /** Starts it again on the same address; answers how long it took until it was ready (ms). */
  startAgain(): Promise<number>
  /** Ends it as an operator would. */
  stop(): Promise<number>
}

const QUIET = { LOG_LEVEL: process.env.FAULTS_LOG ?? 'silent', RATE_LIMITS: 'off' }

/** A server with a store of its own. */
export async function siteOf(settings: Record<string, string> = {}, wrap?: Wrap): Promise<Site> {
  const own = await newHome()
  const home = { ...own, ...QUIET, ...settings }
  const site = {
    home,
    server: await start(home, wrap),
    url: '',
    async startAgain() {
      const begun = performance.now()
      site.server = await start({ ...home, PORT: new URL(site.url).port }, wrap)
      must((await call(site.url, 'GET', '/ready')).status === 200, 'not ready after the start')
      return performance.now() - begun
    },
    async stop() {
      site.server.process.kill()
      return site.server.process.exited
    },
    async [Symbol.asyncDispose]() {
      site.server.process.kill('SIGKILL')
      await site.server.process.exited
      await own[Symbol.asyncDispose]()
    },
  }
  site.url = site.server.url
  return site
}

export const crowd = async (url: string, size: number, name = 'p'): Promise<Person[]> => {
  const people: Person[] = []
  for (let i = 0; i < size; i++) people.push(await arrive(url, `${name}${i}`))
  return people
}

/** Waits for the thing itself; throws after so many seconds. */
export async function until(what: string, holds: () => unknown, seconds = 30): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (!(await holds())) {
    must(performance.now() < deadline, `not within ${seconds} s: ${what}`)
    await Bun.sleep(10)
  }
}

export const percentile = (values: number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN

export const ms = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`

export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}
