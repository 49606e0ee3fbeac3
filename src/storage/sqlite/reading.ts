// How far each member has been given, has read, and has cleared a chat, in SQLite.
import type { ChatStore, MemberPosition } from '../../chats/store'
import { listed, type Sql } from './database'
import { openPersonal } from './personal'
import type { Writer } from './writer'

interface Position {
  last_seq: number
  read_seq: number
  delivered_seq: number
  cleared_seq: number
  hidden: number
  own_after: number
}

/** Over more messages than this the index of one's own is the shorter way. */
const FAR = 50_000

type Reading = Pick<ChatStore, 'markRead' | 'markDelivered' | 'positionsSince' | 'clearFor' | 'unhide'>

export function openReading(sql: Sql, writer: Writer, far = FAR): Reading {
  const position = sql.prepare<Position>(
    `SELECT last_seq, read_seq, delivered_seq, cleared_seq, hidden, own_after
    FROM members JOIN chats ON chats.id = chat_id WHERE chat_id = ? AND user_id = ?`,
    0,
  )
  const read = sql.prepare(
    `UPDATE members SET read_seq = ?1, delivered_seq = max(delivered_seq, ?1), own_after = ?2, my_no = ?3,
      moved_at = ?4
    WHERE chat_id = ?5 AND user_id = ?6`,
    4,
  )
  const deliver = sql.prepare(
    'UPDATE members SET delivered_seq = ?, moved_at = ? WHERE chat_id = ? AND user_id = ?',
    2,
  )
  const moved = sql.prepare<MemberPosition>(
    `SELECT chat_id, user_id, read_seq, delivered_seq FROM members INDEXED BY members_moved
    WHERE chat_id IN (SELECT value FROM json_each(?)) AND moved_at >= max(1, ?)`,
    listed,
  )
  const clear = sql.prepare(
    `UPDATE members SET cleared_seq = ?, hidden = 1, own_after = 0, my_no = ?
    WHERE chat_id = ? AND user_id = ?`,
    2,
  )
  const show = sql.prepare('UPDATE members SET hidden = 0, my_no = ? WHERE chat_id = ? AND user_id = ?', 1)
  const ownAfter = openOwnAfter(sql, far)
  const { next } = openPersonal(sql)

  function markRead(chatId: string, userId: string, seq: number, onlyForward = false): number | null {
    const now = position.get(chatId, userId)
    if (!now) return null
    const place = Math.min(seq, now.last_seq)
    if (place === now.read_seq || (place < now.read_seq && onlyForward)) return now.read_seq
    const counted = Math.max(place, now.cleared_seq)
    read.run(place, ownAfter(chatId, userId, now, counted), next(userId), Date.now(), chatId, userId)
    return place
  }

  function markDelivered(chatId: string, userId: string, seq: number): number | null {
    const now = position.get(chatId, userId)
    if (!now) return null
    const place = Math.max(now.delivered_seq, Math.min(seq, now.last_seq))
    if (place > now.delivered_seq) deliver.run(place, Date.now(), chatId, userId)
    return place
  }

  function clearFor(chatId: string, userId: string): number | null {
    const now = position.get(chatId, userId)
    if (!now) return null
    const isCleared = now.hidden && now.cleared_seq === now.last_seq
    if (!isCleared) clear.run(now.last_seq, next(userId), chatId, userId)
    return now.last_seq
  }

  function unhide(chatId: string, userId: string) {
    const now = position.get(chatId, userId)
    if (now?.hidden) show.run(next(userId), chatId, userId)
  }

  return {
    markRead: (chatId, userId, seq, onlyForward) =>
      writer.write(() => markRead(chatId, userId, seq, onlyForward), chatId),
    markDelivered: (chatId, userId, seq) => writer.write(() => markDelivered(chatId, userId, seq), chatId),
    clearFor: (chatId, userId) => writer.write(() => clearFor(chatId, userId), chatId),
    unhide: (chatId, userId) => writer.write(() => unhide(chatId, userId), chatId),

    async positionsSince(chatIds, at) {
      return moved.all(JSON.stringify(chatIds), at)
    },
  }
}

/**
 * How many of one's own messages stand after a place: counted over those after it, or over those between it and the
 * place before, for which the number is known. So it costs what was read just now, however long the chat is.
 */
function openOwnAfter(sql: Sql, far: number) {
  // The plus keeps SQLite from going through all of one's own messages.
  const between = sql.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM messages
    WHERE chat_id = ? AND +sender_id = ? AND seq > ? AND seq <= ?`,
    0,
  )
  // Holds seq: it costs the number of one's own messages in the chat.
  const amongOwn = sql.prepare<{ count: number }>(
    `SELECT count(*) AS count FROM messages INDEXED BY messages_client
    WHERE chat_id = ? AND sender_id = ? AND seq > ?`,
    0,
  )

  return (chatId: string, userId: string, now: Position, place: number): number => {
    const before = Math.max(now.read_seq, now.cleared_seq)
    const [low, high] = [Math.min(before, place), Math.max(before, place)]
    const own = (above: number, upTo: number) => between.get(chatId, userId, above, upTo)?.count ?? 0
    if (Math.min(now.last_seq - place, high - low) > far)
      return amongOwn.get(chatId, userId, place)?.count ?? 0
    if (now.last_seq - place <= high - low) return own(place, now.last_seq)
    return place < before ? now.own_after + own(low, high) : now.own_after - own(low, high)
  }
}
