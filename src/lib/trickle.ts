// A few in each turn of the event loop, so that a crowd that comes all at once lets others in between.

/** The first `few` of a turn pass at once; those after them wait for the next turns, in the order they came. */
export function trickle(few: number): () => Promise<void> | undefined {
  const waiting: (() => void)[] = []
  let passed = 0

  function nextTurn() {
    const those = waiting.splice(0, few)
    for (const enter of those) enter()
    passed = those.length
    if (passed > 0) setImmediate(nextTurn)
  }

  return function pass() {
    if (passed === 0) setImmediate(nextTurn)
    if (passed < few) {
      passed++
      return undefined
    }
    return new Promise(enter => waiting.push(enter))
  }
}
