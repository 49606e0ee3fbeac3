// A zip archive that is written while it is read: nothing is made before the client takes it.
import { makeZip } from 'client-zip'
import type { Entry } from './entries'

/**
 * `over` is called however it ends: read to its end, cut by the client, or failed, then with the error. A failure cuts
 * the stream, so that half an archive is never taken for a whole one. Entries are stored as they are; with zip64 there is no limit.
 */
export function zipOf(
  entries: AsyncIterable<Entry>,
  over: (error?: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = makeZip(files(entries)).getReader()
  let isCut = false

  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { value, done } = await reader.read()
          // What was being read when the client left has nowhere to go.
          if (isCut) return
          if (!done) return controller.enqueue(value)
          over()
          controller.close()
        } catch (error) {
          if (isCut) return
          over(error)
          throw error
        }
      },
      async cancel() {
        isCut = true
        over()
        await reader.cancel().catch(() => {})
      },
    },
    { highWaterMark: 0 },
  )
}

/** What is under way is ended with the archive, which does not do so by itself. */
async function* files(entries: AsyncIterable<Entry>) {
  const lastModified = new Date()
  for await (const { path, bytes } of entries) {
    const input = bytes[Symbol.asyncIterator]()
    try {
      yield { name: path, input: { [Symbol.asyncIterator]: () => input }, lastModified }
    } finally {
      await input.return?.()
    }
  }
}
