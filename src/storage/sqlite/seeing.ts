// When people were seen, and statuses that end, in SQLite.
import type { UserStore } from '../../users/store'
import type { Sql } from './database'
import type { Writer } from './writer'

export function openSeeing(sql: Sql, writer: Writer): Pick<UserStore, 'seen' | 'endStatuses'> {
  const see = sql.prepare(`
    UPDATE users SET last_seen = ?1
    WHERE id = ?2 AND deleted_at IS NULL AND NOT invisible AND (last_seen IS NULL OR last_seen < ?1)`)
  // By the index users_status_ends.
  const ended = sql.prepare<{ id: string }>(`
    SELECT id FROM users WHERE status_expires_at IS NOT NULL AND status_expires_at <= ?
    ORDER BY status_expires_at LIMIT ?`)
  const end = sql.prepare(
    'UPDATE users SET status = NULL, status_expires_at = NULL, updated_at = ? WHERE id = ?',
  )

  function endAll(now: string, limit: number): string[] {
    const ids = ended.all(now, limit).map(({ id }) => id)
    for (const id of ids) end.run(now, id)
    return ids
  }

  return {
    seen: sightings =>
      writer.beside(() => {
        for (const { id, at } of sightings) see.run(at, id)
      }),

    // Most often there is nothing to write.
    async endStatuses(now, limit) {
      return ended.get(now, 1) ? writer.beside(() => endAll(now, limit)) : []
    },
  }
}
