// One process per data directory: a lock of the operating system that ends with the process, however it ends.
import { Database, SQLiteError } from 'bun:sqlite'
import { join } from 'node:path'
import { createPrivateFile } from './files'

export interface Lock {
  release(): void
}

/**
 * Takes the directory for this process.
 * Throws an error with the code `data_dir_in_use` when another one, or this one, has it already.
 */
export function lockDirectory(dir: string): Lock {
  const file = join(dir, 'lock.db')
  createPrivateFile(file)
  const db = new Database(file, { readwrite: true })
  try {
    db.run('PRAGMA journal_mode = MEMORY')
    db.run('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw isBusy(error) ? inUse(dir, error) : error
  }
  return { release: () => db.close() }
}

const isBusy = (error: unknown) => error instanceof SQLiteError && error.code?.startsWith('SQLITE_BUSY')

const inUse = (dir: string, cause: unknown) =>
  Object.assign(
    new Error(
      `DATA_DIR: ${dir} is in use by another Natter; stop that one or give this one another directory.`,
      { cause },
    ),
    { code: 'data_dir_in_use' },
  )
