// What only blobs on disk must prove: who may read them, and that nothing is left of writes that were cut.
import { describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../../src/lib/ids'
import { openSqlite } from '../../src/storage/sqlite/open'

const it = (sentence: string, run: (dir: string) => Promise<void>) =>
  test(sentence, async () => {
    const parent = mkdtempSync(join(tmpdir(), 'natter-'))
    try {
      await run(join(parent, 'data'))
    } finally {
      rmSync(parent, { recursive: true })
    }
  })

const OPEN_HERE = join(import.meta.dir, '../../src/storage/sqlite/open.ts')
const text = async (stream: ReadableStream<Uint8Array> | null) => new Response(stream).text()

async function* hello() {
  yield new TextEncoder().encode('hello')
}

async function* cut() {
  yield* hello()
  throw new Error('the line was cut')
}

const filesUnder = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())

describe('Blobs on disk', () => {
  it('are there again when opened again, and nobody else may read them', async dir => {
    const name = `${newId()}-64`
    const before = await openSqlite(dir)
    await before.blobs.write(name, hello(), 5)
    await before.close()
    const shard = join(dir, 'files', name.slice(22, 24))
    for (const folder of [join(dir, 'files'), shard]) expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(shard, name)).mode & 0o777).toBe(0o600)
    const after = await openSqlite(dir)
    expect(await text(await after.blobs.read(name))).toBe('hello')
    await after.close()
  })

  it('leave no file behind where the source fails', async dir => {
    const stores = await openSqlite(dir)
    await stores.blobs.write(newId(), cut(), 99).catch(() => {})
    await stores.blobs.write(newId(), hello(), 4).catch(() => {})
    expect(filesUnder(join(dir, 'files'))).toEqual([])
    await stores.close()
  })

  it('of a process that was killed while it wrote are removed at the next look', async dir => {
    const writer = Bun.spawn({
      cmd: [
        process.execPath,
        '-e',
        `import { openSqlite } from ${JSON.stringify(OPEN_HERE)}
         const { blobs } = await openSqlite(${JSON.stringify(dir)})
         async function* endless() {
           for (let i = 0; ; i++) {
             if (i === 3) console.log('writing')
             yield new Uint8Array(1000)
             if (i >= 3) await Bun.sleep(1)
           }
         }
         await blobs.write('${newId()}', endless(), 1e9)`,
      ],
      stdout: 'pipe',
      stderr: 'inherit',
    })
    await writer.stdout.getReader().read()
    writer.kill('SIGKILL')
    await writer.exited
    expect(filesUnder(join(dir, 'files'))).toHaveLength(1)
    const stores = await openSqlite(dir)
    expect(await stores.blobs.written(Date.now(), null, 10)).toEqual([])
    expect(filesUnder(join(dir, 'files'))).toEqual([])
    await stores.close()
  })

  it('on a disk that refuses them are a store that does not answer', async dir => {
    const stores = await openSqlite(dir)
    writeFileSync(join(dir, 'files'), 'in the way')
    const refusal = await stores.blobs.write(newId(), hello(), 5).catch(error => error)
    expect(refusal).toMatchObject({ status: 503, code: 'storage_failed' })
    await stores.close()
  })

  test('in memory are gone when closed', async () => {
    const name = newId()
    const folders = () =>
      [...new Bun.Glob(`natter-files-*/*/${name}`).scanSync(tmpdir())].map(path => path.split('/')[0] ?? '')
    const stores = await openSqlite(null)
    await stores.blobs.write(name, hello(), 5)
    const [folder = ''] = folders()
    expect(folder).not.toBe('')
    expect(statSync(join(tmpdir(), folder)).mode & 0o777).toBe(0o700)
    await stores.close()
    expect(existsSync(join(tmpdir(), folder))).toBeFalse()
  })
})
