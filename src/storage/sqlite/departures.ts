// Accounts that are being deleted, in SQLite.
import type { Departure, DepartureStore } from '../../auth/leaving.store'
import type { Fields, Sql } from './database'
import type { Writer } from './writer'

export function openDepartures(sql: Sql, writer: Writer): DepartureStore {
  const begin = sql.prepare<unknown, [Fields<Departure>]>(`
    INSERT INTO departures (user_id, messages, begun_at) VALUES ($user_id, $messages, $begun_at)
    ON CONFLICT DO UPDATE SET messages = excluded.messages WHERE excluded.messages = 'delete'`)
  const all = sql.prepare<Departure, []>('SELECT * FROM departures')
  const end = sql.prepare('DELETE FROM departures WHERE user_id = ?')

  return {
    begin: departure => writer.write(() => void begin.run(departure)),
    end: userId => writer.write(() => void end.run(userId)),

    async unfinished() {
      return all.all()
    },
  }
}
