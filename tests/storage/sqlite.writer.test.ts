// The writer of SQLite: steps that share a transaction and do not spoil each other; and the schema's migrations.
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { badRequest } from '../../src/lib/errors'
import { newId } from '../../src/lib/ids'
import { connect, type Sql } from '../../src/storage/sqlite/database'
import { openHeads, type Heads } from '../../src/storage/sqlite/heads'
import { openJournal, type Journal } from '../../src/storage/sqlite/journal'
import { openLooking } from '../../src/storage/sqlite/looking'
import { migrate, migrations, versionOf } from '../../src/storage/sqlite/migrations'
import { openSqlite } from '../../src/storage/sqlite/open'
import { openWriter, type Writer } from '../../src/storage/sqlite/writer'
import { group, member, T2, text } from './contract/samples'

describe('the writer of SQLite', () => {
  let sql: Sql
  let heads: Heads
  let journal: Journal
  let writer: Writer
  const put = (word: string) => sql.db.run('INSERT INTO words VALUES (?)', [word])
  const words = () =>
    sql.db
      .query<{ word: string }, []>('SELECT word FROM words')
      .all()
      .map(row => row.word)

  beforeEach(() => {
    sql = connect(':memory:')
    migrate(sql.db)
    sql.db.run('CREATE TABLE words (word TEXT PRIMARY KEY) STRICT')
    heads = openHeads(sql)
    journal = openJournal(sql, heads)
    openLooking(sql, journal)
    writer = openWriter(sql, heads, journal)
  })
  afterEach(() => sql.close())

  test('undoes a step that fails, whole, and keeps those around it', async () => {
    const refusal = badRequest('no', 'No.')
    const answers = await Promise.allSettled([
      writer.write(() => put('a').changes),
      writer.write(() => {
        put('b')
        throw refusal
      }),
      writer.write(() => {
        put('c')
        put('a')
      }),
      writer.append(() => put('a')),
      writer.write(() => words().length),
    ])
    expect(answers[0]).toEqual({ status: 'fulfilled', value: 1 })
    expect(answers[1]).toEqual({ status: 'rejected', reason: refusal })
    expect(answers[2]).toMatchObject({ status: 'rejected', reason: { code: 'storage_failed' } })
    expect(answers[3]).toMatchObject({ status: 'rejected', reason: { code: 'storage_failed' } })
    expect(answers[4]).toEqual({ status: 'fulfilled', value: 1 })
    expect(words()).toEqual(['a'])
  })

  test('refuses every step of a transaction that cannot be committed, and goes on', async () => {
    const orphan = () => {
      sql.db.run('PRAGMA defer_foreign_keys = ON')
      sql.db.run("INSERT INTO user_terms VALUES ('ann', 'nobody')")
    }
    const answers = await Promise.allSettled([
      writer.write(() => put('a')),
      writer.write(orphan),
      writer.write(() => put('b')),
    ])
    for (const answer of answers) {
      expect(answer).toMatchObject({ reason: { status: 503, code: 'storage_failed' } })
      const { detail, cause } = (answer as PromiseRejectedResult).reason
      expect(detail).not.toContain('FOREIGN')
      expect(String(cause)).toContain('FOREIGN')
    }
    expect(words()).toEqual([])
    await writer.write(() => put('c'))
    expect(words()).toEqual(['c'])
  })

  test('refuses every step when no transaction can begin, and goes on', async () => {
    sql.db.run('PRAGMA query_only = ON')
    const answers = await Promise.allSettled([writer.write(() => put('a')), writer.append(() => put('b'))])
    expect(answers).toMatchObject([{ reason: { status: 503 } }, { reason: { status: 503 } }])
    sql.db.run('PRAGMA query_only = OFF')
    await writer.write(() => put('c'))
    expect(words()).toEqual(['c'])
  })

  test('counts on where the last transaction ended, and reads anew what failed or may have changed', async () => {
    sql.db.run(`
      INSERT INTO chats (id, chat_type, pair, created_by, last_seq, rev, activity_at, created_at, updated_at)
      VALUES ('chess', 'group', 'chess', 'ann', 0, 0, '', '', '')`)
    const send = () =>
      writer.append(() => {
        const head = heads.of('chess')
        if (!head) return null
        journal.take({ ...text('chess', 'ann'), created_at: T2 }, head.last_seq + 1, head.rev + 1)
        heads.advance(head, { ...text('chess', 'ann'), created_at: T2 })
        return head.last_seq
      })
    const head = sql.prepare("SELECT last_seq, rev, activity_at FROM chats WHERE id = 'chess'")
    const saved = () => head.get()
    expect([await send(), await send()]).toEqual([1, 2])
    expect(saved()).toEqual({ last_seq: 2, rev: 2, activity_at: T2 })
    sql.db.run('PRAGMA query_only = ON')
    await send().catch(() => {})
    sql.db.run('PRAGMA query_only = OFF')
    sql.db.run(
      'CREATE TEMP TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ROLLBACK, "disk full"); END',
    )
    expect((await Promise.allSettled([send(), send()])).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ])
    sql.db.run('DROP TRIGGER full')
    expect(await send()).toBe(3)
    expect(saved()).toEqual({ last_seq: 3, rev: 3, activity_at: T2 })
    await writer.write(() => sql.db.run("DELETE FROM chats WHERE id = 'chess'"))
    expect(await send()).toBeNull()
  })
})

