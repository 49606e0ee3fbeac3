// JSON answers that are written as the client takes them.

/** Characters written at once. */
const CHUNK = 32 * 1024

/** The text of a JSON array of these items, piece by piece. */
export async function* arrayText<T>(
  items: AsyncIterable<T>,
  show: (item: T) => unknown = item => item,
): AsyncGenerator<string> {
  let opening = '['
  for await (const item of items) {
    yield opening + JSON.stringify(await show(item))
    opening = ','
  }
  yield opening === '[' ? '[]' : ']'
}

/** A JSON array of these items as an answer. */
export const streamed = <T>(items: AsyncIterable<T>, show?: (item: T) => unknown): Promise<Response> =>
  streamedText(arrayText(items, show))

/**
 * JSON text as an answer. A refusal of the first piece is thrown, so that it still becomes an error answer; a failure
 * after that cuts the answer, which then is no valid JSON.
 */
export async function streamedText(pieces: AsyncGenerator<string>): Promise<Response> {
  let next = await pieces.next()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      let text = ''
      for (; !next.done && text.length < CHUNK; next = await pieces.next()) text += next.value
      controller.enqueue(new TextEncoder().encode(text))
      if (next.done) controller.close()
    },
    cancel: () => void pieces.return(undefined),
  })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}
