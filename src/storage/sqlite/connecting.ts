// What is asked in SQLite when somebody connects: what they listen to, and who hears of them.
import type { ChatStore, Place } from '../../chats/store'
import type { Sql } from './database'

/** What waits in the journal changes nobody's membership: it waits on. */
export function openConnecting(sql: Sql): Pick<ChatStore, 'placesOf' | 'circleOf'> {
  // From the index members_of alone: the memberships lie far apart.
  const places = sql.prepareInside<Place>('SELECT chat_id AS id, cleared_seq FROM members WHERE user_id = ?')
  // By the same index and two primary keys. A row for each chat, since one for each member takes longer.
  const small = sql.prepareInside<{ ids: string }, [string, number]>(`
    SELECT (SELECT group_concat(user_id) FROM members WHERE chat_id = chats.id) AS ids
    FROM members AS mine JOIN chats ON chats.id = mine.chat_id
    WHERE mine.user_id = ? AND chats.member_count <= ?`)

  return {
    async placesOf(userId) {
      return places.all(userId)
    },

    async circleOf(userId, max) {
      const others = new Set(small.all(userId, max).flatMap(({ ids }) => ids.split(',')))
      others.delete(userId)
      return [...others]
    },
  }
}
