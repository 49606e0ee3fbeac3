// The contract of blobs, for every engine.
import { describe, expect, test } from 'bun:test'
import { BlobTooLarge, type BlobStore } from '../../../src/files/blobs'
import { newId } from '../../../src/lib/ids'
import { atOnce, withStores, type Open } from './samples'

const MB = 1024 * 1024
const NO_LIMIT = Number.MAX_SAFE_INTEGER
const IN_AN_HOUR = Date.now() + 3_600_000

async function* chunksOf(...chunks: Uint8Array[]) {
  yield* chunks
}

/** Bytes that differ from place to place, so that a swapped or lost chunk shows. */
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff)

const read = async (blobs: BlobStore, name: string, start?: number, end?: number) => {
  const range = start === undefined || end === undefined ? undefined : { start, end }
  const stream = await blobs.read(name, range)
  return stream && new Uint8Array(await new Response(stream).arrayBuffer())
}

/** A source that breaks after so many chunks. */
async function* breaking(after: number, chunk = bytes(300_000)) {
  for (let i = 0; i < after; i++) yield chunk
  throw new Error('the line was cut')
}

const isNotKept = async (blobs: BlobStore, name: string) => {
  expect(await blobs.read(name)).toBeNull()
  expect(await blobs.written(IN_AN_HOUR, null, 100)).not.toContain(name)
}

const hostile = [
  '',
  '..',
  '../natter.db',
  '/etc/passwd',
  `${newId()}/../x`,
  `${newId()}-`,
  `${newId()}-A`,
  `${newId()}-${'a'.repeat(17)}`,
  `${newId()}.part`,
  `${newId()}\n`,
  newId().toUpperCase().replace(/^./, 'F'),
]

