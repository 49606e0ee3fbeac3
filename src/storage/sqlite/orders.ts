// The chats of people in the order of their lists, newest activity first, kept in memory: to find the newest of a
// thousand chats, a thousand would have to be looked at.
import { LRUCache } from 'lru-cache'
import type { Sql } from './database'

/** Where a chat stands in a list. */
export interface ListPlace {
  id: string
  activity_at: string
}

/** Chats of people kept in memory over all people; those who ask least make room. */
const MAX_KEPT = 100_000
/** So many moves are remembered; who has not asked for longer is read anew. */
const MOST_MOVES = 10_000

interface Order {
  chats: ListPlace[]
  /** The move up to which it is right. */
  upTo: number
}

export type Orders = ReturnType<typeof openOrders>

/**
 * Each is kept right by what the database is told: `moved` and `changed` are called by whatever writes that. A write
 * that fails may have been told of all the same, which does no harm: what is true is read anew from the database.
 */
export function openOrders(sql: Sql, mostMoves = MOST_MOVES) {
  const all = sql.prepareInside<ListPlace>(`
    SELECT chats.id, activity_at FROM members JOIN chats ON chats.id = chat_id
    WHERE user_id = ? ORDER BY activity_at DESC, chats.id DESC`)
  const some = sql.prepareInside<ListPlace>(
    'SELECT id, activity_at FROM chats WHERE id IN (SELECT value FROM json_each(?))',
  )
  const kept = new LRUCache<string, Order>({
    maxSize: MAX_KEPT,
    sizeCalculation: ({ chats }) => chats.length + 1,
  })
  /** The chats that moved, the last one last; before them there were so many others. */
  let moves: string[] = []
  let forgotten = 0

  const now = () => forgotten + moves.length

  function load(userId: string): Order {
    const order = { chats: all.all(userId), upTo: now() }
    kept.set(userId, order)
    return order
  }

  /** Puts the chats that moved meanwhile in their new places. */
  function follow(order: Order) {
    const moved = new Set(moves.slice(order.upTo - forgotten))
    order.upTo = now()
    const mine = order.chats.filter(({ id }) => moved.has(id)).map(({ id }) => id)
    if (mine.length === 0) return
    const rest = order.chats.filter(({ id }) => !moved.has(id))
    order.chats = [...some.all(JSON.stringify(mine)), ...rest].sort(newestFirst)
  }

  function of(userId: string): readonly ListPlace[] {
    const order = kept.get(userId)
    if (!order || order.upTo < forgotten) return load(userId).chats
    if (order.upTo < now()) follow(order)
    return order.chats
  }

  return {
    /** All chats of a person; called where all that waits is in its place. */
    of,

    /** The same where they are in memory; null: they are not. */
    known: (userId: string): readonly ListPlace[] | null => (kept.has(userId) ? of(userId) : null),

    /** The activity of this chat is written. */
    moved(chatId: string) {
      moves.push(chatId)
      if (moves.length <= mostMoves) return
      const left = moves.slice(mostMoves / 2)
      forgotten += moves.length - left.length
      moves = left
    },

    /** This person has come to a chat, or has left one. */
    changed(userId: string) {
      kept.delete(userId)
    },
  }
}

const newestFirst = (a: ListPlace, b: ListPlace) => (isBefore(a, b) ? -1 : 1)

/** Whether `a` stands before `b`: newest activity first, ties by id descending. */
const isBefore = (a: ListPlace, b: ListPlace) =>
  a.activity_at === b.activity_at ? a.id > b.id : a.activity_at > b.activity_at

/** Where those after this place begin. */
export function placeAfter(chats: readonly ListPlace[], place: ListPlace): number {
  let from = 0
  let to = chats.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if (isBefore(place, chats[middle] as ListPlace)) to = middle
    else from = middle + 1
  }
  return from
}
