// Before anything looks at messages and where chats stand, what waits of them in the journal is put in its place.
import type { Sql } from './database'
import { storageFailed } from './failure'
import type { Journal } from './journal'

/** Looks with `read` once all is in its place, or all of some chats, where these alone are looked at. */
export type Look = <T>(read: () => T, chatIds?: () => string[]) => T

/** Gives every statement that is not the writer's own this way of looking. */
export function openLooking(sql: Sql, journal: Journal): Look {
  const begin = sql.prepareInside('BEGIN IMMEDIATE')
  const commit = sql.prepareInside('COMMIT')
  const rollback = sql.prepareInside('ROLLBACK')

  function look<T>(read: () => T, chatIds?: () => string[]): T {
    if (journal.isLevel()) return read()
    const waiting = chatIds?.().filter(id => !journal.isLevel(id)) ?? [undefined]
    if (waiting.length === 0) return read()
    if (sql.db.inTransaction) throw new Error('A step of the writer looks at what still waits.')
    return level(waiting) ? read() : lookOnce(read)
  }

  /** Undefined stands for all. */
  function level(chatIds: (string | undefined)[]): boolean {
    try {
      // A power cut may take this back: the journal still has it.
      sql.unsynced(() => transact(commit, () => chatIds.forEach(journal.fold)))
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
