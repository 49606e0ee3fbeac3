// Opens the embedded store: the directory and its lock, the database, its schema, and the ports.
import { join } from 'node:path'
import type { Stores } from '../stores'
import { openAuth } from './auth'
import { openBlocks } from './blocks'
import { openChats } from './chats'
import { connect, type Sql } from './database'
import { createPrivateDirectory, createPrivateFile, syncDirectory } from './files'
import { openHeads } from './heads'
import { lockDirectory, type Lock } from './lock'
import { openMessages } from './messages'
import { migrate } from './migrations'
import { openPurge } from './purge'
import { openSaved } from './saved'
import { openSchedule } from './schedule'
import { openSearch } from './search'
import { openUsers } from './users'
import { openWriter } from './writer'

/**
 * Opens the store in this directory, which is created where it is not there; null: in memory, gone when closed.
 * Throws an error with the code `data_dir_in_use` when the directory is open already, here or elsewhere.
 */
export async function openSqlite(dir: string | null): Promise<Stores> {
  if (dir === null) return openPorts(':memory:')
  createPrivateDirectory(dir)
  const lock = lockDirectory(dir)
  try {
    return openPorts(createDatabase(dir), lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

function createDatabase(dir: string): string {
  const file = join(dir, 'natter.db')
  createPrivateFile(file)
  syncDirectory(dir)
  return file
}

function openPorts(file: string, lock?: Lock): Stores {
  const sql = connectMigrated(file)
  const heads = openHeads(sql)
  const writer = openWriter(sql, heads)
  const purge = openPurge(sql, writer)
  purge.start()

  async function finish() {
    await purge.stop()
    // Steps keep their order: when this one is done, so are all before it.
    await writer.write(() => {}).catch(() => {})
    sql.close()
    lock?.release()
  }

  let closing: Promise<void> | undefined
  return {
    engine: 'sqlite',
    users: openUsers(sql, writer),
    auth: openAuth(sql, writer),
    blocks: openBlocks(sql, writer),
    chats: openChats(sql, writer, purge),
    messages: openMessages(sql, writer, heads),
    saved: openSaved(sql, writer),
    schedule: openSchedule(sql, writer),
    search: openSearch(sql, writer),
    async ping() {
      sql.db.run('SELECT 1')
    },
    close: () => (closing ??= finish()),
  }
}

function connectMigrated(file: string): Sql {
  const sql = connect(file)
  try {
    migrate(sql.db)
    return sql
  } catch (error) {
    sql.close()
    throw error
  }
}
