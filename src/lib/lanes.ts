// One at a time per key: what takes several steps must not overlap with itself on this node.

/** Returns `inLane(key, job)`: jobs of one key run one after the other, in the order of the calls. */
export function lanes() {
  const lastOf = new Map<string, Promise<void>>()

  return function inLane<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = lastOf.get(key) ?? Promise.resolve()
    const turn = before.then(job)
    const over = turn.then(leave, leave)
    lastOf.set(key, over)
    return turn

    function leave() {
      if (lastOf.get(key) === over) lastOf.delete(key)
    }
  }
}
