// Opens the embedded store: the directory and its lock, the database, its schema, and the ports.
import { join } from 'node:path'
import { batchMeter } from '../../lib/batch'
import type { Stores } from '../stores'
import { openAdmin } from './admin'
import { openAuth } from './auth'
import { openBlobs } from './blobs'
import { openBlocks } from './blocks'
import { openChats } from './chats'
import { connect, type Sql } from './database'
import { openDepartures } from './departures'
import { openEpoch } from './epoch'
import { createPrivateDirectory, createPrivateFile, syncDirectory } from './files'
import { openFiles } from './filerecords'
import { openHeads } from './heads'
import { openJournal } from './journal'
import { keptKeys } from './keys'
import { openIndexed } from './indexed'
import { openInvites } from './invites'
import { openJoinRequests } from './joinrequests'
import { lockDirectory, type Lock } from './lock'
import { openLooking } from './looking'
import { openMessages } from './messages'
import { migrate } from './migrations'
import { openOrders } from './orders'
import { finishReplacing } from './replacing'
import { openPurge } from './purge'
import { openPush } from './push'
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
  if (dir === null) return openPorts(':memory:', null)
  createPrivateDirectory(dir)
  const lock = lockDirectory(dir)
  try {
    finishReplacing(dir)
    return openPorts(createDatabase(dir), dir, lock)
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

function openPorts(file: string, dir: string | null, lock?: Lock): Stores {
  const sql = connectMigrated(file)
  const orders = openOrders(sql)
  const indexed = openIndexed(sql)
  const heads = openHeads(sql, chatId => {
    orders.moved(chatId)
    indexed.moved(chatId)
  })
  const commits = batchMeter()
  const journal = openJournal(sql, heads)
  const look = openLooking(sql, journal)
  const writer = openWriter(sql, heads, journal, commits)
  const purge = openPurge(sql, writer)
  const blobs = openBlobs(dir && join(dir, 'files'))
  purge.start()

  async function finish() {
    await purge.stop()
    // Steps keep their order: when this one is done, so are all before it.
    await writer.write(() => {}).catch(() => {})
    sql.close()
    await blobs.close()
    lock?.release()
  }

  let closing: Promise<void> | undefined
  return {
    engine: 'sqlite',
    commits,
    users: openUsers(sql, writer),
    auth: openAuth(sql, writer),
    blocks: openBlocks(sql, writer),
    chats: openChats(sql, writer, purge, { orders, indexed }, look),
    invites: openInvites(sql, writer, orders),
    requests: openJoinRequests(sql, writer, orders),
    messages: openMessages(sql, writer, heads, journal, look),
    saved: openSaved(sql, writer),
    schedule: openSchedule(sql, writer),
    search: openSearch(sql, writer, indexed, look),
    files: openFiles(sql, writer),
    blobs,
    departures: openDepartures(sql, writer),
    push: openPush(sql, writer, keptKeys(dir)),
    admin: openAdmin(sql, writer),
    epoch: openEpoch(sql, writer),
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
    // What undoes a step: else each page that it changes is first copied to a file. New indexes may need that file.
    sql.db.run('PRAGMA temp_store = MEMORY')
    return sql
  } catch (error) {
    sql.close()
    throw error
  }
}
