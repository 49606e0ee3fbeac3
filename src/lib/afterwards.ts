// What is told to others once those who asked have their answers.

let steps: (() => void)[] = []
let isDue = false

/**
 * Whoever is about to answer many says so right after `setImmediate(answer)`: what those answers bring about is then
 * told after the last of them, still in the same turn of the event loop, so that both leave together.
 */
export function expectAnswers() {
  if (isDue) return
  isDue = true
  setImmediate(run)
}

/** Runs this once the answers that are expected are out; where none are, those of this turn. */
export function afterAnswers(step: () => void) {
  steps.push(step)
  expectAnswers()
}

function run() {
  isDue = false
  const due = steps
  steps = []
  for (const step of due) step()
}
