// Own messages after the read position are counted in three ways, by which is the shortest; all find the same.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { newId } from '../../src/lib/ids'
import { connect } from '../../src/storage/sqlite/database'
import { openHeads } from '../../src/storage/sqlite/heads'
import { openJournal } from '../../src/storage/sqlite/journal'
import { openLooking } from '../../src/storage/sqlite/looking'
import { openMessages } from '../../src/storage/sqlite/messages'
import { migrate } from '../../src/storage/sqlite/migrations'
import { openReading } from '../../src/storage/sqlite/reading'
import { openWriter } from '../../src/storage/sqlite/writer'
import { text } from './contract/samples'

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('send' as const), who: fc.nat(1), to: fc.nat(60) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('read' as const), who: fc.nat(1), to: fc.nat(60) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('clear' as const), who: fc.nat(1), to: fc.nat(60) }),
  },
)

test('however far a place moves, the count is that of all messages after it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 3, 1_000),
      fc.array(step, { minLength: 10, maxLength: 60 }),
      async (far, steps) => {
        const sql = connect(':memory:')
        migrate(sql.db)
        const heads = openHeads(sql)
        const journal = openJournal(sql, heads)
        const look = openLooking(sql, journal)
        const writer = openWriter(sql, heads, journal)
        const messages = openMessages(sql, writer, heads, journal, look)
        const reading = openReading(sql, writer, far)
        const [chat, people] = [newId(), [newId(), newId()] as const]
        sql.db.run(
          `INSERT INTO chats (id, chat_type, pair, created_by, last_seq, rev, activity_at, created_at, updated_at)
          VALUES (?1, 'group', ?1, '', 0, 0, '', '', '')`,
          [chat],
        )
        for (const id of people)
          sql.db.run(
            `INSERT INTO members (chat_id, user_id, role, read_seq, delivered_seq, joined_at)
            VALUES (?, ?, 'member', 0, 0, '')`,
            [chat, id],
          )
        const kept = sql.prepare<{ kept: number; counted: number }>(`
          SELECT own_after AS kept, (SELECT count(*) FROM messages
            WHERE messages.chat_id = members.chat_id AND sender_id = user_id AND seq > max(read_seq, cleared_seq)
          ) AS counted FROM members WHERE chat_id = ? AND user_id = ?`)

        for (const { does, who, to } of steps) {
          const me = people[who] as string
          if (does === 'send') await messages.append(text(chat, me))
          else if (does === 'read') await reading.markRead(chat, me, to)
          else await reading.clearFor(chat, me)
          for (const id of people) {
            const row = kept.get(chat, id)
            expect(row?.kept).toBe(row?.counted as number)
          }
        }
        sql.close()
      },
    ),
    { numRuns: 100 },
  )
}, 30_000)
