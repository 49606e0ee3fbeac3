// The numbers of what changes for one person alone, in SQLite: counted up in the step that makes the change.
import type { Sql } from './database'

export interface Personal {
  /** The person's next number; only within a step of the writer. */
  next(userId: string): number
  /** The number given last; 0: none. */
  latest(userId: string): number
}

export function openPersonal(sql: Sql): Personal {
  const count = sql.prepare<{ no: number }>(`
    INSERT INTO personal VALUES (?, 1) ON CONFLICT DO UPDATE SET no = no + 1 RETURNING no`)
  const read = sql.prepare<{ no: number }>('SELECT no FROM personal WHERE user_id = ?')

  return {
    next(userId) {
      const row = count.get(userId)
      if (!row) throw new Error('A number was not counted.')
      return row.no
    },
    latest: userId => read.get(userId)?.no ?? 0,
  }
}
