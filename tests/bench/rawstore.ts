// The store of the ceiling: one INSERT per message, one commit per turn of the event loop, one query per answer.
import { Database } from 'bun:sqlite'

export interface RawMessage {
  id: number
  chat_id: string
  sender_id: string
  content: string
  created_at: number
}

/** With all fields that a message of the contract has, so that both sides send frames of much the same size. */
export const textOf = (message: RawMessage): string => JSON.stringify(shown(message))

const shown = (message: RawMessage & { seq?: number }) => ({
  ...message,
  seq: message.seq ?? message.id,
  rev: message.seq ?? message.id,
  client_id: message.sender_id,
  receiver_id: null,
  message_type: 'text',
  attachments: [],
  reply_to: null,
  reactions: [],
  is_read: false,
  pinned_at: null,
  edited_at: null,
  deleted_at: null,
  updated_at: message.created_at,
})

type Stored = (message: RawMessage) => void

/** The settings of the embedded store, so that both sides pay the same for a commit. */
const settings = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = FULL',
  'PRAGMA cache_size = -65536',
  'PRAGMA wal_autocheckpoint = 8000',
  'PRAGMA journal_size_limit = 67108864',
]

/** What is sent goes to `messages`; the rest was there before. */
export const rawTables = `
  CREATE TABLE messages (
    id INTEGER PRIMARY KEY, chat_id TEXT NOT NULL, sender_id TEXT NOT NULL, content TEXT NOT NULL,
    created_at INTEGER NOT NULL) STRICT;
  CREATE TABLE archive (
    chat_id TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, sender_id TEXT NOT NULL, content TEXT NOT NULL,
    created_at TEXT NOT NULL, PRIMARY KEY (chat_id, seq)) STRICT, WITHOUT ROWID;
  CREATE TABLE places (
    user_id TEXT NOT NULL, chat_id TEXT NOT NULL, read_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, chat_id)) STRICT, WITHOUT ROWID;
  CREATE TABLE people (username TEXT PRIMARY KEY, password_hash TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE words USING fts5 (content, content = '');
  CREATE TABLE found (no INTEGER PRIMARY KEY, chat_id TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;`

export function openRawStore(file: string) {
  const db = new Database(file, { create: true, strict: true })
  for (const sql of settings) db.run(sql)
  const isNew = db.query("SELECT 1 FROM sqlite_schema WHERE name = 'messages'").get() === null
  if (isNew) db.run(rawTables)
  return { append: openAppend(db), ...openReading(db) }
}

/** `append` calls `stored` once the message is on stable storage. */
function openAppend(db: Database) {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const insert = db.prepare('INSERT INTO messages VALUES (NULL, ?, ?, ?, ?)')
  const commit = db.prepare('COMMIT')
  let waiting: { message: RawMessage; stored: Stored }[] = []

  function commitAll() {
    const batch = waiting
    waiting = []
    begin.run()
    for (const { message } of batch) store(message)
    commit.run()
    for (const { message, stored } of batch) stored(message)
  }

  function store(message: RawMessage) {
    const { chat_id, sender_id, content, created_at } = message
    message.id = Number(insert.run(chat_id, sender_id, content, created_at).lastInsertRowid)
  }

  return function append(chat_id: string, sender_id: string, content: string, stored: Stored) {
    if (waiting.length === 0) setImmediate(commitAll)
    waiting.push({ message: { id: 0, chat_id, sender_id, content, created_at: Date.now() }, stored })
  }
}

interface Place {
  chat_id: string
  read_seq: number
  last_seq: number
}

function openReading(db: Database) {
  const page = db.prepare<RawMessage, [string, number, number]>(
    'SELECT * FROM archive WHERE chat_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
  )
  const places = db.prepare<Place, [string, number]>('SELECT * FROM places WHERE user_id = ? LIMIT ?')
  const one = db.prepare<RawMessage, [string, number]>('SELECT * FROM archive WHERE chat_id = ? AND seq = ?')
  const found = db.prepare<RawMessage, [string, number]>(`
    SELECT archive.* FROM words JOIN found ON no = words.rowid JOIN archive USING (chat_id, seq)
    WHERE words MATCH ? ORDER BY words.rowid DESC LIMIT ?`)
  const hash = db.prepare<{ password_hash: string }, [string]>('SELECT * FROM people WHERE username = ?')

  return {
    page: (chatId: string, before: number, limit: number) =>
      page.all(chatId, before, limit).map(shown).reverse(),
    list: (userId: string, limit: number) =>
      places.all(userId, limit).map(({ chat_id: id, read_seq, last_seq }) => {
        const last_message = one.get(id, last_seq)
        return { id, last_seq, last_message, unread_count: last_seq - read_seq, my: { read_seq } }
      }),
    search: (word: string, limit: number) => found.all(`"${word}"*`, limit).map(shown),
    hashOf: (username: string) => hash.get(username)?.password_hash ?? '',
  }
}
