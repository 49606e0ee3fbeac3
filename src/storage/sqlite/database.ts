// The one connection: its settings, and statements that are let go together with it.
import { Database, type SQLQueryBindings, type Statement } from 'bun:sqlite'

export type Value = string | number | null

/** A record as named parameters. */
export type Fields<T> = { [K in keyof T]: T[K] }

/** A statement to be kept and run many times. */
export type Prepared<Row, Args extends SQLQueryBindings[] = Value[]> = Pick<
  Statement<Row, Args>,
  'get' | 'all' | 'run'
>

type Prepare = <Row = unknown, Args extends SQLQueryBindings[] = Value[]>(text: string) => Prepared<Row, Args>

type PrepareToLook = <Row = unknown, Args extends SQLQueryBindings[] = Value[]>(
  text: string,
  at?: number | ((...args: Args) => string[]),
) => Prepared<Row, Args>

/** Sees to it that what is read is there: what waits of some chats, or of all. */
type Look = <T>(read: () => T, chatIds?: () => string[]) => T

export interface Sql {
  readonly db: Database
  /**
   * A statement that is run by way of `lookBy`, where it names a table that sends change. `at`: the parameter, counted
   * from 0, that is the chat whose messages, members and head alone it looks at; or all such chats.
   */
  prepare: PrepareToLook
  /** The same, which finds things as they lie: for the writer and what works for it. */
  prepareInside: Prepare
  /** What sees to it that statements find what they look for. */
  lookBy(look: Look): void
  /** Runs transactions that lose nothing when they are lost: their commits are not awaited to be on the disk. */
  unsynced(run: () => void): void
  /** From here on a commit is on the disk when it returns; throws where that cannot be had. */
  sync(): void
  /**
   * Puts all of the write-ahead log into the database, synced, so that the log begins anew; throws where that cannot be
   * done now. Where a sync fails the kernel forgets what it had not written, and the next sync says nothing of it: with
   * a hole in the log, a power cut would take all that comes after. Source: Rebello et al., "Can Applications Recover
   * from fsync Failures?", USENIX ATC 2020.
   */
  beginLogAnew(): void
  close(): void
}

/** Opens the database file, or one in memory, with settings under which a commit survives a power cut. */
export function connect(file: string): Sql {
  const db = new Database(file, { create: true, readwrite: true, strict: true })
  const statements: { finalize(): void }[] = []
  let isSynced = true
  let look: Look = read => read()
  for (const setting of settings) db.run(setting)
  mustSyncEveryCommit(db)

  function sync() {
    if (isSynced) return
    db.run('PRAGMA synchronous = FULL')
    mustSyncEveryCommit(db)
    isSynced = true
  }

  function prepareInside<Row, Args extends SQLQueryBindings[]>(text: string) {
    const statement = db.prepare(plannedOnce(text)) as Statement<Row, Args>
    statements.push(statement)
    return statement
  }

  return {
    db,
    prepare<Row, Args extends SQLQueryBindings[]>(text: string, at?: number | ((...args: Args) => string[])) {
      const statement = prepareInside<Row, Args>(text)
      if (!CHANGED_BY_SENDS.test(text)) return statement
      const chatsIn = (args: Args) => {
        if (at === undefined) return undefined
        return () => (typeof at === 'number' ? [args[at] as string] : at(...args))
      }
      return {
        get: (...args: Args) => look(() => statement.get(...args), chatsIn(args)),
        all: (...args: Args) => look(() => statement.all(...args), chatsIn(args)),
        run: (...args: Args) => look(() => statement.run(...args), chatsIn(args)),
      } as Prepared<Row, Args>
    },
    prepareInside,
    lookBy(given) {
      look = given
    },
    unsynced(run) {
      isSynced = false
      db.run('PRAGMA synchronous = NORMAL')
      try {
        run()
      } finally {
        sync()
      }
    },
    sync,
    beginLogAnew() {
      // Somebody else who reads, such as a backup, is not waited for: that would hold everybody up.
      db.run('PRAGMA busy_timeout = 0')
      try {
        const { busy } = db.query<{ busy: number }, []>('PRAGMA wal_checkpoint(RESTART)').get() ?? {}
        if (busy !== 0) throw new Error('The log of the database cannot begin anew while somebody reads it.')
      } finally {
        db.run(BUSY_TIMEOUT)
      }
    },
    close() {
      // A statement left over keeps the files open, and the log is not folded back into the database.
      for (const statement of statements.splice(0)) statement.finalize()
      db.close()
    },
  }
}

/** Chats that are given as JSON, in the first parameter. */
export const listed = (chatIds: Value): string[] => JSON.parse(chatIds as string)

/** Those of messages that are given as JSON, each with `chat_id`. */
export const chatsOf = (messages: Value): string[] =>
  (JSON.parse(messages as string) as { chat_id: string }[]).map(({ chat_id }) => chat_id)

/** What is written when messages that waited are put in their places. */
const CHANGED_BY_SENDS = /\b(messages|chats|members|journal)\b/

/**
 * With a parameter alone after `=` or `LIMIT`, SQLite may plan a statement for the values it has, and where it sorts,
 * groups or ends anew for every run: that takes longer than most statements. An expression has no value yet.
 * Source: `sqlite3VdbeSetVarmask` and its callers in SQLite 3.54; the other way, SQLITE_DBCONFIG_ENABLE_QPSG, is out of
 * reach here.
 */
const plannedOnce = (text: string) =>
  text.replace(/= (?=\?)/g, '= +').replace(/\bLIMIT (?=\?)/g, 'LIMIT 0 + ')

const BUSY_TIMEOUT = 'PRAGMA busy_timeout = 5000'

const settings = [
  BUSY_TIMEOUT,
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