export function blobsContract(open: Open) {
  const it = withStores(open)

  describe('blobs', () => {
    it('are given back as written, in the order of the chunks', async ({ blobs }) => {
      const whole = bytes(2 * MB + 17)
      const name = newId()
      const cuts = [0, 1, 1, 5_000, 261_120, 300_000, MB, whole.length]
      const chunks = cuts.slice(1).map((cut, i) => whole.slice(cuts[i], cut))
      expect(await blobs.write(name, chunksOf(...chunks), whole.length)).toBe(whole.length)
      expect(Bun.hash((await read(blobs, name)) as Uint8Array)).toBe(Bun.hash(whole))
    })

    it('may be empty, and may have a part of a name after the id', async ({ blobs }) => {
      const id = newId()
      expect(await blobs.write(`${id}-256`, chunksOf(), 0)).toBe(0)
      expect(await blobs.write(id, chunksOf(bytes(5)), 5)).toBe(5)
      expect(await read(blobs, `${id}-256`)).toEqual(bytes(0))
      expect(await read(blobs, id)).toEqual(bytes(5))
    })

    it('keep a chunk that its source uses again', async ({ blobs }) => {
      const name = newId()
      const reused = new Uint8Array(3)
      async function* source() {
        for (const value of [1, 2, 3]) yield reused.fill(value)
      }
      await blobs.write(name, source(), 9)
      expect(await read(blobs, name)).toEqual(Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3))
    })

    it('are read in parts, both ends included', async ({ blobs }) => {
      const whole = bytes(600_000)
      const name = newId()
      await blobs.write(name, chunksOf(whole), NO_LIMIT)
      for (const [start, end] of [
        [0, 0],
        [0, 599_999],
        [261_119, 261_120],
        [261_120, 261_120],
        [10, 522_240],
        [599_999, 599_999],
        [599_990, 10 * MB],
        [600_000, 600_001],
        [10 * MB, 11 * MB],
      ] as const) {
        const part = await read(blobs, name, start, end)
        expect(Buffer.compare(part as Uint8Array, whole.slice(start, end + 1))).toBe(0)
      }
    })

    it('are unknown under other names', async ({ blobs }) => {
      await blobs.write(newId(), chunksOf(bytes(1)), 1)
      expect(await blobs.read(newId())).toBeNull()
      expect(await blobs.read(newId(), { start: 0, end: 5 })).toBeNull()
    })

    it('are not kept where they are more than the limit', async ({ blobs }) => {
      const [name, exact] = [newId(), newId()]
      const refusal = blobs.write(name, chunksOf(bytes(400_000), bytes(400_000)), 799_999)
      expect(await refusal.catch(error => error)).toBeInstanceOf(BlobTooLarge)
      await isNotKept(blobs, name)
      expect(await blobs.write(exact, chunksOf(bytes(400_000), bytes(400_000)), 800_000)).toBe(800_000)
    })

    it('are not kept where the source fails, whose error comes through', async ({ blobs }) => {
      for (const chunks of [0, 1, 5]) {
        const name = newId()
        const failing = blobs.write(name, breaking(chunks), NO_LIMIT)
        await expect(failing).rejects.toThrow('the line was cut')
        await isNotKept(blobs, name)
        // Nothing of it is in the way of a new attempt.
        expect(await blobs.write(name, chunksOf(bytes(7)), NO_LIMIT)).toBe(7)
        expect(await read(blobs, name)).toEqual(bytes(7))
      }
    })

    it('end their source when they are too large', async ({ blobs }) => {
      let ended = false
      async function* endless() {
        try {
          for (;;) yield bytes(1_000)
        } finally {
          ended = true
        }
      }
      await expect(blobs.write(newId(), endless(), 5_000)).rejects.toBeInstanceOf(BlobTooLarge)
      expect(ended).toBeTrue()
    })

    it('are written side by side without mixing', async ({ blobs }) => {
      const names = Array.from({ length: 20 }, newId)
      const of = (i: number) => Array.from({ length: 4 }, () => new Uint8Array(100_000).fill(i))
      await atOnce(20, i => blobs.write(names[i] as string, chunksOf(...of(i)), NO_LIMIT))
      for (const [i, name] of names.entries()) {
        const kept = await read(blobs, name)
        expect(kept?.length).toBe(400_000)
        expect(kept?.every(byte => byte === i)).toBeTrue()
      }
    })

    it('are written once: a repeat is refused, and the first stays', async ({ blobs }) => {
      const name = newId()
      const first = blobs.write(name, chunksOf(bytes(300_000), bytes(300_000)), NO_LIMIT)
      await expect(blobs.write(name, chunksOf(bytes(1)), NO_LIMIT)).rejects.toThrow('name')
      expect(await first).toBe(600_000)
      await expect(blobs.write(name, chunksOf(bytes(1)), NO_LIMIT)).rejects.toThrow('name')
      expect((await read(blobs, name))?.length).toBe(600_000)
    })

    it('are removed, and unknown names passed over', async ({ blobs }) => {
      const [gone, kept] = [newId(), newId()]
      for (const name of [gone, kept]) await blobs.write(name, chunksOf(bytes(300_000)), NO_LIMIT)
      await blobs.remove([])
      await blobs.remove([newId(), gone, gone])
      await blobs.remove([gone])
      await isNotKept(blobs, gone)
      expect((await read(blobs, kept))?.length).toBe(300_000)
    })

    it('let nothing but a name near the store', async ({ blobs }) => {
      for (const name of hostile) {
        await expect(blobs.write(name, chunksOf(bytes(1)), 1)).rejects.toThrow('not the name')
        await expect(blobs.read(name)).rejects.toThrow('not the name')
        await expect(blobs.remove([newId(), name])).rejects.toThrow('not the name')
        await expect(blobs.written(0, name, 1)).rejects.toThrow('not the name')
      }
    })

    it('are listed in pages, each once, in an order that stays', async ({ blobs }) => {
      expect(await blobs.written(IN_AN_HOUR, null, 10)).toEqual([])
      const names = Array.from({ length: 23 }, (_, i) => newId() + (i % 3 ? '' : '-256'))
      for (const name of names) await blobs.write(name, chunksOf(bytes(9)), 9)
      const all = await blobs.written(IN_AN_HOUR, null, 100)
      expect(all.toSorted()).toEqual(names.toSorted())
      for (const limit of [1, 4, 23]) {
        const paged: string[] = []
        for (;;) {
          const page = await blobs.written(IN_AN_HOUR, paged.at(-1) ?? null, limit)
          expect(page.length).toBeLessThanOrEqual(limit)
          if (page.length === 0) break
          paged.push(...page)
        }
        expect(paged).toEqual(all)
      }
      // The page after one that is gone begins with the next.
      await blobs.remove([all[9] as string])
      expect(await blobs.written(IN_AN_HOUR, all[9] as string, 100)).toEqual(all.slice(10))
    })

    it('are not listed where they are younger, nor while they are being written', async ({ blobs }) => {
      const [done, underWay] = [newId(), newId()]
      const { promise: rest, resolve: goOn } = Promise.withResolvers<void>()
      const { promise: begun, resolve: isBegun } = Promise.withResolvers<void>()
      async function* slow() {
        yield bytes(300_000)
        isBegun()
        await rest
        yield bytes(300_000)
      }
      await blobs.write(done, chunksOf(bytes(9)), 9)
      const writing = blobs.write(underWay, slow(), NO_LIMIT)
      await begun
      expect(await blobs.written(Date.now() - 60_000, null, 10)).toEqual([])
      goOn()
      expect(await writing).toBe(600_000)
      expect((await read(blobs, underWay))?.length).toBe(600_000)
    })

    it('let go of what nobody reads on', async ({ blobs }) => {
      const name = newId()
      await blobs.write(name, chunksOf(bytes(3 * MB)), NO_LIMIT)
      for (let i = 0; i < 50; i++) {
        const reader = (await blobs.read(name))?.getReader()
        expect((await reader?.read())?.done).toBeFalse()
        await reader?.cancel()
      }
      expect((await read(blobs, name, 0, 9))?.length).toBe(10)
    })
  })

  test('blobs of any size take the same memory', async () => {
    const stores = await open()
    const chunk = bytes(MB)
    const held = memory()
    async function* large() {
      for (let i = 0; i < 200; i++) {
        held.look()
        yield chunk
      }
    }
    try {
      const name = newId()
      expect(await stores.blobs.write(name, large(), NO_LIMIT)).toBe(200 * MB)
      let size = 0
      for await (const part of (await stores.blobs.read(name)) as unknown as AsyncIterable<Uint8Array>) {
        size += part.length
        held.look()
      }
      expect(size).toBe(200 * MB)
      expect(held.most()).toBeLessThan(100 * MB)
      await stores.blobs.remove([name])
    } finally {
      await stores.close()
    }
  }, 120_000)
}

/** How much more than at the beginning is held, without what only waits to be collected. */
function memory() {
  const now = () => {
    Bun.gc(true)
    return process.memoryUsage().rss
  }
  const before = now()
  let looks = 0
  let most = 0
  return {
    look() {
      if (looks++ % 50 === 0) most = Math.max(most, now() - before)
    },
    most: () => most,
  }
}
