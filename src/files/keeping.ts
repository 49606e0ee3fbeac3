// The bytes of an upload on their way to the store: what they are, and pictures made anew.
import { AppError } from '../lib/errors'
import { cleanName } from '../lib/filenames'
import type { FilePart } from '../lib/multipart'
import type { BlobStore } from './blobs'
import { HEAD_BYTES, recognise, type Recognised } from './kinds'
import { THUMBNAIL_PIXELS } from './model'
import { namesOf } from './names'
import type { Kept, Pictures } from './pictures'
import type { FileRecord } from './store'

/** Bytes that are kept, though not yet as what they will be. */
export interface Arrived {
  name: string
  size: number
  recognised: Recognised
}

export type Facts = Omit<FileRecord, 'id' | 'user_id' | 'created_at'>

export type Keeping = ReturnType<typeof createKeeping>

export function createKeeping(blobs: BlobStore, pictures: Pictures) {
  async function mustRead(name: string) {
    const stream = await blobs.read(name)
    if (!stream) throw new Error('A picture is gone before it was read.')
    return stream
  }

  const writeAll = (name: string, bytes: Uint8Array) => blobs.write(name, once(bytes), bytes.length)

  /** What only claims to be a picture is kept as it came, as a file. */
  async function finishPicture(id: string, { name, size, recognised }: Arrived): Promise<Facts> {
    const { raw, whole, thumbnail } = namesOf(id)
    const load = async () => new Uint8Array(await new Response(await mustRead(raw)).arrayBuffer())
    const picture = await pictures.keep(load, THUMBNAIL_PIXELS).catch(nullIfBroken)
    const kept = picture?.bytes
      ? await writeAll(whole, picture.bytes)
      : await blobs.write(whole, (await mustRead(raw)) as unknown as AsyncIterable<Uint8Array>, size)
    if (picture) await writeAll(thumbnail, picture.thumbnail)
    await blobs.remove([raw])
    return { name, size: kept, ...(picture ? recognised : NO_PICTURE), ...factsOf(picture) }
  }

  return {
    /** Writes the bytes as they come, at most `maxBytes`. A picture waits under another name until it is made anew. */
    async arrive(id: string, part: FilePart, maxBytes: number): Promise<Arrived> {
      const { head, all } = await beginning(part.bytes)
      const recognised = await recognise(head)
      const { raw, whole } = namesOf(id)
      const size = await blobs.write(recognised.kind === 'image' ? raw : whole, all, maxBytes)
      return { name: cleanName(part.name), size, recognised }
    },

    /** What the file is in the end. 422 for a picture of too many pixels. */
    async finish(id: string, arrived: Arrived): Promise<Facts> {
      if (arrived.recognised.kind === 'image') return finishPicture(id, arrived)
      const { name, size, recognised } = arrived
      return { name, size, ...recognised, ...factsOf(null) }
    },

    /** Removes all that was kept. What cannot be removed now is collected later, since no record knows of it. */
    forget: (id: string): Promise<void> => blobs.remove(Object.values(namesOf(id))).catch(() => {}),
  }
}

const NO_PICTURE: Recognised = { kind: 'file', media_type: 'application/octet-stream' }

/** Too many pixels are refused, since a picture of that size may be a trap; damage is no harm to anybody. */
function nullIfBroken(error: unknown): null {
  const isBroken = error instanceof AppError && error.errors?.[0]?.code === 'broken_picture'
  if (!isBroken && !(error instanceof AppError && error.status === 415)) throw error
  return null
}

const factsOf = (picture: Kept | null) => ({
  width: picture?.width ?? null,
  height: picture?.height ?? null,
  placeholder: picture?.placeholder ?? null,
  thumbnail_size: picture?.thumbnail.length ?? null,
})

/** The first bytes, and all of them from the beginning. */
async function beginning(bytes: AsyncIterable<Uint8Array>) {
  const source = bytes[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  for (let size = 0; size < HEAD_BYTES;) {
    const { done, value } = await source.next()
    if (done) break
    chunks.push(value)
    size += value.length
  }

  async function* all() {
    try {
      while (chunks.length > 0) yield chunks.shift() as Uint8Array
      yield* { [Symbol.asyncIterator]: () => source }
    } finally {
      await source.return?.()
    }
  }
  return { head: Buffer.concat(chunks).subarray(0, HEAD_BYTES), all: all() }
}

async function* once(bytes: Uint8Array) {
  yield bytes
}
