// Group commit: what arrives while the last batch is being written is written together.
import { expectAnswers } from './afterwards'
import { unavailable } from './errors'
import { histogram, SECONDS, SIZES } from './meters'

/** One outcome per item, in order: its result, or the error that refuses this item alone. */
export type Outcome<R> = R | Error

export type BatchMeter = ReturnType<typeof batchMeter>

/** How a writer of batches does. */
export const batchMeter = () => ({
  /** How long each batch took that went through, in seconds, and how many items it had. */
  seconds: histogram(SECONDS),
  items: histogram(SIZES),
  /** Items that wait for the next batch. */
  waiting: 0,
  /** Batches that did not go through. */
  failed: 0,
})

interface Waiting<T, R> {
  item: T
  resolve(result: R): void
  reject(error: unknown): void
}

/** Items that may wait for their batch. */
export const MOST_WAITING = 20_000

/**
 * Returns `add(item)`, which resolves once `flush` has stored the batch the item was part of.
 * Batches never overlap and items keep their order, so order of adding is order of storing.
 * A batch starts when the current turn of the event loop has delivered all its input (`setImmediate`),
 * so one commit, and one fsync, serves everything that arrived together. At most `max` items a batch.
 * When `flush` throws, every item of that batch is rejected with the same error: their outcome is unknown.
 * Where `mostWaiting` wait for their batch, a further one is refused with 503 `busy`: nothing of it is stored.
 */
export function batched<T, R>(
  flush: (items: T[]) => Outcome<R>[] | Promise<Outcome<R>[]>,
  meter = batchMeter(),
  max = 1024,
  mostWaiting = MOST_WAITING,
) {
  const queue: Waiting<T, R>[] = []
  let running = false

  /** One batch a turn of the event loop, so that whoever else waits for a turn gets one. */
  async function run() {
    const batch = queue.splice(0, max)
    meter.waiting = queue.length
    await settle(batch)
    if (queue.length > 0) soon()
    else running = false
  }

  function soon() {
    setImmediate(run)
    expectAnswers()
  }

  async function settle(batch: Waiting<T, R>[]) {
    const begun = performance.now()
    try {
      const pending = flush(batch.map(waiting => waiting.item))
      const outcomes = pending instanceof Promise ? await pending : pending
      meter.seconds.observe((performance.now() - begun) / 1000)
      meter.items.observe(batch.length)
      batch.forEach(({ resolve, reject }, i) => {
        const outcome = outcomes[i] as Outcome<R>
        if (outcome instanceof Error) reject(outcome)
        else resolve(outcome)
      })
    } catch (error) {
      meter.failed++
      for (const { reject } of batch) reject(error)
    }
  }

  let last: Promise<unknown> = Promise.resolve()

  function add(item: T): Promise<R> {
    if (queue.length >= mostWaiting) return Promise.reject(tooManyWaiting())
    const outcome = new Promise<R>((resolve, reject) => {
      meter.waiting = queue.push({ item, resolve, reject })
      if (running) return
      running = true
      soon()
    })
    last = outcome
    return outcome
  }

  /** Resolves once everything added so far has its outcome: items keep their order, so the last one tells. */
  const settled = () => last.then(nothing, nothing)

  return Object.assign(add, { settled })
}

const tooManyWaiting = () => unavailable('busy', 'Too much is being written. Try again in a moment.', 2)

const nothing = () => {}
