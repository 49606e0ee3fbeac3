// Who has blocked whom, in SQLite.
import type { BlockRecord, BlockStore } from '../../users/blocks.store'
import type { Fields, Sql } from './database'
import type { Writer } from './writer'

/** Sorts before every place of the list. */
const START = { blocked_at: '\u{10FFFF}', blocked_id: '' }

export function openBlocks(sql: Sql, writer: Writer): BlockStore {
  const one = sql.prepare('SELECT 1 FROM blocks WHERE user_id = ? AND blocked_id = ?')
  const count = sql.prepare<{ n: number }>('SELECT count(*) AS n FROM blocks WHERE user_id = ?')
  const add = sql.prepare<unknown, [Fields<BlockRecord>]>(
    'INSERT INTO blocks (user_id, blocked_id, blocked_at) VALUES ($user_id, $blocked_id, $blocked_at)',
  )
  const remove = sql.prepare('DELETE FROM blocks WHERE user_id = ? AND blocked_id = ?')
  const removeOf = sql.prepare('DELETE FROM blocks WHERE user_id = ?1 OR blocked_id = ?1')
  const page = sql.prepare<BlockRecord>(`
    SELECT * FROM blocks WHERE user_id = ? AND (blocked_at, blocked_id) < (?, ?)
    ORDER BY blocked_at DESC, blocked_id DESC LIMIT ?`)
  const blocked = sql.prepare<{ id: string }>('SELECT blocked_id AS id FROM blocks WHERE user_id = ?')
  const blockedBy = sql.prepare<{ id: string }>('SELECT user_id AS id FROM blocks WHERE blocked_id = ?')

  function block(record: BlockRecord, max: number) {
    if (one.get(record.user_id, record.blocked_id)) return 'already'
    if ((count.get(record.user_id)?.n ?? 0) >= max) return 'too_many'
    add.run(record)
    return 'blocked'
  }

  return {
    block: (record, max) => writer.beside(() => block(record, max)),
    unblock: (userId, blockedId) => writer.beside(() => remove.run(userId, blockedId).changes > 0),
    removeOf: userId => writer.beside(() => void removeOf.run(userId)),

    async list(userId, { after = START, limit }) {
      return page.all(userId, after.blocked_at, after.blocked_id, limit)
    },

    async around(userId) {
      const ids = (statement: typeof blocked) => statement.all(userId).map(({ id }) => id)
      return { blocked: ids(blocked), blockedBy: ids(blockedBy) }
    },
  }
}
