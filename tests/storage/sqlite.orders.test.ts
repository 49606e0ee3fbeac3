// The order of somebody's chats that is kept in memory is that of the database, whatever happens in between.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { newId } from '../../src/lib/ids'
import { openChats } from '../../src/storage/sqlite/chats'
import { connect } from '../../src/storage/sqlite/database'
import { openHeads } from '../../src/storage/sqlite/heads'
import { openIndexed } from '../../src/storage/sqlite/indexed'
import { openJournal } from '../../src/storage/sqlite/journal'
import { openLooking } from '../../src/storage/sqlite/looking'
import { openMessages } from '../../src/storage/sqlite/messages'
import { migrate } from '../../src/storage/sqlite/migrations'
import { openOrders, placeAfter } from '../../src/storage/sqlite/orders'
import { openPurge } from '../../src/storage/sqlite/purge'
import { openWriter } from '../../src/storage/sqlite/writer'
import { group, text } from './contract/samples'

const PEOPLE = [newId(), newId(), newId()]

function open(mostMoves: number) {
  const sql = connect(':memory:')
  migrate(sql.db)
  const orders = openOrders(sql, mostMoves)
  const heads = openHeads(sql, orders.moved)
  const journal = openJournal(sql, heads)
  const look = openLooking(sql, journal)
  const writer = openWriter(sql, heads, journal)
  const purge = openPurge(sql, writer)
  const messages = openMessages(sql, writer, heads, journal, look)
  return {
    sql,
    look,
    orders,
    messages,
    chats: openChats(sql, writer, purge, { orders, indexed: openIndexed(sql) }, look),
  }
}

const step = fc.record({
  does: fc.constantFrom('send', 'send', 'send', 'create', 'join', 'leave', 'delete', 'clear', 'fail', 'look'),
  who: fc.nat(PEOPLE.length - 1),
  chat: fc.nat(30),
  at: fc.nat(20),
})

const timeOf = (at: number) => new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString()

test('however chats move, come and go, each is where the database has it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(2, 6, 1_000),
      fc.array(step, { minLength: 20, maxLength: 120 }),
      async (mostMoves, steps) => {
        const { sql, look, orders, messages, chats } = open(mostMoves)
        const inDatabase = sql.prepare<{ id: string; hidden: number }>(`
          SELECT id, hidden AND last_seq <= cleared_seq AS hidden FROM members JOIN chats ON id = chat_id
          WHERE user_id = ? ORDER BY activity_at DESC, id DESC`)
        const ids: string[] = []
        for (const { does, who, chat, at } of steps) {
          const [me, id] = [PEOPLE[who] as string, ids[chat % Math.max(1, ids.length)] ?? '']
          if (does === 'create') {
            const { id: made } = await chats.createGroup(...group([me], { created_at: timeOf(at) }))
            ids.push(made)
          }
          if (does === 'send') await messages.append(text(id, me, 'x', { created_at: timeOf(at) }))
          if (does === 'join')
            await chats.addMembers(id, [{ user_id: me, role: 'owner', joined_at: timeOf(at) }], 9)
          if (does === 'leave') await chats.removeMember(id, me)
          if (does === 'delete') await chats.delete(id)
          if (does === 'clear') await chats.clearFor(id, me)
          if (does === 'fail') {
            const taken = text(id, me)
            const twice = [taken, { ...taken, client_id: newId() }].map(each => messages.append(each))
            await Promise.allSettled(twice)
          }
          if (does !== 'look') continue
          for (const person of PEOPLE) {
            const right = inDatabase.all(person)
            expect(look(() => orders.of(person)).map(place => place.id)).toEqual(right.map(row => row.id))
            const shown = right.filter(({ hidden }) => !hidden).map(row => row.id)
            for (const limit of [1, 2, 50]) {
              const listed = await chats.list(person, { limit })
              expect(listed.map(one => one.chat.id)).toEqual(shown.slice(0, limit))
            }
          }
        }
        sql.close()
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)

test('what comes after a place is found, also where no chat is', () => {
  const places = [9, 7, 7, 3].map((at, i) => ({ id: `${9 - i}`, activity_at: timeOf(at) }))
  const after = (at: number, id: string) => placeAfter(places, { activity_at: timeOf(at), id })
  expect([after(10, 'z'), after(9, '9'), after(7, '9'), after(7, '8'), after(7, '7')]).toEqual([
    0, 1, 1, 2, 3,
  ])
  expect([after(5, ''), after(3, '6'), after(0, '')]).toEqual([3, 4, 4])
})
