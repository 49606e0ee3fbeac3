// How long one input keeps the loop, whatever else runs on the machine.
import type { Target } from './target'

/** No single input may keep everybody waiting for longer. */
export const MOST_MS = 50
const REPEATS = 5
/** What follows a request, such as the index, begins some 20 ms after it. */
const QUIET_LOOKS = 12
const LOOK_MS = 10
/** A turn in which little happens. */
const IDLE_MS = 2

/**
 * The longest turn of the loop in ms while `act` ran and what followed it, the least of some repeats: so the collector
 * of memory, which comes when it likes, does not count.
 */
export async function longestTurn(
  target: Target,
  act: () => Promise<unknown>,
  repeats = REPEATS,
): Promise<number> {
  const found: number[] = []
  for (let i = 0; i < repeats; i++) {
    await settled(target)
    await act()
    found.push(Math.max(target.longestTurn(), await settled(target)))
  }
  return Math.min(...found)
}

/** Resolves when what came before has had its consequences, with the longest turn that these took. */
async function settled(target: Target): Promise<number> {
  let longest = 0
  for (let quiet = 0; quiet < QUIET_LOOKS;) {
    await Bun.sleep(LOOK_MS)
    const ms = target.longestTurn()
    longest = Math.max(longest, ms)
    quiet = ms < IDLE_MS ? quiet + 1 : 0
  }
  return longest
}
