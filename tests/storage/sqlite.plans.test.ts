// No statement of the embedded store walks through a table, or sorts what an index has in order: every one that is
// prepared is asked for its plan, so a new one that does not find its index fails here, without a clock.
import { Database } from 'bun:sqlite'
import { expect, spyOn, test } from 'bun:test'
import { newId } from '../../src/lib/ids'
import { connect } from '../../src/storage/sqlite/database'
import { openFinding } from '../../src/storage/sqlite/finding'
import { openHeads } from '../../src/storage/sqlite/heads'
import { openIndexed } from '../../src/storage/sqlite/indexed'
import { openJournal } from '../../src/storage/sqlite/journal'
import { migrate } from '../../src/storage/sqlite/migrations'
import { openSqlite } from '../../src/storage/sqlite/open'
import { openSearch } from '../../src/storage/sqlite/search'
import { openWriter } from '../../src/storage/sqlite/writer'
import type { Stores } from '../../src/storage/stores'

interface Step {
  detail: string
}

/** What walks or sorts all the same, found by a part of its text, and why that does not grow with the store. */
const KNOWN: [part: string, step: RegExp, reason: string][] = [
  ['FROM purges', /^SCAN purges$/, 'chats that were deleted a moment ago'],
  ['FROM journal ORDER BY no', /^SCAN journal$/, 'what waited when the server ended: at most some thousands'],
  ['epoch', /^SCAN epoch$/, 'one row'],
  ['FROM departures', /^SCAN departures$/, 'accounts that are being deleted'],
  [
    'INDEXED BY chats_retaining',
    /^SCAN chats USING (COVERING )?INDEX chats_retaining$/,
    'chats that expire: all are wanted',
  ],
  ['DISTINCT user_id FROM push_subscriptions', /^SCAN push_subscriptions/, 'all are wanted, once a minute'],
  ['DISTINCT user_id FROM user_terms', /DISTINCT$/, 'stops at its limit'],
  ['username_key > ?3', /ORDER BY$/, 'at most 200 people'],
  ['FROM push_subscriptions WHERE user_id IN', /ORDER BY$/, 'the devices of some people'],
  ['ORDER BY chats.activity_at', /ORDER BY$/, 'the chats of one person'],
  ['ORDER BY activity_at DESC, chats.id', /ORDER BY$/, 'the chats of one person, once'],
  ['WITH page', /^SCAN page$/, 'the chats that are asked for'],
  ['WITH RECURSIVE stream', /^SCAN stream$/, 'one for each chat, and 64 more at most'],
  ['INTERSECT', /ORDER BY$/, 'at most 5,000 messages for each word, or where walking did not help'],
]

/** Of subqueries and of lists given as JSON, which are no tables. */
const NO_TABLE = /^SCAN \(?subquery|VIRTUAL TABLE|CONSTANT ROW/

const isDear = (step: string) =>
  (step.startsWith('SCAN') && !NO_TABLE.test(step)) || /TEMP B-TREE|AUTOMATIC|BLOOM FILTER/.test(step)

async function preparedBy(use: (stores: Stores) => Promise<unknown>) {
  const prepare = spyOn(Database.prototype, 'prepare')
  const stores = await openSqlite(null)
  await use(stores)
  const texts = new Set(prepare.mock.calls.map(([text]) => text))
  const db = prepare.mock.contexts[0] as Database
  prepare.mockRestore()
  return { stores, db, texts: [...texts].filter(text => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/.test(text)) }
}

const planOf = (db: Database, text: string): string[] =>
  db
    .prepare<Step, []>(`EXPLAIN QUERY PLAN ${text}`)
    .all()
    .map(({ detail }) => detail)

/** Each way of searching after the other, since none has the patience that it takes. */
async function searchEveryWay(wanted: { prefixes: string[]; limit: number }) {
  const sql = connect(':memory:')
  migrate(sql.db)
  const heads = openHeads(sql)
  const search = openSearch(sql, openWriter(sql, heads, openJournal(sql, heads)))
  const [id, sender_id] = [newId(), newId()]
  sql.db.run(
    `INSERT INTO chats (id, chat_type, pair, created_by, last_seq, rev, activity_at, created_at, updated_at)
    VALUES (?1, 'group', ?1, '', 1, 1, '', '', '')`,
    [id],
  )
  const terms = wanted.prefixes
  await search.index(id, 1, [{ id: newId(), seq: 1, rev: 1, sender_id, message_type: 'text', terms }])
  await openFinding(sql, openIndexed(sql), { few: 0, patience: 0, mostTerms: -2 })([{ id, above: 0 }], wanted)
  sql.close()
}

test('every statement finds its index', async () => {
  const {
    stores: opened,
    db,
    texts,
  } = await preparedBy(async stores => {
    const wanted = { prefixes: ['ann', 'bob'], limit: 10 }
    await searchEveryWay(wanted)
    await stores.users.list(wanted)
  })
  expect(texts.length).toBeGreaterThan(150)
  const used = new Set<string>()
  const dear = texts.flatMap(text =>
    planOf(db, text)
      .filter(isDear)
      .filter(step => {
        const known = KNOWN.find(([part, fits]) => text.includes(part) && fits.test(step))
        if (known) used.add(known[0])
        return !known
      })
      .map(step => `${step}: ${text.replace(/\s+/g, ' ').trim()}`),
  )
  expect(dear).toEqual([])
  expect(KNOWN.map(([part]) => part).filter(part => !used.has(part))).toEqual([])
  await opened.close()
})

test('no statement is planned anew for the values it is given', async () => {
  const { stores: opened, texts } = await preparedBy(async () => {})
  expect(texts.filter(text => text.includes('= +?')).length).toBeGreaterThan(100)
  expect(texts.filter(text => /(=|\bLIMIT) *\(?\?/.test(text))).toEqual([])
  await opened.close()
})

test('the check itself sees a walk, a sort, an index made on the spot, and a list that is held against each row', () => {
  const db = new Database(':memory:')
  db.run('CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT); CREATE TABLE c (d TEXT)')
  db.run('CREATE TABLE e (f, g, h, i, PRIMARY KEY (f, g)) WITHOUT ROWID; CREATE UNIQUE INDEX e_h ON e (f, h)')
  const isSeen = (text: string) => planOf(db, text).some(isDear)
  expect(isSeen("SELECT * FROM a WHERE b = 'x'")).toBe(true)
  expect(isSeen('SELECT * FROM a WHERE id > 3 ORDER BY b')).toBe(true)
  expect(isSeen('SELECT * FROM a WHERE id = 3')).toBe(false)
  expect(isSeen("SELECT value FROM json_each('[]')")).toBe(false)
  expect(isSeen("SELECT g FROM e WHERE f = 1 AND g IN (SELECT value FROM json_each('[]'))")).toBe(false)
  expect(isSeen("SELECT * FROM e WHERE f = 1 AND h IN (SELECT value FROM json_each('[]'))")).toBe(true)
})
