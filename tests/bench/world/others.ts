// Fills the databases of the ceiling and of the peer from the world.
import { Database } from 'bun:sqlite'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rawTables } from '../rawstore'
import { inHaste } from './write'

function fill(file: string, worldFile: string, tables: string, copies: string) {
  const db = new Database(file, { create: true, strict: true })
  for (const sql of inHaste) db.run(sql)
  db.run(tables)
  db.run(`ATTACH '${worldFile}' AS world`)
  db.run(copies)
  db.close()
}

export const fillRaw = (file: string, worldFile: string) =>
  fill(
    file,
    worldFile,
    rawTables,
    `INSERT INTO people SELECT username, password_hash FROM world.people WHERE password_hash IS NOT NULL;
     INSERT INTO places SELECT user_id, chat_id, read_seq, last_seq FROM world.members
       JOIN world.chats ON id = chat_id WHERE last_seq > 0 ORDER BY user_id, chat_id;
     INSERT INTO archive SELECT chat_id, seq, id, sender_id, content, at FROM world.messages;
     INSERT INTO found SELECT messages.no, chat_id, seq FROM world.messages
       JOIN world.chats ON chats.id = chat_id AND is_searched;
     INSERT INTO words (rowid, content) SELECT messages.no, content FROM world.messages
       JOIN world.chats ON chats.id = chat_id AND is_searched;`,
  )

export const peerFolder = join(import.meta.dir, '../peer')

export const fillPeer = (file: string, worldFile: string) =>
  fill(
    file,
    worldFile,
    readFileSync(join(peerFolder, 'schema.sql'), 'utf8'),
    `INSERT INTO users SELECT id, username, password_hash FROM world.people ORDER BY id;
     INSERT INTO chats SELECT id, 'Group ' || no, last_seq, at FROM world.chats ORDER BY id;
     INSERT INTO members SELECT chat_id, user_id, read_seq FROM world.members ORDER BY chat_id, user_id;
     INSERT INTO messages SELECT no + 1, chat_id, seq, sender_id, id, content, at FROM world.messages;
     INSERT INTO messages_fts (rowid, content) SELECT messages.no + 1, content FROM world.messages
       JOIN world.chats ON chats.id = chat_id AND is_searched;
     INSERT INTO indexed SELECT max(id) FROM messages;`,
  )
