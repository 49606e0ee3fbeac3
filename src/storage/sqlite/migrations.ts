// The schema, as numbered steps that are never changed once released; each runs once, as a whole.
import type { Database } from 'bun:sqlite'
import { chats, people, signIns } from './schema'
import { catchUp } from './schema.catchup'
import { epoch } from './schema.epoch'
import { journal } from './schema.journal'
import { leaving } from './schema.leaving'
import { groups } from './schema.groups'
import { flat } from './schema.flat'
import { files } from './schema.files'
import { admin } from './schema.admin'
import { messages } from './schema.messages'
import { push } from './schema.push'
import { presence } from './schema.presence'

/** Brings the database to the newest schema. Refuses one that a newer version has written. */
export function migrate(db: Database, steps: string[] = migrations) {
  const version = versionOf(db)
  if (version > steps.length) {
    throw new Error('DATA_DIR holds the data of a newer Natter; start that version, or another directory.')
  }
  for (let next = version + 1; next <= steps.length; next++) apply(db, next, steps[next - 1] ?? '')
}

export const versionOf = (db: Database): number =>
  db.query<{ user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0

function apply(db: Database, version: number, sql: string) {
  const run = db.transaction(() => {
    db.run(sql)
    db.run(`PRAGMA user_version = ${version}`)
  })
  run.immediate()
}

const search = `
  -- Up to which rev the search index has a chat, and the number by which the index calls it.
  CREATE TABLE search_chats (no INTEGER PRIMARY KEY, chat_id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL) STRICT;

  -- The terms of each message, between spaces: newest first in a chat, where a word is in many messages; and what
  -- is to be taken away when the message changes. Ids are the 12 bytes, since there are many.
  CREATE TABLE search_messages (
    chat_no INTEGER NOT NULL,
    id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    terms TEXT NOT NULL,
    PRIMARY KEY (chat_no, id)
  ) STRICT, WITHOUT ROWID;

  -- Messages by the beginning of a term, where it is in few: a range of this key in each chat.
  CREATE TABLE search_terms (
    chat_no INTEGER NOT NULL,
    term TEXT NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (chat_no, term, id)
  ) STRICT, WITHOUT ROWID;
`

export const migrations = [
  people + signIns + chats + messages + search,
  leaving,
  push,
  groups,
  files,
  admin,
  presence,
  catchUp,
  flat,
  epoch,
  journal,
]
