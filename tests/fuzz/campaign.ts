// A run: cases one after the other, each judged, slow ones looked at again, failing ones shrunk and written down.
import fc from 'fast-check'
import { examine } from './afterwards'
import { readDocument } from './document'
import { wrongWith } from './oracle'
import { frameCases, playFrames, playRaw, rawCases, type FrameCase, type RawCase } from './raw'
import { playPolling, pollingCases, type PollingCase } from './polling'
import { httpCases, requestOf, type HttpCase } from './requests'
import { longestTurn, MOST_MS } from './slow'
import { playSocket, socketCases, type SocketCase } from './sockets'
import { startTarget } from './target'
import { curlOf, send } from './wire'
import { createWorld } from './world'

export type Case = HttpCase | SocketCase | PollingCase | RawCase | FrameCase

export interface Finding {
  /** Where and what, without values: a finding is told once. */
  what: string
  /** How to see it again. */
  how: string
}

export interface Report {
  cases: number
  seconds: number
  findings: Finding[]
  /** Those that kept the loop longest, in ms. */
  /** How often some were looked at again. */
  suspected: number
  slowest: { what: string; ms: number }[]
  /** Megabytes once warm and at the end. */
  memory: { warm: number; end: number }
  statuses: Record<string, number>
}

export interface Plan {
  cases: number
  seed: number
  /** Told now and then. */
  progress?(done: number): void
  /** Told at once. */
  tell?(finding: Finding): void
}

const AT_ONCE = 10
/** What keeps the loop for longer is looked at again, alone. */
const SUSPECT_MS = 25
/** So many cases before a suspect one may be the cause. */
const FOLLOWING = 12
const TEND_EVERY = 250
/** Attempts to find a smaller case that fails in the same way. */
const MOST_TRIES = 200

