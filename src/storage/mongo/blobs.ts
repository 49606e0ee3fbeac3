// Blobs in MongoDB: GridFS, with the name as `_id`.
import {
  type Binary,
  GridFSBucket,
  type Db,
  type GridFSBucketWriteStream,
  type IndexDescription,
  type ObjectId,
} from 'mongodb'
import { mustBeBlobName, oneWriterEach, type BlobStore } from '../../files/blobs'
import { isDuplicate } from './failures'

const BUCKET = 'blobs'

interface FileDoc {
  _id: string
  length: number
  chunkSize: number
  uploadDate: Date
}

interface ChunkDoc {
  _id: ObjectId
  files_id: string
  n: number
  data: Binary
}

const filesOf = (db: Db) => db.collection<FileDoc>(`${BUCKET}.files`)
const chunksOf = (db: Db) => db.collection<ChunkDoc>(`${BUCKET}.chunks`)

const indexes: { files: IndexDescription[]; chunks: IndexDescription[] } = {
  // asked for by the specification of GridFS: the driver would declare it while the first blobs are written
  files: [{ key: { filename: 1, uploadDate: 1 } }],
  // the chunks of a blob in order; one writer per name
  chunks: [{ key: { files_id: 1, n: 1 }, unique: true }],
}

export async function declareBlobIndexes(db: Db): Promise<void> {
  await filesOf(db).createIndexes(indexes.files)
  await chunksOf(db).createIndexes(indexes.chunks)
}

export function mongoBlobs(db: Db): BlobStore {
  const bucket = new GridFSBucket(db, { bucketName: BUCKET })
  const files = filesOf(db)
  const chunks = chunksOf(db)

  /** The files first: chunks without one are collected by `written`. */
  async function remove(names: string[]) {
    await files.deleteMany({ _id: { $in: names } })
    await chunks.deleteMany({ files_id: { $in: names } })
  }

  const { write } = oneWriterEach(async (name, bytes) => {
    if (await files.findOne({ _id: name })) throw new Error('A blob of this name is there already.')
    // GridFS takes any `_id`, its types only an ObjectId.
    const upload = bucket.openUploadStreamWithId(name as never, name)
    // What it has to say comes with the step that failed.
    upload.on('error', () => {})
    try {
      let size = 0
      for await (const chunk of bytes) {
        await writeChunk(upload, chunk)
        size += chunk.byteLength
      }
      await end(upload)
      return size
    } catch (error) {
      upload.destroy()
      // Another process was first with this name: what it wrote stays.
      if (!isDuplicate(error)) await remove([name]).catch(() => {})
      throw error
    }
  })

  /** One chunk at a time: the driver's own stream takes as many at once as fit into one answer of the server. */
  async function* part({ _id, chunkSize }: FileDoc, start: number, end: number) {
    for (let at = start; at < end;) {
      const n = Math.floor(at / chunkSize)
      const from = at - n * chunkSize
      const chunk = await chunks.findOne({ files_id: _id, n })
      const bytes = chunk?.data.value().subarray(from, from + end - at)
      if (!bytes?.length) throw new Error('A chunk of a blob is missing.')
      yield bytes
      at += bytes.length
    }
  }

  /** Chunks whose file was never finished, among the names of a page, unless they still come. */
  async function removeUnfinished(before: number, from: string, to: string | undefined) {
    const names = { $gt: from, ...(to !== undefined && { $lte: to }) }
    const firsts = chunks.find({ files_id: names, n: 0 }, { projection: { _id: 0, files_id: 1 } })
    for await (const { files_id } of firsts) {
      const latest = await chunks
        .find({ files_id }, { projection: { n: 1 } })
        .sort({ n: -1 })
        .limit(1)
        .next()
      const isOld = latest && latest._id.getTimestamp().getTime() < before
      if (isOld && !(await files.findOne({ _id: files_id }))) await chunks.deleteMany({ files_id })
    }
  }

  return {
    write,

    async read(name, range) {
      mustBeBlobName(name)
      const file = await files.findOne({ _id: name })
      if (!file) return null
      const start = Math.min(range?.start ?? 0, file.length)
      const end = Math.min(range ? range.end + 1 : file.length, file.length)
      return pulled(part(file, start, end))
    },

    async remove(names) {
      names.forEach(mustBeBlobName)
      if (names.length > 0) await remove(names)
    },

    async written(before, after, limit) {
      if (after !== null) mustBeBlobName(after)
      const docs = await files
        .find(
          { _id: { $gt: after ?? '' }, uploadDate: { $lt: new Date(before) } },
          { projection: { _id: 1 } },
        )
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      const names = docs.map(({ _id }) => _id)
      await removeUnfinished(before, after ?? '', names.length < limit ? undefined : names.at(-1))
      return names
    },
  }
}

const writeChunk = (upload: GridFSBucketWriteStream, chunk: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    upload.write(chunk, error => (error ? reject(error) : resolve()))
  })

const end = (upload: GridFSBucketWriteStream): Promise<void> =>
  new Promise((resolve, reject) => {
    upload.once('error', reject)
    upload.once('finish', resolve)
    upload.end()
  })

/** A stream that asks for the next chunk when it is asked itself. */
const pulled = (chunks: AsyncGenerator<Uint8Array, void>) =>
  new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => void chunks.return(),
    },
    { highWaterMark: 0 },
  )