describe('steps of one transaction in SQLite', () => {
  test('see each other in the order of the calls', async () => {
    const { chats, messages, close } = await openSqlite(null)
    const [ann, bob, cy] = [newId(), newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, cy]))
    const send = () => messages.append(text(id, ann))
    const answers = await Promise.all([
      send(),
      send(),
      chats.addMembers(id, [member(bob)], 10),
      send(),
      chats.markRead(id, cy, 99),
      send(),
      chats.clearFor(id, cy),
      send(),
      chats.update(id, { group_name: 'Chess' }, '2030-01-01T00:00:09.000Z'),
      chats.listed(ann, id),
      chats.delete(id),
      send(),
    ])
    expect(answers[2]).toMatchObject([{ read_seq: 2 }])
    expect(answers[4]).toBe(3)
    expect(answers[8]).toMatchObject({ last_seq: 5, rev: 5 })
    // A read does not wait for writes that are not answered yet.
    expect(answers[9]).toMatchObject({ chat: { last_seq: 0 } })
    expect(answers[10]).toBeTrue()
    expect(answers[11]).toBeNull()
    expect(await messages.head(id)).toEqual({ last_seq: 0, rev: 0 })
    await close()
  })

  test('undo a change that fails half way, and count no rev for it', async () => {
    const { chats, messages, close } = await openSqlite(null)
    const ann = newId()
    const { id } = await chats.createGroup(...group([ann]))
    const [first, second] = [text(id, ann), text(id, ann, 'Hi', { mentions: [newId(), newId()] })]
    // What is no text cannot be bound, when the row itself is written already.
    const broken = { ...text(id, ann), mentions: [newId(), {} as string] }
    const answers = await Promise.allSettled([
      messages.append(first),
      messages.append(broken),
      messages.change(id, first.id, () => ({ mentions: broken.mentions, updated_at: T2 })),
      messages.change(id, first.id, () => ({ pinned_at: T2, updated_at: T2 })),
      messages.append(second),
    ])
    expect(answers.map(answer => answer.status === 'fulfilled')).toEqual([true, false, false, true, true])
    expect(await messages.changes(id, 0, 10)).toMatchObject([
      { id: first.id, seq: 1, rev: 2, mentions: [], pinned_at: T2 },
      { id: second.id, seq: 2, rev: 3 },
    ])
    await close()
  })

  test('count on from the truth after a message was refused', async () => {
    const { chats, messages, close } = await openSqlite(null)
    const ann = newId()
    const { id } = await chats.createGroup(...group([ann]))
    const sent = text(id, ann)
    const answers = await Promise.allSettled([
      messages.append(sent),
      messages.append({ ...sent, client_id: 'another' }),
      messages.append(text(id, ann)),
    ])
    expect(answers[1]).toMatchObject({ status: 'rejected', reason: { code: 'storage_failed' } })
    expect(answers[2]).toMatchObject({ value: { message: { seq: 2, rev: 2 } } })
    expect(await messages.head(id)).toEqual({ last_seq: 2, rev: 2 })
    await close()
  })
})

describe('the schema of SQLite', () => {
  test('comes from an empty file, and a second run changes nothing', () => {
    const sql = connect(':memory:')
    const schema = () => sql.db.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all()
    migrate(sql.db)
    const first = schema()
    expect(versionOf(sql.db)).toBe(migrations.length)
    expect(first.length).toBeGreaterThan(8)
    migrate(sql.db)
    expect(schema()).toEqual(first)
  })

  test('goes forward step by step; a step that fails leaves nothing behind', () => {
    const db = new Database(':memory:')
    migrate(db, ['CREATE TABLE a (x)'])
    expect(() => migrate(db, ['', 'CREATE TABLE b (x)', 'CREATE TABLE c (x); nonsense'])).toThrow()
    expect(versionOf(db)).toBe(2)
    expect(() => db.run('SELECT * FROM c')).toThrow('no such table')
    migrate(db, ['', '', 'CREATE TABLE c (x)'])
    expect(versionOf(db)).toBe(3)
  })

  test('refuses data of a newer version', () => {
    const db = new Database(':memory:')
    db.run('PRAGMA user_version = 999')
    expect(() => migrate(db)).toThrow('newer Natter')
  })

  test('is used with synchronous = FULL and foreign keys', () => {
    const { db } = connect(':memory:')
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(db.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 })
  })
})

test('after a commit that failed the log begins anew: all before it is in the database itself', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'natter-writer-'))
  const file = join(dir, 'natter.db')
  const sql = connect(file)
  migrate(sql.db)
  sql.db.run('CREATE TABLE words (word TEXT PRIMARY KEY) STRICT')
  const heads = openHeads(sql)
  const journal = openJournal(sql, heads)
  openLooking(sql, journal)
  const writer = openWriter(sql, heads, journal)
  const insert = sql.prepare('INSERT INTO words VALUES (?)')
  const write = (word: string) => writer.write(() => insert.run(word))
  const other = new Database(file)

  await write('before')
  sql.db.run('PRAGMA busy_timeout = 0')
  other.run('BEGIN IMMEDIATE')
  await expect(write('refused')).rejects.toMatchObject({ status: 503 })
  await write('refused too').catch(() => {})
  other.run('ROLLBACK')
  await write('after')

  // Without the log, as where its beginning never reached the disk.
  await copyFile(file, join(dir, 'alone.db'))
  const alone = new Database(join(dir, 'alone.db'))
  expect(alone.query('SELECT word FROM words').all()).toEqual([{ word: 'before' }])
  expect(sql.db.query('SELECT word FROM words ORDER BY word').all()).toEqual([
    { word: 'after' },
    { word: 'before' },
  ])
  for (const each of [alone, other, sql]) each.close()
  await rm(dir, { recursive: true })
}, 30_000)
