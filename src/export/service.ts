// Everything of mine as one archive, one at a time for each person.
import type { Caller, Sessions } from '../auth/sessions'
import { AppError, unauthorized, unavailable } from '../lib/errors'
import { zipOf } from './archive'
import type { Entry, Part } from './entries'

export type Export = ReturnType<typeof createExport>

/** Longer than a connection stays open on which nothing moves. */
const STALE_MS = 120_000
const RETRY_SECONDS = 10

/** Exports of everybody that may be under way: each holds a page, and reads much. */
export const MAX_EXPORTS = 32

const underWay = () =>
  new AppError(429, 'export_under_way', 'An export of yours is under way. Finish it first.', {
    retryAfter: RETRY_SECONDS,
  })

export function createExport(sessions: Sessions, parts: Part[], report: (error: unknown) => void) {
  /** By person: the export under way, and when it moved last, by a clock that is never set. */
  const running = new Map<string, { movedAt: number }>()

  async function* entriesOf(me: Caller, mark: { movedAt: number }): AsyncGenerator<Entry> {
    for (const part of parts) {
      for await (const { path, bytes } of part(me)) {
        // Whoever has signed out, or left, meanwhile gets no more.
        if (!(await sessions.stands(me))) throw unauthorized()
        yield { path, bytes: moving(bytes, mark) }
      }
    }
  }

  return {
    /**
     * The archive as a stream, which reads on only as it is read: a slow reader holds a page in memory, a cut connection
     * ends the work. 429 while another one of the same person is under way, 503 while too many of others are.
     */
    begin(me: Caller): ReadableStream<Uint8Array> {
      const isMoving = ({ movedAt }: { movedAt: number }) => performance.now() - movedAt < STALE_MS
      const other = running.get(me.user_id)
      if (other && isMoving(other)) throw underWay()
      if ([...running.values()].filter(isMoving).length >= MAX_EXPORTS)
        throw unavailable('busy', 'Too many exports at once. Try again later.', RETRY_SECONDS)
      const mark = { movedAt: performance.now() }
      running.set(me.user_id, mark)
      return zipOf(entriesOf(me, mark), error => {
        if (error !== undefined && !(error instanceof AppError && error.status < 500)) report(error)
        if (running.get(me.user_id) === mark) running.delete(me.user_id)
      })
    },

    /** How many are under way. */
    get size() {
      return running.size
    },
  }
}

async function* moving(bytes: AsyncIterable<Uint8Array>, mark: { movedAt: number }) {
  for await (const some of bytes) {
    mark.movedAt = performance.now()
    yield some
    // An embedded store answers at once: without this, others would wait until the client's buffers are full.
    await nextTurn()
  }
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
