// The peer's queries: prepared once, one transaction per message.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

const schema = readFileSync(join(import.meta.dirname, 'schema.sql'), 'utf8')

export function openStore(file) {
  const isNew = !existsSync(file)
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('cache_size = -65536')
  db.pragma('wal_autocheckpoint = 8000')
  if (isNew) db.exec(schema + 'INSERT INTO indexed VALUES (0);')

  const isMember = db.prepare('SELECT 1 FROM members WHERE chat_id = ? AND user_id = ?').pluck()
  const repeated = db.prepare('SELECT * FROM messages WHERE chat_id = ? AND sender_id = ? AND client_id = ?')
  const nextSeq = db
    .prepare('UPDATE chats SET last_seq = last_seq + 1, updated_at = ? WHERE id = ? RETURNING last_seq')
    .pluck()
  const insert = db.prepare(`
    INSERT INTO messages (chat_id, seq, sender_id, client_id, content, created_at) VALUES (?, ?, ?, ?, ?, ?)`)

  const send = db.transaction((chat_id, sender_id, content, client_id) => {
    if (!isMember.get(chat_id, sender_id)) return null
    const first = repeated.get(chat_id, sender_id, client_id)
    if (first) return { message: first, isNew: false }
    const created_at = new Date().toISOString()
    const seq = nextSeq.get(created_at, chat_id)
    const { lastInsertRowid: id } = insert.run(chat_id, seq, sender_id, client_id, content, created_at)
    return { message: { id, chat_id, seq, sender_id, client_id, content, created_at }, isNew: true }
  })

  const page = db.prepare('SELECT * FROM messages WHERE chat_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?')
  const list = db.prepare(`
    SELECT chats.*, read_seq,
      (SELECT count(*) FROM messages WHERE chat_id = chats.id AND seq > read_seq AND sender_id <> @user) AS unread_count,
      last.id AS last_id, last.sender_id AS last_sender_id, last.content AS last_content,
      last.created_at AS last_created_at
    FROM members JOIN chats ON chats.id = members.chat_id
    LEFT JOIN messages AS last ON last.chat_id = chats.id AND last.seq = chats.last_seq
    WHERE members.user_id = @user ORDER BY chats.updated_at DESC, chats.id DESC LIMIT @limit`)
  const found = db.prepare(`
    SELECT messages.* FROM messages_fts JOIN messages ON messages.id = messages_fts.rowid
    JOIN members ON members.chat_id = messages.chat_id AND members.user_id = ?
    WHERE messages_fts MATCH ? ORDER BY messages_fts.rowid DESC LIMIT ?`)
  const chatsOf = db.prepare('SELECT chat_id FROM members WHERE user_id = ?').pluck()
  const person = db.prepare('SELECT * FROM users WHERE username = ?')

  const after = db.prepare(
    'SELECT id, content FROM messages WHERE id > (SELECT message_id FROM indexed) LIMIT 200',
  )
  const addWords = db.prepare('INSERT INTO messages_fts (rowid, content) VALUES (?, ?)')
  const moveIndexed = db.prepare('UPDATE indexed SET message_id = ?')
  const index = db.transaction(() => {
    const rows = after.all()
    for (const { id, content } of rows) addWords.run(id, content)
    if (rows.length > 0) moveIndexed.run(rows.at(-1).id)
  })

  return {
    send: send.immediate,
    isMember: (chatId, userId) => isMember.get(chatId, userId) !== undefined,
    page: (chatId, before, limit) => page.all(chatId, before, limit).reverse(),
    list: (user, limit) => list.all({ user, limit }),
    search: (userId, words, limit) => found.all(userId, words, limit),
    chatsOf: userId => chatsOf.all(userId),
    person: username => person.get(username),
    index,
  }
}
