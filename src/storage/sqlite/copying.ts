// A copy of the database while the server writes: one moment of it, and what a copy tells of itself.
import { Database } from 'bun:sqlite'
import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { createPrivateFile } from './files'
import { migrations, versionOf } from './migrations'
import { epoch } from './schema.epoch'

/** The first schema that knows an epoch. */
const FIRST_SCHEMA = migrations.indexOf(epoch) + 1

/** So much is written before it is brought to the disk: all at once would make commits of the server wait for it. */
const PAGES_AT_ONCE = 1_000

/**
 * Writes the database as it is at one moment of the call, with everything acknowledged before, into a new file on
 * stable storage. Writers go on; their log cannot be folded back meanwhile, so it grows by what they write.
 * Source: sqlite.org/backup.html; the transaction keeps the moment, else every write would make the copy begin anew.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  createPrivateFile(to)
  const file = openSync(to, 'r+')
  const source = new DatabaseSync(from, { readOnly: true })
  try {
    source.exec('PRAGMA busy_timeout = 5000')
    source.exec('BEGIN')
    source.prepare('SELECT count(*) FROM sqlite_schema').get()
    await backup(source, to, { rate: PAGES_AT_ONCE, progress: () => fdatasyncSync(file) })
  } finally {
    source.close()
    closeSync(file)
  }
  leaveLogMode(to)
}

/** So that a copy is one file, which can be looked into without writing beside it. */
function leaveLogMode(file: string) {
  const db = new Database(file, { readwrite: true })
  try {
    db.run('PRAGMA journal_mode = DELETE')
  } finally {
    db.close()
  }
}

export interface Counts {
  people: number
  chats: number
  messages: number
  files: number
}

/** What of the files a database shows: those that have a thumbnail, and the addresses of pictures. */
export interface Shown {
  files: { id: string; thumbnail: boolean }[]
  avatars: string[]
}

/** A database that nobody writes to. Throws what SQLite says where it cannot be read. */
export function openCopy(file: string) {
  const db = open(file)
  const all = <Row>(text: string) => db.query<Row, []>(text).all()
  const count = (text: string) => db.query<{ count: number }, []>(`SELECT count(*) AS count ${text}`).get()
  const counted = (text: string) => count(text)?.count ?? 0

  return {
    schema: () => versionOf(db),

    epoch: () => db.query<{ id: string }, []>('SELECT id FROM epoch').get()?.id ?? '',

    counts: (): Counts => ({
      people: counted('FROM users'),
      chats: counted('FROM chats'),
      messages: counted('FROM messages'),
      files: counted('FROM files WHERE dropped_at IS NULL'),
    }),

    shown(): Shown {
      const files = all<{ id: string; thumbnail: number }>(
        'SELECT id, thumbnail_size IS NOT NULL AS thumbnail FROM files WHERE dropped_at IS NULL',
      )
      const pictures = all<{ address: string }>(`
        SELECT avatar AS address FROM users WHERE avatar IS NOT NULL UNION ALL
        SELECT group_avatar FROM chats WHERE group_avatar IS NOT NULL`)
      return {
        files: files.map(({ id, thumbnail }) => ({ id, thumbnail: thumbnail === 1 })),
        avatars: pictures.map(({ address }) => address),
      }
    },

    /** What is wrong with it, one line each; none where it is sound. Reads all of it. */
    damage(): string[] {
      const found = all<{ integrity_check: string }>('PRAGMA integrity_check(5)')
        .map(({ integrity_check }) => integrity_check)
        .filter(line => line !== 'ok')
      const strays = all('PRAGMA foreign_key_check').length
      const gaps = counted(`FROM (
        SELECT 1 FROM messages WHERE chat_id NOT IN (SELECT chat_id FROM purges)
        GROUP BY chat_id HAVING min(seq) <> 1 OR count(*) <> max(seq))`)
      const ends = counted(`FROM chats
        WHERE last_seq <> (SELECT coalesce(max(seq), 0) FROM messages WHERE chat_id = chats.id) OR rev < last_seq`)
      if (strays > 0) found.push(`${strays} rows belong to nothing`)
      if (gaps > 0) found.push(`${gaps} chats have gaps`)
      if (ends > 0) found.push(`${ends} chats do not know their last message`)
      return found
    },

    close: () => db.close(),
  }
}

function open(file: string): Database {
  const db = new Database(file, { readonly: true, strict: true })
  try {
    db.run('PRAGMA busy_timeout = 5000')
    db.run('PRAGMA cache_size = -16384')
    mustBeKnown(versionOf(db))
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function mustBeKnown(version: number) {
  if (version < FIRST_SCHEMA)
    throw new Error('The database is that of an older Natter, or empty: start this one on it once.')
  if (version > migrations.length)
    throw new Error('The database is that of a newer Natter: use that version.')
}
