// How long one input keeps the loop: the processor time of the main thread between two answers to a probe.
import type { Target } from './target'

/** No single input may keep everybody waiting for longer. */
export const MOST_MS = 50
const REPEATS = 5
const SETTLED_MS = 2

/**
 * The longest time in ms that the loop was busy without a turn for others while `act` ran, the least of some repeats:
 * so neither the collector of memory nor what else runs on the machine counts.
 */
export async function longestTurn(
  target: Target,
  act: () => Promise<unknown>,
  repeats = REPEATS,
): Promise<number> {
  const found: number[] = []
  for (let i = 0; i < repeats; i++) {
    await settled(target)
    found.push(await longestTurnOnce(target, act))
  }
  return Math.min(...found)
}

async function longestTurnOnce(target: Target, act: () => Promise<unknown>): Promise<number> {
  let isDone = false
  const acted = act().finally(() => (isDone = true))
  let longest = 0
  let quiet = 0
  let before = target.processorTime()
  while (!isDone || quiet < 30) {
    await fetch(`${target.url}/health`).then(answer => answer.arrayBuffer())
    const now = target.processorTime()
    const ms = (now - before) / 1e6
    before = now
    longest = Math.max(longest, ms)
    // What follows a request, such as the index, begins some 20 ms after it.
    quiet = isDone && ms < SETTLED_MS ? quiet + 1 : 0
    if (isDone) await Bun.sleep(5)
  }
  await acted
  return longest
}

/** Resolves when what came before has had its consequences. */
async function settled(target: Target): Promise<void> {
  for (let quiet = 0; quiet < 5;) {
    const before = target.processorTime()
    await Bun.sleep(10)
    quiet = target.processorTime() - before < 2e6 ? quiet + 1 : 0
  }
}
