// Blobs on disk: `<2 hex>/<name>` in a directory that nobody else may read.
import { mkdtempSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mustBeBlobName, oneWriterEach, type BlobStore } from '../../files/blobs'
import { storageFailed } from './failure'

/** The end of the name of a file that is being written. */
const PART = '.part'

/** The last digits of an id are those that differ most, so the directories fill evenly. */
const shardOf = (name: string) => name.slice(22, 24)

/** Where a blob lies in the directory of all. */
export const placeOf = (name: string) => join(shardOf(name), name)

/** `dir` is made when the first blob comes; null: a directory of its own that goes when closed. */
export function openBlobs(dir: string | null): BlobStore & { close(): Promise<void> } {
  let root = dir

  const rootForWriting = () => (root ??= mkdtempSync(join(tmpdir(), 'natter-files-')))
  const fileOf = (name: string) => root && join(root, placeOf(name))

  const { write, underWay } = oneWriterEach(async (name, bytes) => {
    const file = join(rootForWriting(), placeOf(name))
    await onDisk(() => makeDirectory(dirname(file)))
    if (await Bun.file(file).exists()) throw new Error('A blob of this name is there already.')
    try {
      const size = await writeThrough(file + PART, bytes)
      await onDisk(() => rename(file + PART, file))
      await onDisk(() => sync(dirname(file)))
      return size
    } catch (error) {
      await rm(file + PART, { force: true })
      throw error
    }
  })

  /** The names in one directory, ascending; what a crash left there half-written is removed. */
  async function namesIn(shard: string): Promise<string[]> {
    const names = await readdir(join(root ?? '', shard))
    const left = names.filter(name => name.endsWith(PART) && !underWay.has(name.slice(0, -PART.length)))
    for (const name of left) await rm(join(root ?? '', shard, name), { force: true })
    return names.filter(name => !name.endsWith(PART)).toSorted()
  }

  return {
    write,

    async read(name, range) {
      mustBeBlobName(name)
      const path = fileOf(name)
      const file = path && Bun.file(path)
      if (!file || !(await file.exists())) return null
      return range ? file.slice(range.start, range.end + 1).stream() : file.stream()
    },

    async remove(names) {
      names.forEach(mustBeBlobName)
      for (const name of names) {
        const file = fileOf(name)
        if (file) await onDisk(() => rm(file, { force: true }))
      }
    },

    async written(before, after, limit) {
      if (after !== null) mustBeBlobName(after)
      const found: string[] = []
      const shards = root ? await readdir(root).catch(ifAbsent<string[]>([])) : []
      for (const shard of shards.toSorted()) {
        if (after !== null && shard < shardOf(after)) continue
        const isFirst = after !== null && shard === shardOf(after)
        for (const name of await namesIn(shard)) {
          if (found.length >= limit) return found
          if (isFirst && name <= after) continue
          const kept = await stat(join(root ?? '', shard, name)).catch(ifAbsent(null))
          if (kept && kept.mtimeMs < before) found.push(name)
        }
      }
      return found
    },

    async close() {
      if (dir === null && root !== null) await rm(root, { recursive: true, force: true })
    },
  }
}

async function writeThrough(file: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const handle = await onDisk(() => open(file, 'w', 0o600))
  try {
    let size = 0
    for await (const chunk of bytes) {
      await onDisk(() => writeAll(handle, chunk))
      size += chunk.byteLength
    }
    await onDisk(() => handle.sync())
    return size
  } finally {
    await handle.close()
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array) {
  for (let at = 0; at < chunk.byteLength;) {
    const { bytesWritten } = await handle.write(chunk, at, chunk.byteLength - at)
    at += bytesWritten
  }
}

/** Makes the directory, and its name survive a power cut. */
async function makeDirectory(dir: string) {
  const first = await mkdir(dir, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  await sync(dirname(dir))
  await sync(dirname(dirname(dir)))
}

async function sync(dir: string) {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A disk that is full or broken is a store that does not answer; a source that fails is not. */
async function onDisk<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    throw storageFailed(cause)
  }
}

const ifAbsent =
  <T>(instead: T) =>
  (error: { code?: string }): T => {
    if (error.code === 'ENOENT') return instead
    throw storageFailed(error)
  }
