// Messages that wait in the journal of SQLite: nobody sees the difference, and no end of the process loses one.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '../../src/lib/ids'
import { openSqlite } from '../../src/storage/sqlite/open'
import type { Stores } from '../../src/storage/stores'
import { group, T2, text } from './contract/samples'

const OPEN_HERE = join(import.meta.dir, '../../src/storage/sqlite/open.ts')
const SAMPLES_HERE = join(import.meta.dir, 'contract/samples.ts')

describe('messages in the journal of SQLite', () => {
  const [ann, bob] = [newId(), newId()]
  let parent: string
  let dir: string
  let stores: Stores

  beforeEach(async () => {
    parent = mkdtempSync(join(tmpdir(), 'natter-'))
    dir = join(parent, 'data')
    stores = await openSqlite(dir)
  })
  afterEach(async () => {
    await stores.close()
    rmSync(parent, { recursive: true })
  })

  const openGroup = async () => (await stores.chats.createGroup(...group([ann, bob]))).id
  const send = (chatId: string, userId = ann) => stores.messages.append(text(chatId, userId))
  const sendMany = (chatId: string, count: number, userId = ann) =>
    Promise.all(Array.from({ length: count }, () => send(chatId, userId)))

  /** What a process would find that starts where this one was cut off. */
  async function afterACut<T>(look: (stores: Stores) => Promise<T>): Promise<T> {
    const copy = join(parent, newId())
    cpSync(dir, copy, { recursive: true })
    const there = await openSqlite(copy)
    try {
      return await look(there)
    } finally {
      await there.close()
    }
  }

  /** How many rows the table of messages and the journal have, seen by a connection that waits for nothing. */
  function counts() {
    const db = new Database(join(dir, 'natter.db'), { readonly: true })
    const count = (table: string) =>
      db.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? NaN
    const found = { messages: count('messages'), journal: count('journal') }
    db.close()
    return found
  }

  test('are there after a cut, with their numbers and unread counts', async () => {
    const [chess, go] = [await openGroup(), await openGroup()]
    await Promise.all([sendMany(chess, 3), sendMany(go, 2, bob)])
    await sendMany(chess, 2, bob)
    expect(counts()).toEqual({ messages: 0, journal: 2 })
    const found = await afterACut(async ({ messages, chats }) => ({
      chess: (await messages.above(chess, 0, 9)).map(({ seq, rev }) => [seq, rev]),
      go: (await messages.changes(go, 0, 9)).map(({ sender_id }) => sender_id),
      unread: (await chats.list(bob, { limit: 9 })).map(({ unread_count }) => unread_count).sort(),
      next: (await messages.append(text(chess, ann)))?.message.seq,
    }))
    expect(found).toEqual({
      chess: [1, 2, 3, 4, 5].map(no => [no, no]),
      go: [bob, bob],
      unread: [0, 3],
      next: 6,
    })
  })

  test('of one chat are put in place alone, and what a cut leaves is not counted twice', async () => {
    const [chess, go] = [await openGroup(), await openGroup()]
    await Promise.all([sendMany(chess, 3), sendMany(go, 2)])
    expect(await stores.messages.changes(go, 0, 9)).toHaveLength(2)
    expect(counts()).toEqual({ messages: 2, journal: 1 })
    await sendMany(go, 4)
    const found = await afterACut(async ({ messages, chats }) => ({
      go: (await messages.above(go, 0, 9)).map(({ seq }) => seq),
      chess: (await messages.above(chess, 0, 9)).map(({ seq }) => seq),
      unread: (await chats.list(bob, { limit: 9 })).map(({ unread_count }) => unread_count).sort(),
    }))
    expect(found).toEqual({ go: [1, 2, 3, 4, 5, 6], chess: [1, 2, 3], unread: [3, 6] })
  })

  test('wait on where another chat is read, and where no chat is', async () => {
    const [chess, go] = [await openGroup(), await openGroup()]
    const [sent] = await Promise.all([sendMany(chess, 3), sendMany(go, 2)])
    await stores.users.byId(ann)
    await stores.auth.session(newId())
    await stores.users.seen([{ id: ann, at: T2 }])
    expect(counts()).toEqual({ messages: 0, journal: 1 })
    const { id = '' } = sent[0]?.message ?? {}
    expect(await stores.messages.byId(go, id)).toBeNull()
    expect(await stores.messages.head(go)).toEqual({ last_seq: 2, rev: 2 })
    expect(counts()).toEqual({ messages: 2, journal: 1 })
    expect((await stores.messages.byId(chess, id))?.seq).toBe(1)
    expect(counts()).toEqual({ messages: 5, journal: 0 })
  })

  test('wait on where somebody looks at a list, or reads what is new, without their chat in it', async () => {
    const chess = await openGroup()
    const { id: alone } = await stores.chats.createGroup(...group([ann]))
    await Promise.all([sendMany(chess, 3), sendMany(alone, 2)])
    expect((await stores.chats.list(bob, { limit: 9 })).map(({ unread_count }) => unread_count)).toEqual([3])
    expect(counts()).toEqual({ messages: 3, journal: 1 })
    await sendMany(chess, 2)
    expect(await stores.chats.markRead(chess, bob, 5)).toBe(5)
    expect((await stores.chats.standingsOf(bob)).map(({ last_seq }) => last_seq)).toEqual([5])
    expect(counts()).toEqual({ messages: 5, journal: 2 })
    const found = await afterACut(async ({ messages, chats }) => ({
      alone: (await messages.above(alone, 0, 9)).map(({ seq }) => seq),
      unread: (await chats.list(bob, { limit: 9 })).map(({ unread_count }) => unread_count),
    }))
    expect(found).toEqual({ alone: [1, 2], unread: [0] })
    expect((await stores.chats.list(ann, { limit: 9 })).length).toBe(2)
    expect(counts()).toEqual({ messages: 7, journal: 0 })
  })

  test('wait on where another chat changes, or its messages are to expire', async () => {
    const [chess, go] = [await openGroup(), await openGroup()]
    await Promise.all([sendMany(chess, 3), sendMany(go, 2)])
    expect(await stores.chats.retaining()).toEqual([])
    expect(counts()).toEqual({ messages: 0, journal: 1 })
    await stores.chats.update(go, { retention_seconds: 3_600 }, T2)
    expect(counts()).toEqual({ messages: 2, journal: 1 })
    await sendMany(go, 2)
    expect((await stores.chats.retaining()).map(({ id, last_seq }) => [id, last_seq])).toEqual([[go, 4]])
    expect(counts()).toEqual({ messages: 4, journal: 2 })
    await sendMany(chess, 1)
    const found = await afterACut(async ({ messages, chats }) => ({
      chess: (await messages.above(chess, 0, 9)).map(({ seq }) => seq),
      go: (await chats.retaining()).map(({ last_seq }) => last_seq),
    }))
    expect(found).toEqual({ chess: [1, 2, 3, 4], go: [4] })
  })

  test('are changed in one transaction with sends to other chats, and a cut leaves both', async () => {
    const [chess, go] = [await openGroup(), await openGroup()]
    const [first] = await sendMany(chess, 2)
    const { id = '' } = first?.message ?? {}
    const edit = () => ({ content: 'Other words', updated_at: T2 })
    await Promise.all([
      send(go),
      stores.messages.change(chess, id, edit),
      send(chess),
      stores.chats.markRead(chess, bob, 3),
      send(go),
    ])
    expect(counts()).toEqual({ messages: 3, journal: 1 })
    const found = await afterACut(async ({ messages, chats }) => ({
      chess: (await messages.changes(chess, 0, 9)).map(({ seq, rev, content }) => [seq, rev, content]),
      go: (await messages.above(go, 0, 9)).map(({ seq, rev }) => [seq, rev]),
      unread: (await chats.list(bob, { limit: 9 })).map(({ unread_count }) => unread_count).sort(),
      next: [
        (await messages.append(text(chess, ann)))?.message,
        (await messages.append(text(go, ann)))?.message,
      ],
    }))
    expect(found).toMatchObject({
      chess: [
        [2, 2],
        [1, 3, 'Other words'],
        [3, 4],
      ].map(([seq, rev, content = expect.any(String)]) => [seq, rev, content]),
      go: [
        [1, 1],
        [2, 2],
      ],
      unread: [0, 2],
      next: [
        { seq: 4, rev: 5 },
        { seq: 3, rev: 3 },
      ],
    })
  })

  test('of one chat are never so many that who reads it waits long', async () => {
    const chess = await openGroup()
    await sendMany(chess, 499)
    expect(counts()).toEqual({ messages: 0, journal: 1 })
    await sendMany(chess, 2)
    expect(counts()).toEqual({ messages: 501, journal: 0 })
  })

  test('are answered to who repeats them, wherever they are by then', async () => {
    const chess = await openGroup()
    const sent = text(chess, ann)
    const [first, again] = await Promise.all([stores.messages.append(sent), stores.messages.append(sent)])
    expect([first?.isNew, again?.isNew]).toEqual([true, false])
    const repeat = () => stores.messages.append({ ...sent, id: newId() })
    expect(await repeat()).toEqual({ message: first!.message, isNew: false })
    expect(await stores.messages.byId(chess, sent.id)).toEqual(first!.message)
    expect(counts()).toEqual({ messages: 1, journal: 0 })
    expect(await repeat()).toEqual({ message: first!.message, isNew: false })
    expect(await send(chess)).toMatchObject({ message: { seq: 2 } })
  })

  test('wait no longer than there is room, chat by chat, and leave nothing behind', async () => {
    const chatIds = await Promise.all(Array.from({ length: 30 }, openGroup))
    for (let round = 0; round < 400; round++) await Promise.all(chatIds.map(id => send(id)))
    const { messages, journal } = counts()
    expect(messages).toBeGreaterThanOrEqual(8000)
    expect(messages).toBeLessThan(12_000)
    // A row goes once all its messages are in place.
    expect(journal).toBeLessThan(300)
    const seqsIn = (there: Stores) =>
      Promise.all(chatIds.map(async id => (await there.messages.above(id, 0, 500)).map(({ seq }) => seq)))
    const all = chatIds.map(() => Array.from({ length: 400 }, (_, i) => i + 1))
    expect(await afterACut(seqsIn)).toEqual(all)
    expect(await seqsIn(stores)).toEqual(all)
    expect(counts()).toEqual({ messages: 12_000, journal: 0 })
  }, 20_000)

  test('are few where they are long, so that nobody who reads waits for them', async () => {
    const chess = await openGroup()
    const long = () => stores.messages.append(text(chess, ann, '長'.repeat(8000)))
    for (let round = 0; round < 100; round++) await Promise.all([long(), long()])
    // As many as 500,000 characters are may wait.
    expect(counts().messages).toBeGreaterThan(200 - 65)
    expect(await afterACut(({ messages }) => messages.above(chess, 0, 300))).toHaveLength(200)
    expect(await stores.messages.above(chess, 0, 300)).toHaveLength(200)
    expect(counts()).toEqual({ messages: 200, journal: 0 })
  }, 20_000)

  test('can be read when the disk takes no more, and are there when it does again', async () => {
    const script = `
      import { openSqlite } from ${JSON.stringify(OPEN_HERE)}
      import { group, text } from ${JSON.stringify(SAMPLES_HERE)}
      const { chats, messages } = await openSqlite(${JSON.stringify(join(parent, 'full'))})
      const { id } = await chats.createGroup(...group(['ann', 'bob']))
      let sent = 0
      for (let refused = false; !refused; ) {
        const answers = await Promise.allSettled(Array.from({ length: 20 }, () => messages.append(text(id, 'ann', 'x'.repeat(500)))))
        sent += answers.filter(({ status }) => status === 'fulfilled').length
        refused = answers.some(({ reason }) => reason?.code === 'storage_failed')
      }
      const read = (await messages.above(id, sent - 3, 9)).map(({ seq }) => seq)
      const [entry] = await chats.list('bob', { limit: 1 })
      console.log(JSON.stringify({ id, sent, read, unread: entry.unread_count }))
      process.exit()`
    // Files of this process end at 1 MB, which is the journal and some of the messages.
    const child = Bun.spawn(
      ['sh', '-c', 'trap "" XFSZ; ulimit -f 2048; exec "$0" -e "$1"', process.execPath, script],
      {
        stdout: 'pipe',
        stderr: 'inherit',
      },
    )
    const { id, sent, read, unread } = JSON.parse(await new Response(child.stdout).text())
    expect(sent).toBeGreaterThan(20)
    expect(read).toEqual([sent - 2, sent - 1, sent])
    expect(unread).toBe(sent)
    const later = await openSqlite(join(parent, 'full'))
    expect((await later.messages.above(id, sent - 1, 9)).map(({ seq }) => seq)).toContain(sent)
    await later.close()
  }, 20_000)
})
