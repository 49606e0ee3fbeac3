// The one place that writes: steps that arrived together are committed together, with one fsync.
import { batched, type BatchMeter } from '../../lib/batch'
import type { Sql } from './database'
import { refusalOf, storageFailed } from './failure'
import type { Heads } from './heads'
import type { Journal } from './journal'

export interface Writer {
  /**
   * Runs `step` when its turn comes, and resolves with its result after stable storage.
   * A step is all or nothing: one that throws is undone and rejected alone.
   * When the transaction fails, all its steps are rejected with `storage_failed`: their outcome is unknown.
   * `chatId`: the chat whose messages, members and head alone it looks at and changes; others wait on meanwhile.
   */
  write<R>(step: () => R, chatId?: string): Promise<R>
  /** The same for a step of one statement that counts up heads, or leaves it to the journal. */
  append<R>(step: () => R): Promise<R>
  /** The same for a step of several statements that counts up a head last, when nothing can fail any more. */
  change<R>(step: () => R, chatId: string): Promise<R>
  /** The same for a step that neither looks at messages and at where chats stand, nor changes them. */
  beside<R>(step: () => R): Promise<R>
}

interface Step {
  run(): unknown
  kind: 'write' | 'append' | 'change' | 'beside'
  chatId?: string
}

/** Whether all that waits may wait on. */
const isApart = ({ kind }: Step) => kind === 'append' || kind === 'beside'

/** The chats in which nothing may wait on; undefined stands for all. */
const chatsOf = (steps: Step[]): Set<string | undefined> =>
  new Set(steps.filter(step => !isApart(step)).map(({ chatId }) => chatId))

export function openWriter(sql: Sql, heads: Heads, journal: Journal, meter?: BatchMeter): Writer {
  const begin = sql.prepareInside('BEGIN IMMEDIATE')
  const commit = sql.prepareInside('COMMIT')
  const rollback = sql.prepareInside('ROLLBACK')
  // Inside a transaction this is a savepoint.
  const allOrNothing = sql.db.transaction((run: () => unknown) => run())

  /** After a commit that failed: it may be the disk that did. */
  let isDoubtful = false

  const add = batched<Step, unknown>(steps => {
    try {
      // What could not be undone before.
      if (sql.db.inTransaction) undo()
      if (isDoubtful) sql.beginLogAnew()
      isDoubtful = false
      sql.sync()
      begin.run()
      journal.recall()
      const outcomes = steps.map(outcomeOf)
      for (const chatId of chatsOf(steps)) level(chatId)
      journal.store()
      commit.run()
      return outcomes
    } catch (error) {
      isDoubtful = true
      undoOrLeave()
      throw storageFailed(error)
    }
  }, meter)

  function outcomeOf(step: Step): unknown {
    const { run, kind, chatId } = step
    if (!isApart(step)) journal.fold(chatId)
    if (kind === 'write') heads.save(chatId)
    try {
      return kind === 'append' ? run() : allOrNothing(run)
    } catch (error) {
      // A full disk, for one, makes SQLite drop the whole transaction.
      if (!sql.db.inTransaction) throw error
      return refusalOf(error)
    } finally {
      if (kind === 'write') heads.forget(chatId)
    }
  }

  /** All is in its place and written down, or all of one chat. */
  function level(chatId?: string) {
    journal.fold(chatId)
    heads.save(chatId)
  }

  function undo() {
    journal.forget()
    if (sql.db.inTransaction) rollback.run()
  }

  function undoOrLeave() {
    try {
      undo()
    } catch {
      // The next batch begins by trying again.
    }
  }

  return {
    write: <R>(run: () => R, chatId?: string) => add({ run, kind: 'write', chatId }) as Promise<R>,
    append: <R>(run: () => R) => add({ run, kind: 'append' }) as Promise<R>,
    change: <R>(run: () => R, chatId: string) => add({ run, kind: 'change', chatId }) as Promise<R>,
    beside: <R>(run: () => R) => add({ run, kind: 'beside' }) as Promise<R>,
  }
}
