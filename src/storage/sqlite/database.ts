// The one connection: its settings, and statements that are let go together with it.
import { Database, type SQLQueryBindings, type Statement } from 'bun:sqlite'

export type Value = string | number | null

/** A record as named parameters. */
export type Fields<T> = { [K in keyof T]: T[K] }

export interface Sql {
  readonly db: Database
  /** A statement to be kept and run many times. */
  prepare<Row = unknown, Args extends SQLQueryBindings[] = Value[]>(text: string): Statement<Row, Args>
  close(): void
}

/** Opens the database file, or one in memory, with settings under which a commit survives a power cut. */
export function connect(file: string): Sql {
  const db = new Database(file, { create: true, readwrite: true, strict: true })
  const statements: { finalize(): void }[] = []
  for (const setting of settings) db.run(setting)
  mustSyncEveryCommit(db)

  return {
    db,
    prepare<Row, Args extends SQLQueryBindings[]>(text: string) {
      const statement = db.prepare(text) as Statement<Row, Args>
      statements.push(statement)
      return statement
    },
    close() {
      // A statement left over keeps the files open, and the log is not folded back into the database.
      for (const statement of statements.splice(0)) statement.finalize()
      db.close()
    },
  }
}

const settings = [
  'PRAGMA busy_timeout = 5000',
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = FULL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA trusted_schema = OFF',
  'PRAGMA cache_size = -65536',
  // Folding the log back costs its own fsyncs: once in 32 MB of it.
  'PRAGMA wal_autocheckpoint = 8000',
  'PRAGMA journal_size_limit = 67108864',
]

function mustSyncEveryCommit(db: Database) {
  const FULL = 2
  const { synchronous } = db.query<{ synchronous: number }, []>('PRAGMA synchronous').get() ?? {}
  if (synchronous !== FULL) throw new Error('SQLite does not take PRAGMA synchronous = FULL.')
}
