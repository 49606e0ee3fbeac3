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
   */
  write<R>(step: () => R): Promise<R>
  /** The same for a step of one statement that counts up heads, or leaves it to the journal. */
  append<R>(step: () => R): Promise<R>
  /** The same for a step of several statements that counts up heads last, when nothing can fail any more. */
  change<R>(step: () => R): Promise<R>
  /** The same for a step that neither looks at messages and at where chats stand, nor changes them. */
  beside<R>(step: () => R): Promise<R>
}

interface Step {
  run(): unknown
  kind: 'write' | 'append' | 'change' | 'beside'
}

/** Whether all that waits may wait on. */
const isApart = ({ kind }: Step) => kind === 'append' || kind === 'beside'

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
      if (steps.every(isApart)) journal.store()
      else foldAll()
      commit.run()
      return outcomes
    } catch (error) {
      isDoubtful = true
      undoOrLeave()
      throw storageFailed(error)
    }
  }, meter)

  function outcomeOf(step: Step): unknown {
    const { run, kind } = step
    if (!isApart(step)) journal.fold()
    if (kind === 'write') heads.save()
    try {
      return kind === 'append' ? run() : allOrNothing(run)
    } catch (error) {
      // A full disk, for one, makes SQLite drop the whole transaction.
      if (!sql.db.inTransaction) throw error
      return refusalOf(error)
    } finally {
      if (kind === 'write') heads.forget()
    }
  }

  function foldAll() {
    journal.fold()
    heads.save()
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
    write: <R>(run: () => R) => add({ run, kind: 'write' }) as Promise<R>,
    append: <R>(run: () => R) => add({ run, kind: 'append' }) as Promise<R>,
    change: <R>(run: () => R) => add({ run, kind: 'change' }) as Promise<R>,
    beside: <R>(run: () => R) => add({ run, kind: 'beside' }) as Promise<R>,
  }
}
