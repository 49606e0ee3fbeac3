// What only GridFS must prove: nothing is left of writes that were cut.
import { describe, expect, test } from 'bun:test'
import { MongoClient, type Db } from 'mongodb'
import { newId } from '../../../src/lib/ids'
import { openMongo } from '../../../src/storage/mongo/open'
import type { Stores } from '../../../src/storage/stores'

const chunk = new Uint8Array(300_000)

async function* cut() {
  yield chunk
  throw new Error('the line was cut')
}

async function* whole() {
  yield chunk
}

export function mongoBlobs(freshUrl: () => string) {
  const it = (sentence: string, run: (stores: Stores, db: Db) => Promise<void>) =>
    test(sentence, async () => {
      const url = freshUrl()
      const client = await new MongoClient(url).connect()
      const stores = await openMongo(url)
      try {
        await run(stores, client.db())
      } finally {
        await stores.close()
        await client.close()
      }
    })

  describe('blobs in GridFS', () => {
    it('leave no chunk behind where the source fails', async ({ blobs }, db) => {
      await blobs.write(newId(), cut(), 1e9).catch(() => {})
      await blobs.write(newId(), whole(), 10).catch(() => {})
      expect(await db.collection('blobs.chunks').countDocuments()).toBe(0)
      expect(await db.collection('blobs.files').countDocuments()).toBe(0)
    })

    it('of a process that was killed are removed, once they have been silent for long', async ({
      blobs,
    }, db) => {
      const [left, kept] = [newId(), newId()]
      const chunks = db.collection('blobs.chunks')
      for (const n of [0, 1]) await chunks.insertOne({ files_id: left, n, data: Buffer.from('x') })
      await blobs.write(kept, whole(), 1e9)
      expect(await blobs.written(Date.now() - 60_000, null, 10)).toEqual([])
      expect(await chunks.countDocuments({ files_id: left })).toBe(2)
      expect(await blobs.written(Date.now() + 60_000, null, 10)).toEqual([kept])
      expect(await chunks.distinct('files_id')).toEqual([kept])
    })

    it('are told as broken where a chunk is missing, not as shorter', async ({ blobs }, db) => {
      const name = newId()
      await blobs.write(name, whole(), 1e9)
      await db.collection('blobs.chunks').deleteOne({ files_id: name, n: 1 })
      await expect(new Response(await blobs.read(name)).arrayBuffer()).rejects.toThrow('missing')
    })
  })
}
