// Fills an embedded store by bulk SQL: ten million messages in a minute or two.
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { openSqlite } from '../../../src/storage/sqlite/open'
import { AWAY_CHATS, MESSAGES_EACH, type Size } from './sizes'

/** Everybody's. */
export const PASSWORD = 'a long way to Tipperary'
const BEGAN = Date.UTC(2026, 0, 1)
const AT = new Date(BEGAN).toISOString()

const idOf = (kind: number, number: number) =>
  (BEGAN / 1000 + kind).toString(16).padStart(8, '0') + number.toString(16).padStart(16, '0')
export const userId = (number: number) => idOf(0, number)
const chatId = (number: number) => idOf(1, number)

/** People who ask. */
export const ANN = userId(1)
export const BOB = userId(2)
export const CARL = userId(3)
export const DORA = userId(4)
const [OTHER, ANOTHER] = [userId(5), userId(6)]

/** The chat of Ann and Bob with its long history, and the group of many members. */
export const LONG = chatId(1)
export const CROWD = chatId(2)
const MANY = 1_000
const AWAY = 10_000
const REST = 20_000
export const chatOfCarl = (number: number) => chatId(MANY + number)
export const chatOfDora = (number: number) => chatId(AWAY + number)

/** The id of a message: chats after each other, so that the index of ids grows at its end. */
export const messageId = (chat: number, seq: number) =>
  (0x70000000 + chat).toString(16) + seq.toString(16).padStart(16, '0')
export const LONG_NO = 1
export const CROWD_NO = 2

/** Common in the long chat; in eleven messages of a thousand; in one of a thousand; in three of all. */
export const WORDS = { common: 'hello', frequent: 'w12', usual: 'w500', rare: 'needle' }

export async function seed(dir: string, size: Size): Promise<void> {
  await (await openSqlite(dir)).close()
  const db = new Database(join(dir, 'natter.db'), { strict: true })
  // Out of the log first: all that is new is written once, and nobody needs it after a crash.
  db.run('PRAGMA journal_mode = DELETE')
  db.run('PRAGMA journal_mode = MEMORY')
  db.run('PRAGMA synchronous = OFF')
  db.run('PRAGMA cache_size = -1000000')
  db.run('BEGIN')
  await addPeople(db, size)
  addChats(db, size)
  addLists(db, size)
  addIndex(db, size)
  db.run('COMMIT')
  db.run('PRAGMA journal_mode = WAL')
  db.close()
}

const NUMBERS = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $count)'

async function addPeople(db: Database, { users }: Size) {
  const hash = await Bun.password.hash(PASSWORD, { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 })
  const prefix = idOf(0, 0).slice(0, 8)
  db.query(
    `${NUMBERS} INSERT INTO users (id, username, username_key, full_name, role, password_hash, created_at, updated_at)
    SELECT $prefix || printf('%016x', i), 'person' || i, 'person' || i, 'Person of the ' || i || 'th', 'user', $hash, $at, $at
    FROM n`,
  ).run({ count: users, prefix: prefix, hash: hash, at: AT })
  db.query(
    `INSERT INTO user_terms (term, user_id) SELECT username_key, id FROM users
    UNION ALL SELECT 'person', id FROM users UNION ALL SELECT 'of', id FROM users UNION ALL SELECT 'the', id FROM users`,
  ).run()
}

function addChats(db: Database, { messages, members, chats, missed, others }: Size) {
  addChat(db, LONG_NO, [ANN, BOB], messages)
  addChat(
    db,
    CROWD_NO,
    Array.from({ length: members }, (_, i) => userId(i + 1)),
    messages / 10,
  )
  for (let i = 0; i < chats; i++) addChat(db, MANY + i, [CARL, OTHER], 50, 10)
  const missedEach = missed / AWAY_CHATS
  for (let i = 0; i < AWAY_CHATS; i++) addChat(db, AWAY + i, [DORA, OTHER], 200 + missedEach, missedEach)
  for (let i = 0; i < others; i++) addChat(db, REST + i, [OTHER, ANOTHER], MESSAGES_EACH)
}

