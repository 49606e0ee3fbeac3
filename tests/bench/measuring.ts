// One measurement of one side.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { plainly, type Outcome } from './jobs'
import { isAtWork, memoryOf } from './proc'
import { runClient, type Running } from './processes'
import type { Loaded, Scenario, Started } from './scenarios'
import type { Side } from './sides'
import type { World } from './world/plan'

export interface Terms {
  world: World
  seconds: number
  /** What makes the disk slow: the environment for it. */
  slowly: Record<string, string>
  /** For stores of one measurement. */
  dir: string
}

/** `running` is the server that all shared scenarios of this side use. */
export async function measure(scenario: Scenario, side: Side, running: Running | null, terms: Terms) {
  if ('figure' in scenario) return measureStart(scenario, side, terms)
  if (running === null) return measureFresh(scenario, side, terms)
  running.resume()
  const outcome = await load(scenario, side, running, terms)
  await settle(running)
  running.pause()
  return outcome
}

/** Closing thousands of sockets takes its time, which the next scenario is not to pay for. */
async function settle({ pid }: Running) {
  const [EACH_MS, ASLEEP, MOST_MS] = [20, 4, 5_000]
  const end = performance.now() + MOST_MS
  for (let asleep = 0; asleep < ASLEEP && performance.now() < end; asleep++) {
    await Bun.sleep(EACH_MS)
    if (await isAtWork(pid)) asleep = 0
  }
}

async function measureFresh(scenario: Loaded, side: Side, terms: Terms): Promise<Outcome> {
  const running = await side.start({ env: scenario.slowDisk ? terms.slowly : {} })
  const outcome = await load(scenario, side, running, terms)
  await running.stop()
  return outcome
}

function load(
  { work }: Loaded,
  { dialect, tokenOf }: Side,
  { url, pid }: Running,
  { world, seconds }: Terms,
) {
  const leadSeconds = Math.min(0.35, seconds / 2)
  return runClient({ ...work(world, tokenOf), dialect, url, pid, seconds, leadSeconds })
}

async function measureStart({ figure, store }: Started, side: Side, terms: Terms): Promise<Outcome> {
  const REST_MS = 1_000
  const dir = store === 'empty' ? mkdtempSync(join(terms.dir, 'empty-')) : undefined
  const port = freePort()
  const began = performance.now()
  const starting = side.start({ dir, port })
  const ms = await Promise.race([
    firstAnswer(`http://127.0.0.1:${port}/health`).then(() => performance.now() - began),
    starting.then(() => new Promise<never>(() => {})),
  ])
  const running = await starting
  if (figure === 'rest') await Bun.sleep(REST_MS)
  const value = figure === 'start' ? ms : ((await memoryOf(running.pid)) ?? NaN) / 1024
  await running.stop()
  if (dir) rmSync(dir, { recursive: true })
  return plainly(value)
}

function freePort(): number {
  const server = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  server.stop(true)
  return server.port
}

async function firstAnswer(url: string) {
  const isAnswered = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isAnswered())) await Bun.sleep(1)
}
