// Push subscriptions in SQLite; the keys are in a file of their own.
import type { PushStore, PushSubscription } from '../../push/store'
import type { Fields, Sql } from './database'
import type { Writer } from './writer'

export function openPush(sql: Sql, writer: Writer, keys: PushStore['keys']): PushStore {
  const count = sql.prepare<{ count: number }>(
    'SELECT count(*) AS count FROM push_subscriptions WHERE user_id = ? AND endpoint <> ?',
  )
  const put = sql.prepare<PushSubscription, [Fields<PushSubscription>]>(`
    INSERT INTO push_subscriptions VALUES ($id, $user_id, $session_id, $endpoint, $p256dh, $auth, $device_name,
      $created_at, $failing_since)
    ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id, session_id = excluded.session_id,
      p256dh = excluded.p256dh, auth = excluded.auth, device_name = excluded.device_name,
      failing_since = excluded.failing_since
    RETURNING *`)
  const one = sql.prepare<PushSubscription>('SELECT * FROM push_subscriptions WHERE endpoint = ?')
  const own = sql.prepare<PushSubscription>(`
    SELECT * FROM push_subscriptions WHERE user_id IN (SELECT value FROM json_each(?)) ORDER BY id`)
  const people = sql.prepare<{ user_id: string }, []>('SELECT DISTINCT user_id FROM push_subscriptions')
  const remove = sql.prepare('DELETE FROM push_subscriptions WHERE user_id = ? AND id = ?')
  const removeOfSessions = sql.prepare(
    'DELETE FROM push_subscriptions WHERE session_id IN (SELECT value FROM json_each(?))',
  )
  const removeAll = sql.prepare('DELETE FROM push_subscriptions WHERE user_id = ?')
  const fail = sql.prepare('UPDATE push_subscriptions SET failing_since = ? WHERE id = ?')

  function keep(subscription: PushSubscription, max: number): PushSubscription | 'too_many' {
    const { user_id, endpoint } = subscription
    if ((count.get(user_id, endpoint)?.count ?? 0) >= max) return 'too_many'
    return put.get(subscription) as PushSubscription
  }

  return {
    keys,
    put: (subscription, max) => writer.beside(() => keep(subscription, max)),
    remove: (userId, id) => writer.beside(() => remove.run(userId, id).changes > 0),
    removeOfSessions: ids => writer.beside(() => void removeOfSessions.run(JSON.stringify(ids))),
    removeOf: userId => writer.beside(() => void removeAll.run(userId)),
    setFailing: (id, since) => writer.beside(() => void fail.run(since, id)),

    async byEndpoint(endpoint) {
      return one.get(endpoint)
    },

    async of(userIds) {
      return own.all(JSON.stringify(userIds))
    },

    async people() {
      return people.all().map(({ user_id }) => user_id)
    },
  }
}
