// The ways of looking in the search index of SQLite find the same, and what is gone leaves no row.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { newId } from '../../src/lib/ids'
import type { SearchEntry, SearchQuery } from '../../src/messages/search.store'
import { connect } from '../../src/storage/sqlite/database'
import { openFinding } from '../../src/storage/sqlite/finding'
import { openHeads } from '../../src/storage/sqlite/heads'
import { openIndexed } from '../../src/storage/sqlite/indexed'
import { migrate } from '../../src/storage/sqlite/migrations'
import { openJournal } from '../../src/storage/sqlite/journal'
import { openPurge } from '../../src/storage/sqlite/purge'
import { openSearch } from '../../src/storage/sqlite/search'
import { openWriter } from '../../src/storage/sqlite/writer'

const CHATS = 7
const SENDERS = [newId(), newId(), newId()]
const TYPES = ['text', 'text', 'image'] as const

function open() {
  const sql = connect(':memory:')
  migrate(sql.db)
  const heads = openHeads(sql)
  const writer = openWriter(sql, heads, openJournal(sql, heads))
  const chats = Array.from({ length: CHATS }, () => newId())
  for (const id of chats) {
    sql.db.run(
      `INSERT INTO chats (id, chat_type, pair, created_by, last_seq, rev, activity_at, created_at, updated_at)
      VALUES (?1, 'group', ?1, '', 0, 0, '', '', '')`,
      [id],
    )
  }
  const indexed = openIndexed(sql)
  return { sql, writer, chats, indexed, search: openSearch(sql, writer, indexed) }
}

/** A little language, of which some words are in every third message and others in few. */
const words = fc.array(fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'bab', 'c', 'cab'), { maxLength: 5 })
const message = fc.record({ chat: fc.nat(CHATS - 1), sender: fc.nat(2), type: fc.nat(2), words })
const query = fc.record({
  prefixes: fc.array(fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'c', 'd'), { minLength: 1, maxLength: 4 }),
  sender: fc.option(fc.nat(2)),
  type: fc.option(fc.nat(2)),
  older: fc.option(fc.nat(150)),
  newer: fc.option(fc.nat(150)),
  above: fc.nat(8),
  limit: fc.integer({ min: 1, max: 30 }),
})

test('walking backwards through terms or chats, gathering, and each after the other find the same', async () => {
  const few = [0, 3, 1_000]
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 150 }),
      fc.array(query, { minLength: 5 }),
      async (said, asked) => {
        const { sql, chats, search, indexed } = open()
        const seqs = chats.map(() => 0)
        const entries = said.map(({ chat, sender, type, words: terms }) => {
          const seq = (seqs[chat] = (seqs[chat] ?? 0) + 1)
          const distinct = [...new Set(terms)]
          const sender_id = SENDERS[sender] as string
          const message_type = TYPES[type] as SearchEntry['message_type']
          return {
            chat_id: chats[chat] as string,
            id: newId(),
            seq,
            rev: seq,
            sender_id,
            message_type,
            terms: distinct,
          }
        })
        const everywhere = { prefixes: ['a'], limit: 9 }
        for (const [i, { chat_id, ...entry }] of entries.entries()) {
          // What is known of the chats by then has to follow.
          if (i === entries.length >> 1)
            await search.find(
              chats.map(id => ({ id, above: 0 })),
              everywhere,
            )
          await search.index(chat_id, entry.rev, [entry])
        }
        const ways = few.flatMap(count =>
          [2, 40, 10_000].flatMap(patience =>
            [0, 60].map(terms =>
              openFinding(sql, indexed, {
                few: count,
                patience,
                mostTerms: terms,
                firstChats: terms === 0 ? 2 : 32,
              }),
            ),
          ),
        )
        for (const { prefixes, sender, type, older, newer, above, limit } of asked) {
          const places = chats.map((id, i) => ({ id, above: i % 2 === 0 ? above : 0 }))
          const wanted: SearchQuery = {
            prefixes,
            limit,
            ...(sender !== null && { sender_id: SENDERS[sender] }),
            ...(type !== null && { message_type: TYPES[type] }),
            ...(older !== null && { olderThan: entries[older]?.id }),
            ...(newer !== null && { newerThan: entries[newer]?.id }),
          }
          const right = entries.filter(
            entry =>
              entry.seq > (places.find(({ id }) => id === entry.chat_id)?.above ?? 0) &&
              prefixes.every(prefix => entry.terms.some(term => term.startsWith(prefix))) &&
              (wanted.sender_id ?? entry.sender_id) === entry.sender_id &&
              (wanted.message_type ?? entry.message_type) === entry.message_type &&
              entry.id < (wanted.olderThan ?? '~') &&
              entry.id > (wanted.newerThan ?? ''),
          )
          const ids = right
            .map(({ id }) => id)
            .toReversed()
            .slice(0, limit)
          for (const find of ways) expect((await find(places, wanted)).map(({ id }) => id)).toEqual(ids)
        }
        sql.close()
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)

