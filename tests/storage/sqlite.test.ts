// The contract suites on SQLite in memory, and what only a store with files of its own can show.
import { describe, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../../src/lib/ids'
import { createPrivateDirectory } from '../../src/storage/sqlite/files'
import { migrate, migrations } from '../../src/storage/sqlite/migrations'
import { openSqlite } from '../../src/storage/sqlite/open'
import { adminContract } from './contract/admin'
import { authContract } from './contract/auth'
import { blobsContract } from './contract/blobs'
import { blocksContract } from './contract/blocks'
import { changesContract } from './contract/changes'
import { chatsContract } from './contract/chats'
import { epochContract } from './contract/epoch'
import { leavingContract } from './contract/leaving'
import { joiningContract } from './contract/joining'
import { filesContract } from './contract/files'
import { mentionsContract } from './contract/mentions'
import { messagesContract } from './contract/messages'
import { mineContract } from './contract/mine'
import { atOnce, group, person, text } from './contract/samples'
import { pushContract } from './contract/push'
import { savedContract } from './contract/saved'
import { scheduleContract } from './contract/schedule'
import { searchContract } from './contract/search'
import { threadsContract } from './contract/threads'
import { usersContract } from './contract/users'

const openInMemory = () => openSqlite(null)

describe('SQLite', () => {
  usersContract(openInMemory)
  authContract(openInMemory)
  blocksContract(openInMemory)
  chatsContract(openInMemory)
  joiningContract(openInMemory)
  messagesContract(openInMemory)
  changesContract(openInMemory)
  threadsContract(openInMemory)
  mentionsContract(openInMemory)
  mineContract(openInMemory)
  savedContract(openInMemory)
  scheduleContract(openInMemory)
  searchContract(openInMemory)
  filesContract(openInMemory)
  blobsContract(openInMemory)
  leavingContract(openInMemory)
  pushContract(openInMemory)
  adminContract(openInMemory)
  epochContract(openInMemory)
})

/** Declares a test with a data directory of its own, which is not there yet. */
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

/** Another process that opens the directory, says so, and stays. */
const elsewhere = (dir: string) =>
  Bun.spawn({
    cmd: [
      process.execPath,
      '-e',
      `import { openSqlite } from ${JSON.stringify(OPEN_HERE)}
       const said = await openSqlite(${JSON.stringify(dir)}).then(() => 'open', error => error.code)
       console.log(said)
       if (said === 'open') await new Promise(() => setInterval(() => {}, 1000))`,
    ],
    stdout: 'pipe',
    stderr: 'inherit',
  })

async function firstLine(stream: ReadableStream<Uint8Array>) {
  for await (const chunk of stream) return new TextDecoder().decode(chunk).trim()
  return ''
}

describe('SQLite on disk', () => {
  it('has everything again after it was closed and opened', async dir => {
    const ann = person('ann', { email: 'ann@example.com' })
    const before = await openSqlite(dir)
    await before.users.insert(ann)
    const { id } = await before.chats.createGroup(...group([ann.id]))
    await atOnce(50, i => before.messages.append(text(id, ann.id, `Message ${i}`)))
    const kept = await before.messages.above(id, 0, 100)
    await before.close()

    const after = await openSqlite(dir)
    expect(await after.users.byUsername('ANN')).toEqual(ann)
    expect(await after.messages.above(id, 0, 100)).toEqual(kept)
    expect(await after.messages.append(text(id, ann.id))).toMatchObject({ message: { seq: 51, rev: 51 } })
    await after.close()
  })

  it('has everything that was answered after the process was killed', async dir => {
    const writer = Bun.spawn({
      cmd: [process.execPath, join(import.meta.dir, 'writes.ts'), dir],
      stdout: 'pipe',
      stderr: 'inherit',
    })
    const [chat = '', answered] = (await firstLine(writer.stdout))?.split(' ') ?? []
    writer.kill('SIGKILL')
    await writer.exited
    const stores = await openSqlite(dir)
    expect((await stores.messages.head(chat)).last_seq).toBeGreaterThanOrEqual(Number(answered))
    expect(Number(answered)).toBe(100)
    await stores.close()
  })

  it('refuses to be opened twice by one process, and says what to do', async dir => {
    const stores = await openSqlite(dir)
    const refusal = await openSqlite(dir).catch((error: Error & { code?: string }) => error)
    expect(refusal).toMatchObject({ code: 'data_dir_in_use' })
    expect(String(refusal)).toMatch(/^Error: DATA_DIR: .+ is in use by another Natter; .+$/)
    expect(await firstLine(elsewhere(dir).stdout)).toBe('data_dir_in_use')
    await stores.close()
    await (await openSqlite(dir)).close()
  })

  it('is free again when the process that had it is killed', async dir => {
    const other = elsewhere(dir)
    expect(await firstLine(other.stdout)).toBe('open')
    await expect(openSqlite(dir)).rejects.toMatchObject({ code: 'data_dir_in_use' })
    other.kill('SIGKILL')
    await other.exited
    await (await openSqlite(dir)).close()
  })

  it('lets nobody else read its files', async dir => {
    const stores = await openSqlite(dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
    const files = readdirSync(dir)
    expect(files).toContain('natter.db')
    for (const file of files) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
    await stores.close()
    expect(readdirSync(dir).toSorted()).toEqual(['lock.db', 'natter.db'])
  })

  it('keeps the first keys of notifications, in a file for nobody else', async dir => {
    const keys = { public_key: 'p', private_key: 's' }
    for (const made of [keys, { public_key: 'other', private_key: 'other' }]) {
      const stores = await openSqlite(dir)
      expect(await stores.push.keys(made)).toEqual(keys)
      expect(statSync(join(dir, 'vapid.json')).mode & 0o777).toBe(0o600)
      await stores.close()
    }
  })

  it('keeps its epoch over starts, and the one that was renewed', async dir => {
    const first = await openSqlite(dir)
    const made = first.epoch.current()
    await first.close()
    const second = await openSqlite(dir)
    expect(second.epoch.current()).toBe(made)
    await second.epoch.renew({ keepSignIns: true })
    const renewed = second.epoch.current()
    await second.close()
    const third = await openSqlite(dir)
    expect(third.epoch.current()).toBe(renewed)
    await third.close()
  })

  it('takes up people who were deleted by an older version', async dir => {
    createPrivateDirectory(dir)
    const file = join(dir, 'natter.db')
    const old = new Database(file, { create: true, strict: true })
    migrate(old, migrations.slice(0, 1))
    old.run(`INSERT INTO users (id, username, username_key, role, created_at, updated_at, deleted_at)
      VALUES ('a', '', 'ann', 'user', '2025', '2025', '2026'), ('b', 'bob', 'bob', 'user', '2025', '2025', NULL)`)
    old.close()
    const stores = await openSqlite(dir)
    expect(await stores.departures.unfinished()).toEqual([
      { user_id: 'a', messages: 'keep', begun_at: '2026' },
    ])
    await stores.close()
  })

  it('finishes what is being written before it closes, and may be closed twice', async dir => {
    const before = await openSqlite(dir)
    const ann = newId()
    const { id } = await before.chats.createGroup(...group([ann]))
    const sending = atOnce(2_000, () => before.messages.append(text(id, ann)))
    await Promise.all([before.close(), before.close()])
    expect((await sending).every(answer => answer?.isNew)).toBeTrue()
    await expect(before.ping()).rejects.toThrow()
    await expect(before.messages.append(text(id, ann))).rejects.toMatchObject({ code: 'storage_failed' })
    const after = await openSqlite(dir)
    await after.ping()
    expect(await after.messages.head(id)).toEqual({ last_seq: 2_000, rev: 2_000 })
    await after.close()
  })

  it('goes on removing the messages of a deleted chat when opened again', async dir => {
    const before = await openSqlite(dir)
    const ann = newId()
    const { id } = await before.chats.createGroup(...group([ann]))
    await atOnce(5_000, () => before.messages.append(text(id, ann)))
    await before.chats.delete(id)
    await before.close()
    const after = await openSqlite(dir)
    const left = () => after.messages.above(id, 0, 1)
    expect(await left()).toHaveLength(1)
    for (let i = 0; i < 400 && (await left()).length > 0; i++) await Bun.sleep(10)
    expect(await left()).toEqual([])
    await after.close()
  })
})
