// The epoch in SQLite.
import { newId } from '../../lib/ids'
import type { EpochStore } from '../../messages/epoch.store'
import type { Sql } from './database'
import type { Writer } from './writer'

export function openEpoch(sql: Sql, writer: Writer): EpochStore {
  const set = sql.prepare('UPDATE epoch SET id = ?')
  const endSessions = sql.prepare('DELETE FROM sessions')
  const others = [sql.prepare('DELETE FROM tickets'), sql.prepare('DELETE FROM push_subscriptions')]
  let { id } = sql.prepare<{ id: string }, []>('SELECT id FROM epoch').get() as { id: string }

  function signAllOut(): number {
    for (const removal of others) removal.run()
    return endSessions.run().changes
  }

  return {
    current: () => id,

    async renew({ keepSignIns }) {
      const next = newId()
      const ended = await writer.write(() => {
        set.run(next)
        return keepSignIns ? 0 : signAllOut()
      })
      id = next
      return ended
    },
  }
}