test('no row is left of messages without terms, and of deleted chats', async () => {
  const { sql, writer, chats, search } = open()
  const [kept = '', gone = ''] = chats
  const rows = () =>
    ['search_terms', 'search_messages', 'search_chats'].map(
      table => sql.db.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${table}`).get()?.count,
    )
  const entries = Array.from({ length: 50 }, (_, i) => {
    const rev = i + 1
    return {
      id: newId(),
      seq: rev,
      rev,
      sender_id: newId(),
      message_type: 'text' as const,
      terms: ['a', `b${i}`],
    }
  })
  await search.index(kept, 50, entries)
  await search.index(gone, 50, entries)
  expect(rows()).toEqual([300, 100, 2])
  await search.index(
    kept,
    100,
    entries.map((entry, i) => ({ ...entry, rev: 51 + i, terms: [] })),
  )
  expect(rows()).toEqual([150, 50, 2])
  sql.db.run('INSERT INTO purges VALUES (?)', [gone])
  const purge = openPurge(sql, writer, 20)
  purge.start()
  for (let i = 0; i < 500 && rows()[2] !== 1; i++) await Bun.sleep(1)
  await purge.stop()
  expect(rows()).toEqual([0, 0, 1])
  sql.close()
})

test('a message with thousands of terms leaves others their turns, and leaves nothing behind', async () => {
  const { sql, writer, chats, search } = open()
  const [chat] = chats as [string]
  sql.db.run('UPDATE chats SET rev = 9')
  const id = newId()
  const entry = (rev: number, terms: string[]): SearchEntry => ({
    id,
    seq: 1,
    rev,
    sender_id: SENDERS[0] as string,
    message_type: 'text',
    terms,
  })
  const many = (prefix: string) => Array.from({ length: 8_000 }, (_, i) => `${prefix}${i}`)
  const rows = () => sql.db.query<{ n: number }, []>('SELECT count(*) AS n FROM search_terms').get()?.n
  const find = (prefix: string) => search.find([{ id: chat, above: 0 }], { prefixes: [prefix], limit: 9 })

  /** How often somebody else could write meanwhile. */
  async function turnsDuring(indexing: Promise<void>): Promise<number> {
    let isOver = false
    let turns = 0
    const over = indexing.then(() => (isOver = true))
    for (; !isOver; turns++) await writer.write(() => turns)
    await over
    return turns
  }

  expect(await turnsDuring(search.index(chat, 1, [entry(1, many('a'))]))).toBeGreaterThan(5)
  expect([await search.indexedRev(chat), rows(), (await find('a7999')).length]).toEqual([1, 8_001, 1])
  expect(await turnsDuring(search.index(chat, 2, [entry(2, many('b'))]))).toBeGreaterThan(10)
  expect([rows(), (await find('a')).length, (await find('b7999')).length]).toEqual([8_001, 0, 1])
  expect(await turnsDuring(search.index(chat, 3, [entry(3, [])]))).toBeGreaterThan(5)
  expect([await search.indexedRev(chat), rows(), (await find('b')).length]).toEqual([3, 0, 0])
})
