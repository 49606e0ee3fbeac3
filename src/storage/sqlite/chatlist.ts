// A person's chat list in SQLite, with last messages and exact unread counts.
import type { ChatStore, ListedChat, Standing } from '../../chats/store'
import { listed, type Sql } from './database'
import { openListing } from './listing'
import type { Look } from './looking'
import { openMyChatIds } from './mychats'
import { placeAfter, type Orders, type ListPlace } from './orders'

type ChatList = Pick<ChatStore, 'listed' | 'list' | 'standingsOf' | 'chatIdsOf' | 'sharersOf'>

/** Sorts before every place of the list. */
const START = { activity_at: '\u{10FFFF}', id: '' }

export function openChatList(sql: Sql, orders: Orders, look: Look): ChatList {
  const idsOf = openMyChatIds(sql)
  const chats = openListing(sql, 'SELECT value FROM json_each(?2)', (_, ids) => listed(ids))
  // By the index members_of, then sorted: it costs the number of one's chats. A filter that is null keeps all.
  const filtered = openListing(
    sql,
    `SELECT chats.id FROM members JOIN chats ON chats.id = members.chat_id
    WHERE members.user_id = ?1 AND NOT (members.hidden AND chats.last_seq <= members.cleared_seq)
      AND (chats.activity_at, chats.id) < (?2, ?3)
      AND members.archived = ifnull(?4, members.archived) AND members.pinned = ifnull(?5, members.pinned)
    ORDER BY chats.activity_at DESC, chats.id DESC LIMIT ?6`,
    idsOf,
  )
  const standings = sql.prepare<Omit<Standing, 'hidden'> & { hidden: number }>(
    `SELECT chats.id, chats.last_seq, chats.rev, chats.updated_at, members.role, members.cleared_seq,
      members.hidden AND last_seq <= cleared_seq AS hidden
    FROM members JOIN chats ON chats.id = members.chat_id WHERE members.user_id = ?`,
    idsOf,
  )
  // By the primary key, once for each chat and person asked about.
  const sharers = sql.prepare<{ id: string }>(`
    SELECT value AS id FROM json_each(?2) AS other WHERE EXISTS (
      SELECT 1 FROM members AS mine JOIN members AS theirs
        ON theirs.chat_id = mine.chat_id AND theirs.user_id = other.value
      WHERE mine.user_id = ?1)`)

  /** The hidden ones among them are passed over. */
  function page(userId: string, after: ListPlace | undefined, limit: number): ListedChat[] {
    const order = orders.of(userId)
    const found: ListedChat[] = []
    for (let from = after ? placeAfter(order, after) : 0; from < order.length; from += limit) {
      const ids = order.slice(from, from + limit).map(({ id }) => id)
      found.push(...chats(userId, JSON.stringify(ids)).filter(({ my }) => !my.hidden))
      if (found.length >= limit) break
    }
    return found.slice(0, limit)
  }

  return {
    async listed(userId, chatId) {
      return chats(userId, JSON.stringify([chatId]))[0] ?? null
    },

    async list(userId, { after, limit, archived, pinned }) {
      if (limit <= 0) return []
      if (archived === undefined && pinned === undefined)
        return look(
          () => page(userId, after, limit),
          () => idsOf(userId),
        )
      const { activity_at, id } = after ?? START
      return filtered(userId, activity_at, id, filterOf(archived), filterOf(pinned), limit)
    },

    async standingsOf(userId) {
      return standings.all(userId).map(row => ({ ...row, hidden: row.hidden === 1 }))
    },

    async chatIdsOf(userId) {
      return orders.known(userId)?.map(({ id }) => id) ?? idsOf(userId)
    },

    async sharersOf(userId, others) {
      return sharers.all(userId, JSON.stringify(others)).map(({ id }) => id)
    },
  }
}

const filterOf = (wanted: boolean | undefined) => (wanted === undefined ? null : Number(wanted))