export async function runCampaign({ cases, seed, progress, tell }: Plan): Promise<Report> {
  await using disposable = new AsyncDisposableStack()
  const target = await startTarget()
  disposable.use(target.home)
  disposable.defer(async () => void (await target.stop()))
  const document = await readDocument(target.url)
  const world = await createWorld(target.url)

  const found = new Map<string, Finding>()
  const slow = new Map<string, number>()
  const statuses: Record<string, number> = {}
  const began = performance.now()
  let done = 0
  let warm = 0
  let last = ''
  let suspected = 0
  const recent: Case[] = []
  let failed: { what: string; how: string; tries: number } | undefined

  const anyCase: fc.Arbitrary<Case> = fc.oneof(
    { weight: 86, arbitrary: httpCases(document) },
    { weight: 9, arbitrary: socketCases(document) },
    { weight: 1, arbitrary: pollingCases },
    { weight: 2, arbitrary: rawCases },
    { weight: 1, arbitrary: frameCases },
  )

  /** Plays a case; null, or what is wrong with it. */
  async function play(one: Case): Promise<string | null> {
    last = fc.stringify(one)
    if (one.kind === 'socket') return named(one, await playSocket(one, world))
    if (one.kind === 'polling') return named(one, await playPolling(one, world))
    if (one.kind === 'raw') return named(one, await playRaw(one, target))
    if (one.kind === 'frames') return named(one, await playFrames(one, world))
    const request = await requestOf(one, world)
    last = curlOf(world.url, request)
    const answer = await send(world.url, request)
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
    if (answer.status < 400 && one.operation.responses) world.learn(jsonIn(answer))
    if (answer.status === 401) world.forget(request.headers)
    return named(one, wrongWith(one, request, answer, document))
  }

  const named = (one: Case, wrong: string | null) => wrong && `${nameOf(one)}: ${wrong}`

  /** Plays a case and looks at the process; null, or what is wrong. */
  async function judge(one: Case): Promise<string | null> {
    const wrong = await play(one).catch(error => `${nameOf(one)}: no answer (${error.name})`)
    const ms = target.longestTurn()
    if (target.exitCode() !== null) return `${nameOf(one)}: the server has ended`
    const [complaint] = target.complaints()
    if (complaint) return `${nameOf(one)}: logged ${messageIn(complaint)}`
    recent.push(one)
    if (recent.length > FOLLOWING) recent.shift()
    return wrong ?? (ms < SUSPECT_MS ? null : slowAmong(recent.splice(0).reverse()))
  }

  /** The one, or one of those before it: what follows a request comes some time after it. */
  async function slowAmong(suspects: Case[]): Promise<string | null> {
    suspected++
    const playAll = async () => {
      for (const one of suspects) await play(one).catch(() => null)
    }
    if ((await longestTurn(target, playAll, 1)) < SUSPECT_MS) return null
    for (const one of suspects) {
      const act = () => play(one).catch(() => null)
      const once = await longestTurn(target, act, 1)
      const ms = once < SUSPECT_MS ? once : await longestTurn(target, act)
      slow.set(nameOf(one), Math.max(ms, slow.get(nameOf(one)) ?? 0))
      if (ms > MOST_MS) return `${nameOf(one)}: keeps the loop too long`
    }
    return null
  }

  function note(finding: Finding) {
    found.set(finding.what, finding)
    tell?.(finding)
  }

  /** New findings only, and of these the first: the rest of the calls are attempts to find a smaller case. */
  async function take(one: Case): Promise<void> {
    if (failed && ++failed.tries > MOST_TRIES) return
    if (!failed) done++
    const what = await judge(one)
    if (!what || found.has(what) || (failed && failed.what !== what)) return
    failed = { tries: 0, ...failed, what, how: last }
    throw new Error(what)
  }

  const property = fc.asyncProperty(
    fc.array(anyCase, { minLength: AT_ONCE, maxLength: AT_ONCE, size: 'max' }),
    async steps => {
      for (const step of steps) await take(step)
    },
  )

  for (let round = 0; done < cases; round++) {
    const runs = Math.ceil(Math.min(TEND_EVERY, cases - done) / AT_ONCE)
    await fc.check(property, { seed: seed + round, numRuns: runs })
    if (failed) note({ what: failed.what, how: `--seed ${seed + round}: ${failed.how}` })
    failed = undefined
    if (target.exitCode() !== null) throw new Error(`the server has ended at: ${last}`)
    await world.tend()
    if (warm === 0 && done >= cases / 4) warm = target.memory()
    progress?.(done)
  }

  const memory = { warm, end: await memoryAtRest(target.memory) }
  for (const what of await examine(target, world)) note({ what, how: 'after the run' })
  return {
    cases: done,
    seconds: (performance.now() - began) / 1000,
    findings: [...found.values()],
    suspected,
    slowest: [...slow].map(([what, ms]) => ({ what, ms })).toSorted((a, b) => b.ms - a.ms),
    memory,
    statuses,
  }
}

/** The least of a while in which nothing is asked: what the collector leaves. */
async function memoryAtRest(memory: () => number): Promise<number> {
  let least = memory()
  for (let i = 0; i < 10; i++) {
    await Bun.sleep(300)
    least = Math.min(least, memory())
  }
  return least
}

function nameOf(one: Case): string {
  if (one.kind === 'http') return one.operation.name
  if (one.kind === 'socket') return `socket ${one.door}`
  if (one.kind === 'polling') return 'Socket.IO by polling'
  return one.kind === 'raw' ? `raw ${one.head[0]?.slice(0, 60)}` : 'frames of RFC 6455'
}

function jsonIn({ bytes, headers }: { bytes: Buffer; headers: Headers }): unknown {
  if (bytes.length === 0 || !headers.get('content-type')?.includes('json')) return null
  return JSON.parse(bytes.toString())
}

function messageIn(line: string): string {
  return (/"message":"([^"]{1,200})/.exec(line)?.[1] ?? line).slice(0, 200)
}
