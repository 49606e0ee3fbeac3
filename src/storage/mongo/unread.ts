// How much of a person's chats is unread in MongoDB: counted for all chats of a page at once.
import type { Collections, ChatDoc, MemberDoc } from './collections'

/** A member with their chat, and the places after `cleared_seq` that are hidden from them. */
export type Row = MemberDoc & { chat: ChatDoc; hidden_places: { seq: number }[] }

/** All after the place read up to, which have no gap, without what is my own, deleted or hidden. */
export const unreadIn = (row: Row, notUnread: Map<string, number>): number =>
  unseen(row) - unseenHidden(row).length - (notUnread.get(row.chat_id) ?? 0)

export function unreadCounts({ messages }: Pick<Collections, 'messages'>) {
  async function countByChat(parts: object[], most: number): Promise<Map<string, number>> {
    if (parts.length === 0) return new Map()
    const counts = await messages
      .aggregate<{ _id: string; count: number }>(
        [{ $match: { $or: parts } }, { $group: { _id: '$chat_id', count: { $sum: 1 } } }],
        { batchSize: most + 1 },
      )
      .toArray()
    return new Map(counts.map(({ _id, count }) => [_id, count]))
  }

  return {
    /** Of what came after the read position: my own messages, and deleted ones of others. */
    countNotUnread(rows: Row[], me: string) {
      const deleted = { deleted_at: { $gt: new Date(0) }, sender_id: { $ne: me } }
      const parts = rows.filter(hasUnseen).flatMap(row => [
        { ...unseenIn(row), sender_id: me },
        { ...unseenIn(row), ...deleted },
      ])
      return countByChat(parts, rows.length)
    },

    countMentions(rows: Row[], me: string) {
      const parts = rows.filter(hasUnseen).map(row => ({
        ...unseenIn(row),
        mentioned: { $in: [me, row.chat_id] },
        'mentioned.0': { $exists: true },
        sender_id: { $ne: me },
        deleted_at: null,
      }))
      return countByChat(parts, rows.length)
    },
  }
}

const seenUpTo = (row: Row) => Math.max(row.read_seq, row.cleared_seq)
const unseen = (row: Row) => Math.max(0, row.chat.last_seq - seenUpTo(row))
const hasUnseen = (row: Row) => unseen(row) > 0

const unseenHidden = (row: Row): number[] =>
  row.hidden_places.map(({ seq }) => seq).filter(seq => seq > seenUpTo(row) && seq <= row.chat.last_seq)

function unseenIn(row: Row) {
  const hidden = unseenHidden(row)
  const range = { $gt: seenUpTo(row), $lte: row.chat.last_seq }
  return { chat_id: row.chat_id, seq: hidden.length > 0 ? { ...range, $nin: hidden } : range }
}
