// What an export is made of: files, each written while it is read.
import type { Caller } from '../auth/sessions'
import type { BlobStore } from '../files/blobs'

/** One file of the archive; `bytes` is asked for once, and only as fast as the client takes it. */
export interface Entry {
  path: string
  bytes: AsyncIterable<Uint8Array>
}

/** Something that is exported: its files for this person, each finished before the next is asked for. */
export type Part = (me: Caller) => AsyncIterable<Entry>

const encoder = new TextEncoder()

/** A file with one JSON value. */
export async function* json(value: unknown): AsyncGenerator<Uint8Array> {
  yield encoder.encode(`${JSON.stringify(value, null, 2)}\n`)
}

/** A file with a JSON array of the items of all pages. */
export async function* jsonList(pages: AsyncIterable<unknown[]>): AsyncGenerator<Uint8Array> {
  let before = '[\n'
  for await (const page of pages) {
    if (page.length === 0) continue
    yield encoder.encode(before + page.map(item => JSON.stringify(item)).join(',\n'))
    before = ',\n'
  }
  yield encoder.encode(before === '[\n' ? '[]\n' : '\n]\n')
}

/** A file with one JSON value on each line. */
export async function* jsonLines(pages: AsyncIterable<unknown[]>): AsyncGenerator<Uint8Array> {
  for await (const page of pages) {
    if (page.length > 0) yield encoder.encode(page.map(item => `${JSON.stringify(item)}\n`).join(''))
  }
}

/** A file as it is kept; empty where it went in this very moment. */
export async function* blob(blobs: BlobStore, name: string): AsyncGenerator<Uint8Array> {
  const stream = await blobs.read(name)
  if (stream) yield* stream as unknown as AsyncIterable<Uint8Array>
}

export async function* text(content: string): AsyncGenerator<Uint8Array> {
  yield encoder.encode(content)
}

/** All pages of a list that goes on with a cursor. */
export async function* pagesOf<T>(
  ask: (cursor: string | undefined) => Promise<{ items: T[]; next: string | null }>,
): AsyncGenerator<T[]> {
  for (let cursor: string | undefined; ;) {
    const { items, next } = await ask(cursor)
    yield items
    if (next === null) return
    cursor = next
  }
}
