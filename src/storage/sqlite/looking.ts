// Before anything looks at messages and where chats stand, what waits of them in the journal is put in its place.
import type { Sql } from './database'
import { storageFailed } from './failure'
import type { Journal } from './journal'

/** Looks with `read` once all is in its place, or all of one chat, where that alone is looked at. */
export type Look = <T>(read: () => T, chatId?: string) => T

/** Gives every statement that is not the writer's own this way of looking. */
export function openLooking(sql: Sql, journal: Journal): Look {
  const begin = sql.prepareInside('BEGIN IMMEDIATE')
  const commit = sql.prepareInside('COMMIT')
  const rollback = sql.prepareInside('ROLLBACK')

  function look<T>(read: () => T, chatId?: string): T {
    if (journal.isLevel(chatId)) return read()
    if (sql.db.inTransaction) throw new Error('A step of the writer looks at what still waits.')
    return level(chatId) ? read() : lookOnce(read)
  }

  function level(chatId?: string): boolean {
    try {
      // A power cut may take this back: the journal still has it.
      sql.unsynced(() => transact(commit, () => journal.fold(chatId)))
      return true
    } catch {
      return false
    }
  }

  /** Where the disk takes no more, all is in its place for one look. */
  function lookOnce<T>(read: () => T): T {
    try {
      return transact(rollback, () => {
        journal.fold()
        return read()
      })
    } catch (error) {
      throw storageFailed(error)
    } finally {
      journal.forget()
    }
  }

  function transact<T>(end: typeof commit, work: () => T): T {
    try {
      begin.run()
      const result = work()
      end.run()
      return result
    } catch (error) {
      journal.forget()
      if (sql.db.inTransaction) rollback.run()
      throw error
    }
  }

  sql.lookBy(look)
  return look
}
