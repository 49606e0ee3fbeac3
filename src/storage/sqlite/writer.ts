// The one place that writes: steps that arrived together are committed together, with one fsync.
import { batched, type BatchMeter } from '../../lib/batch'
import type { Sql } from './database'
import { refusalOf, storageFailed } from './failure'
import type { Heads } from './heads'

export interface Writer {
  /**
   * Runs `step` when its turn comes, and resolves with its result after stable storage.
   * A step is all or nothing: one that throws is undone and rejected alone.
   * When the transaction fails, all its steps are rejected with `storage_failed`: their outcome is unknown.
   */
  write<R>(step: () => R): Promise<R>
  /** The same for a step of one statement that counts up heads. */
  append<R>(step: () => R): Promise<R>
  /** The same for a step of several statements that counts up heads last, when nothing can fail any more. */
  change<R>(step: () => R): Promise<R>
}

interface Step {
  run(): unknown
  kind: 'write' | 'append' | 'change'
}

export function openWriter(sql: Sql, heads: Heads, meter?: BatchMeter): Writer {
  const begin = sql.prepare('BEGIN IMMEDIATE')
  const commit = sql.prepare('COMMIT')
  const rollback = sql.prepare('ROLLBACK')
  // Inside a transaction this is a savepoint.
  const allOrNothing = sql.db.transaction((run: () => unknown) => run())

  const add = batched<Step, unknown>(steps => {
    try {
      // What could not be undone before.
      if (sql.db.inTransaction) undo()
      begin.run()
      const outcomes = steps.map(outcomeOf)
      heads.save()
      commit.run()
      return outcomes
    } catch (error) {
      undoOrLeave()
      throw storageFailed(error)
    }
  }, meter)

  function outcomeOf({ run, kind }: Step): unknown {
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

  function undo() {
    heads.forget()
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
  }
}
