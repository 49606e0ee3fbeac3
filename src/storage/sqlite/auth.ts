// Sessions and tickets in SQLite.
import type { AuthStore, SessionRecord, TicketRecord } from '../../auth/store'
import type { Fields, Sql } from './database'
import type { Writer } from './writer'

export function openAuth(sql: Sql, writer: Writer): AuthStore {
  return { ...openSessions(sql, writer), ...openTickets(sql, writer), dropExpired: sweeper(sql, writer) }
}

function openSessions(sql: Sql, writer: Writer) {
  const insert = sql.prepare<unknown, [Fields<SessionRecord>]>(`
    INSERT INTO sessions
      (id, user_id, device_name, place, current_jti, previous_jti, created_at, last_used_at, expires_at)
    VALUES ($id, $user_id, $device_name, $place, $current_jti, $previous_jti, $created_at, $last_used_at,
      $expires_at)`)
  const one = sql.prepare<SessionRecord, [string]>('SELECT * FROM sessions WHERE id = ?')
  const living = sql.prepare<SessionRecord, [string, string]>(
    'SELECT * FROM sessions WHERE user_id = ? AND expires_at >= ? ORDER BY id',
  )
  const replace = sql.prepare(`
    UPDATE sessions SET current_jti = ?, previous_jti = ?, last_used_at = ?, expires_at = ?,
      device_name = ifnull(?, device_name), place = ifnull(?, place)
    WHERE id = ? AND current_jti = ?`)
  const use = sql.prepare('UPDATE sessions SET last_used_at = ?1 WHERE id = ?2 AND last_used_at < ?1')
  const remove = sql.prepare('DELETE FROM sessions WHERE id = ?')
  const removeAll = sql.prepare<{ id: string }, [string, string]>(
    'DELETE FROM sessions WHERE user_id = ? AND id <> ? RETURNING id',
  )

  const store: Omit<AuthStore, 'insertTicket' | 'takeTicket' | 'deleteTicketsOf' | 'dropExpired'> = {
    insertSession: session => writer.beside(() => void insert.run(session)),

    async session(id) {
      return one.get(id)
    },

    async sessionsOf(userId, now) {
      return living.all(userId, now)
    },

    rotate: (id, expected, next) =>
      writer.beside(() => {
        const { current_jti, previous_jti, last_used_at, expires_at, device_name = null, place = null } = next
        const times = [last_used_at, expires_at]
        return replace.run(current_jti, previous_jti, ...times, device_name, place, id, expected).changes > 0
      }),

    useSessions: uses =>
      writer.beside(() => {
        for (const { id, at } of uses) use.run(at, id)
      }),

    deleteSession: id => writer.beside(() => remove.run(id).changes > 0),

    deleteSessionsOf: (userId, exceptId = '') =>
      writer.beside(() => removeAll.all(userId, exceptId).map(session => session.id)),
  }
  return store
}

function openTickets(sql: Sql, writer: Writer) {
  const insert = sql.prepare<unknown, [Fields<TicketRecord>]>(
    'INSERT INTO tickets VALUES ($id, $user_id, $session_id, $signed_in_until, $expires_at)',
  )
  const take = sql.prepare<TicketRecord, [string]>('DELETE FROM tickets WHERE id = ? RETURNING *')
  // All that are good are few.
  const removeAll = sql.prepare('DELETE FROM tickets WHERE user_id = ?')

  const store: Pick<AuthStore, 'insertTicket' | 'takeTicket' | 'deleteTicketsOf'> = {
    insertTicket: ticket => writer.beside(() => void insert.run(ticket)),
    takeTicket: id => writer.beside(() => take.get(id)),
    deleteTicketsOf: userId => writer.beside(() => void removeAll.run(userId)),
  }
  return store
}

function sweeper(sql: Sql, writer: Writer): AuthStore['dropExpired'] {
  const sessions = sql.prepare('DELETE FROM sessions WHERE expires_at < ?')
  const tickets = sql.prepare('DELETE FROM tickets WHERE expires_at < ?')
  return now =>
    writer.beside(() => {
      sessions.run(now)
      tickets.run(now)
    })
}
