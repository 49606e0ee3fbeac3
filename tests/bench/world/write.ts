// Writes the world into a database of its own, which each side's is then filled from.
import { Database } from 'bun:sqlite'
import { HASHING } from '../../../src/auth/hashing'
import { UNREAD, hasPrivateForm, personId, usernameOf, type PlannedChat, type World } from './plan'
import { someTexts } from './texts'

export const PASSWORD = 'a long way to Tipperary'
/** The first message was sent then, the others three seconds apart. */
const BEGAN = Date.parse('2025-01-01T00:00:00Z')
const APART_MS = 3_000

const tables = `
  CREATE TABLE people (no INTEGER PRIMARY KEY, id TEXT, username TEXT, password_hash TEXT);
  CREATE TABLE chats (no INTEGER PRIMARY KEY, id TEXT, is_private INTEGER, owner TEXT, pair TEXT, last_seq INTEGER,
    member_count INTEGER, is_searched INTEGER, at TEXT);
  CREATE TABLE members (chat_id TEXT, user_id TEXT, role TEXT, read_seq INTEGER, own_after INTEGER);
  CREATE TABLE messages (no INTEGER PRIMARY KEY, chat_id TEXT, seq INTEGER, id TEXT, sender_id TEXT, receiver_id TEXT,
    content TEXT, at TEXT);`

/** Nothing here is worth a sync: the file is made anew where it is not whole. */
export const inHaste = [
  'PRAGMA journal_mode = OFF',
  'PRAGMA synchronous = OFF',
  'PRAGMA cache_size = -262144',
]

export async function writeWorld(file: string, world: World): Promise<void> {
  const hash = await Bun.password.hash(PASSWORD, { ...HASHING })
  const db = new Database(file, { create: true, strict: true })
  for (const sql of inHaste) db.run(sql)
  db.run(tables)
  db.transaction(() => {
    writePeople(db, world, hash)
    writeChats(db, world)
    writeMessages(db, world)
  })()
  db.close()
}

function writePeople(db: Database, { people, signers }: World, hash: string) {
  const insert = db.prepare('INSERT INTO people VALUES (?, ?, ?, ?)')
  const signing = new Set(signers)
  for (let no = 0; no < people; no++)
    insert.run(no, personId(no), usernameOf(no), signing.has(no) ? hash : null)
}

function writeChats(db: Database, { chats, searched }: World) {
  const insertChat = db.prepare('INSERT INTO chats VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const insertMember = db.prepare('INSERT INTO members VALUES (?, ?, ?, ?, ?)')
  const at = timeOf(0)
  for (const chat of chats) {
    const { no, id, members, messages } = chat
    const ids = members.map(personId)
    const pair = hasPrivateForm(chat) ? ids.toSorted().join(':') : id
    const [owner = ''] = ids
    insertChat.run(
      no,
      id,
      Number(hasPrivateForm(chat)),
      owner,
      pair,
      messages,
      ids.length,
      Number(searched.includes(chat)),
      at,
    )
    const read = Math.max(0, messages - UNREAD)
    ids.forEach((person, place) =>
      insertMember.run(id, person, place === 0 ? 'owner' : 'member', read, ownAfter(chat, place, read)),
    )
  }
}

/** Members write in turn. */
const senderOf = ({ members }: PlannedChat, seq: number) => members[seq % members.length] as number

function ownAfter(chat: PlannedChat, place: number, read: number): number {
  let own = 0
  for (let seq = read + 1; seq <= chat.messages; seq++) if (senderOf(chat, seq) === chat.members[place]) own++
  return own
}

const timeOf = (no: number) => new Date(BEGAN + no * APART_MS).toISOString()
const messageId = (no: number) =>
  Math.floor((BEGAN + no * APART_MS) / 1000)
    .toString(16)
    .padStart(8, '0') + no.toString(16).padStart(16, '0')

function writeMessages(db: Database, { chats }: World) {
  const insert = db.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const texts = someTexts()
  let no = 0
  for (const chat of chats) {
    const isPrivate = hasPrivateForm(chat)
    for (let seq = 1; seq <= chat.messages; seq++) {
      const receiver = isPrivate ? personId(senderOf(chat, seq + 1)) : null
      const text = texts[(no * 7) % texts.length] as string
      insert.run(no, chat.id, seq, messageId(no), personId(senderOf(chat, seq)), receiver, text, timeOf(no))
      no++
    }
  }
}
