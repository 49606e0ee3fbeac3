// Long work in short turns, so that the loop serves everybody else between them.

/** How long a turn may take. */
const TURN_MS = 5

/** Answers a function to call after each small piece of work: it waits for the next turn once this one is used up. */
export function turns(): () => Promise<void> | undefined {
  let begun = performance.now()

  return function nextPiece() {
    if (performance.now() - begun < TURN_MS) return undefined
    return new Promise(resolve =>
      setImmediate(() => {
        begun = performance.now()
        resolve()
      }),
    )
  }
}
