// Where the bytes of files are kept: on disk beside the embedded store, in GridFS with MongoDB.
import type { ByteRange } from '../lib/ranges'

/**
 * Bytes by name. A name is 24 hex digits, optionally followed by `-` and at most 16 lower-case letters or digits;
 * each is written once. Any other name is a mistake of the caller, which every method refuses with a plain `Error`.
 */
export interface BlobStore {
  /**
   * Keeps these bytes under a new name and resolves with their number after stable storage.
   * Where `bytes` fails (rejects with the same error), or is more than `limit` (rejects with `BlobTooLarge`), nothing
   * is kept. At most one chunk is held in memory: the source is asked for the next one when the last is written.
   * A name that is there, or being written, is refused with a plain `Error`, and what it names stays as it is.
   */
  write(name: string, bytes: AsyncIterable<Uint8Array>, limit: number): Promise<number>

  /**
   * The bytes, or a part of them, as a stream that reads as fast as it is asked; null for an unknown name.
   * A range that goes beyond the end stops there; one that begins there is empty.
   */
  read(name: string, range?: ByteRange): Promise<ReadableStream<Uint8Array> | null>

  /** Removes bytes; unknown names are passed over. */
  remove(names: string[]): Promise<void>

  /**
   * Removes what a crash left half-written, and answers the names kept that were written before `before` (ms since the
   * epoch), from the first after `after`, at most `limit`, in an order of the store's own that stays the same: what no
   * record knows of is collected by the caller. A write of another process that has been silent since `before`
   * counts as a crash.
   */
  written(before: number, after: string | null, limit: number): Promise<string[]>
}

/** More bytes than allowed. */
export class BlobTooLarge extends Error {}

const NAME = /^[0-9a-f]{24}(?:-[a-z0-9]{1,16})?$/

/** Names become paths: anything but a name of ours is a mistake in the code that must not reach the disk. */
export function mustBeBlobName(name: string): void {
  if (!NAME.test(name)) throw new Error('This is not the name of a blob.')
}

/**
 * Puts a store's own way of writing behind what holds for all: the name is one, nobody else in this process writes it
 * just now, and the bytes end with `BlobTooLarge` where they are more than the limit. `underWay`: names being written.
 */
export function oneWriterEach(write: (name: string, bytes: AsyncIterable<Uint8Array>) => Promise<number>) {
  const underWay = new Set<string>()
  const guarded: BlobStore['write'] = async (name, bytes, limit) => {
    mustBeBlobName(name)
    if (underWay.has(name)) throw new Error('A blob of this name is being written.')
    underWay.add(name)
    try {
      return await write(name, bounded(bytes, limit))
    } finally {
      underWay.delete(name)
    }
  }
  return { write: guarded, underWay: underWay as ReadonlySet<string> }
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, limit: number) {
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > limit) throw new BlobTooLarge(`More than ${limit} bytes.`)
    yield chunk
  }
}
