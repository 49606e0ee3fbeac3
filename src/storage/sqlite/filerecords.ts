// Files in SQLite: their records, and how much each person has. The bytes are elsewhere.
import type { FileRecord, FileStore } from '../../files/store'
import type { Fields, Sql } from './database'
import { openShowings } from './attachments'
import type { Writer } from './writer'

const COLUMNS = `id, user_id, name, size, media_type, kind, width, height, placeholder, thumbnail_size, created_at`

/** Sorts after every id. */
const END = '~'
/** Files made nobody's in one write. */
const DISOWNED_AT_ONCE = 100

export function openFiles(sql: Sql, writer: Writer): FileStore {
  const add = sql.prepare<unknown, [Fields<FileRecord>]>(
    `INSERT INTO files (${COLUMNS}) VALUES (${COLUMNS.replaceAll(/\w+/g, '$$$&')})`,
  )
  const used = sql.prepare<{ bytes: number }>('SELECT bytes FROM file_usage WHERE user_id = ?')
  const use = sql.prepare(`
    INSERT INTO file_usage (user_id, bytes) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET bytes = bytes + ?2`)
  const forgetUnused = sql.prepare('DELETE FROM file_usage WHERE user_id = ? AND bytes = 0')
  const forgetUse = sql.prepare('DELETE FROM file_usage WHERE user_id = ?')
  const one = sql.prepare<FileRecord>(`SELECT ${COLUMNS} FROM files WHERE id = ? AND dropped_at IS NULL`)
  const many = sql.prepare<FileRecord>(
    `SELECT ${COLUMNS} FROM files WHERE id IN (SELECT value FROM json_each(?)) AND dropped_at IS NULL`,
  )
  const page = sql.prepare<FileRecord>(`
    SELECT ${COLUMNS} FROM files INDEXED BY files_of
    WHERE user_id = ? AND id < ? AND dropped_at IS NULL ORDER BY id DESC LIMIT ?`)
  const drop = sql.prepare<FileRecord>(
    `UPDATE files SET dropped_at = ? WHERE id = ? AND dropped_at IS NULL RETURNING ${COLUMNS}`,
  )
  const restore = sql.prepare<FileRecord>(
    `UPDATE files SET dropped_at = NULL WHERE id = ? AND dropped_at IS NOT NULL RETURNING ${COLUMNS}`,
  )
  const dropped = sql.prepare<FileRecord>(`
    SELECT ${COLUMNS} FROM files INDEXED BY files_dropped WHERE dropped_at < ? ORDER BY dropped_at, id LIMIT ?`)
  const remove = sql.prepare('DELETE FROM files WHERE id = ? AND dropped_at IS NOT NULL')
  const between = sql.prepare<{ id: string }>(
    'SELECT id FROM files WHERE id > ? AND id < ? AND dropped_at IS NULL ORDER BY id LIMIT ?',
  )
  const known = sql.prepare<{ id: string }>(
    'SELECT id FROM files WHERE id IN (SELECT value FROM json_each(?))',
  )

  const disownSome = [
    'INDEXED BY files_of WHERE dropped_at IS NULL',
    'INDEXED BY files_dropped WHERE dropped_at IS NOT NULL',
  ].map(these =>
    sql.prepare(`
      UPDATE files SET user_id = '' WHERE id IN (
        SELECT id FROM files ${these} AND user_id = ? LIMIT ${DISOWNED_AT_ONCE})`),
  )

  const usedBy = (userId: string) => used.get(userId)?.bytes ?? 0

  function insert(file: FileRecord, quota: number): boolean {
    if (usedBy(file.user_id) + file.size > quota) return false
    add.run(file)
    use.run(file.user_id, file.size)
    return true
  }

  function dropOne(id: string, at: string): boolean {
    const file = drop.get(at, id)
    if (file?.user_id) {
      use.run(file.user_id, -file.size)
      forgetUnused.run(file.user_id)
    }
    return file !== null
  }

  function restoreOne(id: string) {
    const file = restore.get(id)
    if (file?.user_id) use.run(file.user_id, file.size)
  }

  /** In slices, so that nobody waits for somebody who had many. */
  async function disown(userId: string) {
    for (const some of disownSome) {
      while ((await writer.beside(() => some.run(userId).changes)) === DISOWNED_AT_ONCE);
    }
    await writer.beside(() => void forgetUse.run(userId))
  }

  return {
    ...openShowings(sql),

    insert: (file, quota) => writer.beside(() => insert(file, quota)),
    drop: (id, at) => writer.beside(() => dropOne(id, at)),
    restore: id => writer.beside(() => restoreOne(id)),
    disown,
    remove: ids => writer.beside(() => ids.forEach(id => remove.run(id))),

    async usedBy(userId) {
      return usedBy(userId)
    },

    async byId(id) {
      return one.get(id)
    },

    async byIds(ids) {
      return many.all(JSON.stringify(ids))
    },

    async list(userId, { below = END, limit }) {
      return page.all(userId, below, limit)
    },

    async dropped(before, limit) {
      return dropped.all(before, limit)
    },

    async between(above, below, limit) {
      return between.all(above, below, limit).map(({ id }) => id)
    },

    async known(ids) {
      return known.all(JSON.stringify(ids)).map(({ id }) => id)
    },
  }
}