/** A chat whose first two members write in turns; `unread` by all of them. */
function addChat(db: Database, number: number, members: string[], count: number, unread = 0) {
  const id = chatId(number)
  const activity = new Date(BEGAN + number * 1000).toISOString()
  db.query(
    `INSERT INTO chats (id, chat_type, pair, group_name, created_by, last_seq, rev, activity_at, created_at, updated_at, member_count)
    VALUES ($id, 'group', $id, $name, $by, $count, $count, $activity, $at, $at, $members)`,
  ).run({
    id: id,
    name: `Chat ${number}`,
    by: members[0] ?? '',
    count: count,
    activity: activity,
    at: AT,
    members: members.length,
  })
  const join = db.query(
    `INSERT INTO members (chat_id, user_id, role, read_seq, delivered_seq, own_after, joined_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  members.forEach((member, i) =>
    join.run(
      id,
      member,
      i === 0 ? 'owner' : 'member',
      count - unread,
      count,
      i < 2 ? Math.floor(unread / 2) : 0,
      AT,
    ),
  )
  db.query(
    `${NUMBERS} INSERT INTO messages (chat_id, seq, rev, id, client_id, sender_id, content, message_type, created_at)
    SELECT $chat, i, i, $prefix || printf('%016x', i), 'c' || printf('%08d', i), iif(i % 2, $one, $other),
      'hello w' || (i % 1000) || ' v' || i || iif(i % ($count / 3 + 1) = 1, ' needle', ''), 'text', $at FROM n`,
  ).run({
    count: count,
    chat: id,
    prefix: messageId(number, 0).slice(0, 8),
    one: members[0] ?? '',
    other: members[1] ?? '',
    at: AT,
  })
  db.query('INSERT INTO search_chats (no, chat_id, rev) VALUES (?, ?, ?)').run(number, id, count)
}

/** The next place in the long chat after the replies, the files and the mentions; what is changed stands behind it. */
export const afterLists = ({ items }: Size) => 4 * items + 22

/** In the long chat, one after the other: replies, which Ann has saved, files of hers, and mentions of her. */
function addLists(db: Database, { items }: Size) {
  const prefix = messageId(LONG_NO, 0).slice(0, 8)
  const [chat, at, count] = [LONG, AT, items]
  const add = (rows: string, given: Record<string, string | number>) =>
    db.query(rows.includes('FROM n') ? `${NUMBERS} ${rows}` : rows).run({ count, ...given })
  const file = `printf('71000000%016x', seq - $first)`
  const shown = `json_array(json_object('id', ${file}, 'name', 'cat.pdf', 'size', 1000,
    'media_type', 'application/pdf', 'kind', 'file'))`
  const first = items + 10

  add(
    `UPDATE messages SET reply_to = $root, thread_of = $root
    WHERE chat_id = $chat AND seq BETWEEN 2 AND $count + 1`,
    { chat, root: messageId(LONG_NO, 1) },
  )
  add(
    `INSERT INTO saved (user_id, message_id, chat_id, saved_at)
    SELECT $ann, $prefix || printf('%016x', i + 1), $chat, $at FROM n`,
    { chat, at, prefix, ann: ANN },
  )
  add(
    `INSERT INTO files (id, user_id, name, size, media_type, kind, created_at)
    SELECT printf('71000000%016x', i), $ann, 'cat.pdf', 1000, 'application/pdf', 'file', $at FROM n`,
    { at, ann: ANN },
  )
  add(
    `UPDATE messages SET message_type = 'file', extra = json_object('attachments', ${shown})
    WHERE chat_id = $chat AND seq BETWEEN $first + 1 AND $first + $count`,
    { chat, first },
  )
  add(
    `INSERT INTO attachments (file_id, chat_id, seq, kind)
    SELECT printf('71000000%016x', i), $chat, i + $first, 'file' FROM n`,
    { chat, first },
  )
  add(
    `INSERT INTO mentions (chat_id, user_id, message_id, seq, sender_id)
    SELECT $chat, $ann, $prefix || printf('%016x', i * 2 + $from), i * 2 + $from, $bob FROM n`,
    { chat, prefix, ann: ANN, bob: BOB, from: 2 * items + 20 },
  )
}

/** What the index has of the long chat and of Carl's; the rest counts as taken up, and has no words. */
function addIndex(db: Database, { chats }: Size) {
  const numbers = [LONG_NO, ...Array.from({ length: chats }, (_, i) => MANY + i)]
  const keep = db.query(`INSERT INTO search_messages (chat_no, id, seq, terms)
    SELECT ?1, unhex(id), seq, ' ' || content || ' @' || sender_id || iif(message_type = 'text', ' ', ' #' || message_type || ' ')
    FROM messages WHERE chat_id = ?2`)
  for (const number of numbers) keep.run(number, chatId(number))
  const terms = [
    `SELECT chat_no, '@' || substr(terms, instr(terms, '@') + 1, 24), id FROM search_messages`,
    `SELECT chat_no, '#file', id FROM search_messages WHERE terms LIKE '% #file %'`,
    `SELECT chat_no, 'hello', id FROM search_messages`,
    `SELECT chat_no, 'needle', id FROM search_messages WHERE terms LIKE '% needle %'`,
    `SELECT chat_no, 'v' || seq, id FROM search_messages`,
    `SELECT chat_no, 'w' || (seq % 1000), id FROM search_messages`,
  ]
  for (const rows of terms) db.run(`INSERT INTO search_terms (chat_no, term, id) ${rows} ORDER BY 1, 2, 3`)
}
