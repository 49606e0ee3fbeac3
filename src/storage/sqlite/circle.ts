// Who shares a small chat with a person, in SQLite.
import type { ChatStore } from '../../chats/store'
import type { Sql } from './database'

export function openCircle(sql: Sql): Pick<ChatStore, 'circleOf'> {
  // By the index members_of and two primary keys. A row for each chat, not for each member: ten times as fast.
  // What waits in the journal changes nobody's membership, so it may wait on.
  const small = sql.prepareInside<{ ids: string }, [string, number]>(`
    SELECT (SELECT group_concat(user_id) FROM members WHERE chat_id = chats.id) AS ids
    FROM members AS mine JOIN chats ON chats.id = mine.chat_id
    WHERE mine.user_id = ? AND chats.member_count <= ?`)

  return {
    async circleOf(userId, max) {
      const others = new Set(small.all(userId, max).flatMap(({ ids }) => ids.split(',')))
      others.delete(userId)
      return [...others]
    },
  }
}
