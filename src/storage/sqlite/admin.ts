// Service keys and the log of their use in SQLite.
import type { AdminStore, AuditRecord, KeyRecord } from '../../admin/store'
import type { Fields, Sql } from './database'
import type { Writer } from './writer'

const NEWEST = '~'

export function openAdmin(sql: Sql, writer: Writer): AdminStore {
  const insert = sql.prepare<unknown, [Fields<KeyRecord>]>(
    'INSERT INTO service_keys VALUES ($id, $name, $hash, $created_by, $created_at, $last_used_at)',
  )
  const byHash = sql.prepare<KeyRecord, [string]>('SELECT * FROM service_keys WHERE hash = ?')
  const byId = sql.prepare<KeyRecord, [string]>('SELECT * FROM service_keys WHERE id = ?')
  const newest = sql.prepare<KeyRecord, [string, number]>(
    'SELECT * FROM service_keys WHERE id < ? ORDER BY id DESC LIMIT ?',
  )
  const remove = sql.prepare('DELETE FROM service_keys WHERE id = ?')
  const use = sql.prepare('UPDATE service_keys SET last_used_at = ? WHERE id = ?')
  const note = sql.prepare<unknown, [Fields<AuditRecord>]>(
    'INSERT INTO audit VALUES ($id, $at, $key_id, $key_name, $user_id, $action)',
  )
  const drop = sql.prepare('DELETE FROM audit WHERE at < ?')
  const entriesWhere = (condition: string) =>
    sql.prepare<
      AuditRecord,
      [{ key_id: string | null; user_id: string | null; below: string; limit: number }]
    >(`SELECT * FROM audit WHERE ${condition} AND id < $below ORDER BY id DESC LIMIT $limit`)
  const all = entriesWhere('$key_id IS NULL AND $user_id IS NULL')
  const ofKey = entriesWhere('key_id = $key_id AND ($user_id IS NULL OR user_id = $user_id)')
  const ofUser = entriesWhere('user_id = $user_id AND $key_id IS NULL')

  return {
    insertKey: key => writer.beside(() => void insert.run(key)),

    async keyByHash(hash) {
      return byHash.get(hash)
    },

    async key(id) {
      return byId.get(id)
    },

    async keys({ below = NEWEST, limit }) {
      return newest.all(below, limit)
    },

    deleteKey: id => writer.beside(() => remove.run(id).changes > 0),

    note: entry =>
      writer.beside(() => {
        note.run(entry)
        use.run(entry.at, entry.key_id)
      }),

    async audit({ key_id = null, user_id = null, below = NEWEST, limit }) {
      const entries = key_id ? ofKey : user_id ? ofUser : all
      return entries.all({ key_id, user_id, below, limit })
    },

    dropAudit: before => writer.beside(() => void drop.run(before)),
  }
}
