// The store of the ceiling: one table, one INSERT per message, one commit per turn of the event loop.
import { Database } from 'bun:sqlite'

export interface RawMessage {
  id: number
  chat_id: string
  sender_id: string
  content: string
  created_at: number
}

/** With all fields that a message of the contract has, so that both sides send frames of much the same size. */
export const textOf = (message: RawMessage): string =>
  JSON.stringify({
    ...message,
    seq: message.id,
    rev: message.id,
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

const table = `CREATE TABLE messages (
  id INTEGER PRIMARY KEY, chat_id TEXT NOT NULL, sender_id TEXT NOT NULL, content TEXT NOT NULL,
  created_at INTEGER NOT NULL) STRICT`

/** Returns `append`, which calls `stored` once the message is on stable storage. */
export function openRawStore(file: string) {
  const db = new Database(file, { create: true, strict: true })
  for (const sql of [...settings, table]) db.run(sql)
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
