// A person's chats as a list in MongoDB: two round trips, whatever is in them.
import type { Document } from 'mongodb'
import type { LastMessage } from '../../chats/model'
import type { ChatStore, ListedChat } from '../../chats/store'
import { previewOf } from '../../messages/attachment.model'
import {
  toDate,
  toTime,
  toTimeOrNull,
  type Collections,
  type MemberDoc,
  type ShownMessageDoc,
} from './collections'
import { unshown, withoutUndefined } from './messagerecords'
import { toChat, toMember } from './records'
import { unreadCounts, unreadIn, type Row } from './unread'

export function chatList({ members, messages }: Collections): Pick<ChatStore, 'list' | 'listed'> {
  const { countNotUnread, countMentions } = unreadCounts({ messages })

  const rowsOf = (member: Partial<MemberDoc>, stages: Document[], limit: number) =>
    members
      .aggregate<Row>(
        [
          { $match: member },
          { $lookup: { from: 'chats', localField: 'chat_id', foreignField: '_id', as: 'chat' } },
          { $unwind: '$chat' },
          { $match: { 'chat.deleted_at': null } },
          ...stages,
          hiddenPlaces,
        ],
        { batchSize: limit + 1 },
      )
      .toArray()

  async function listedFrom(rows: Row[], userId: string): Promise<ListedChat[]> {
    const [last, notUnread, mentions] = await Promise.all([
      lastMessagesOf(rows),
      countNotUnread(rows, userId),
      countMentions(rows, userId),
    ])
    return rows.map(row => ({
      chat: toChat(row.chat),
      my: toMember(row, row.chat),
      last_message: last.get(row.chat_id) ?? null,
      unread_count: unreadIn(row, notUnread),
      unread_mentions: mentions.get(row.chat_id) ?? 0,
    }))
  }

  async function lastMessagesOf(rows: Row[]): Promise<Map<string, LastMessage>> {
    const places = rows.flatMap(lastShown)
    if (places.length === 0) return new Map()
    const options = { projection: unshown, batchSize: places.length + 1 }
    const docs = await messages.find({ $or: places }, options).toArray()
    return new Map(docs.map(doc => [doc.chat_id, toLastMessage(doc)]))
  }

  return {
    async list(userId, { after, limit, archived, pinned }) {
      if (limit <= 0) return []
      const stages = [
        { $match: { $and: [notHidden, ...(after ? [olderThan(after)] : [])] } },
        { $sort: { 'chat.activity_at': -1, 'chat._id': -1 } },
        { $limit: limit },
      ]
      const kept = withoutUndefined({ archived, pinned })
      return listedFrom(await rowsOf({ user_id: userId, ...kept }, stages, limit), userId)
    },

    async listed(userId, chatId) {
      const rows = await rowsOf({ chat_id: chatId, user_id: userId }, [], 1)
      const [chat] = await listedFrom(rows, userId)
      return chat ?? null
    },
  }
}

/** The newest place of a chat that this member is shown; places have no gap, so a message is there. */
function lastShown({ chat, cleared_seq, hidden_places }: Row): { chat_id: string; seq: number }[] {
  const hidden = new Set(hidden_places.map(place => place.seq))
  let seq = chat.last_seq
  while (hidden.has(seq)) seq--
  return seq > cleared_seq ? [{ chat_id: chat._id, seq }] : []
}

const isTheirs = [
  { $eq: ['$chat_id', '$$chat'] },
  { $eq: ['$user_id', '$$user'] },
  { $gt: ['$seq', '$$cleared'] },
]

// By the index of hidden messages; what a member has hidden in one chat is little.
const hiddenPlaces = {
  $lookup: {
    from: 'hidden',
    let: { chat: '$chat_id', user: '$user_id', cleared: '$cleared_seq' },
    pipeline: [{ $match: { $expr: { $and: isTheirs } } }, { $project: { _id: 0, seq: 1 } }],
    as: 'hidden_places',
  },
}

const notHidden = { $or: [{ hidden: false }, { $expr: { $gt: ['$chat.last_seq', '$cleared_seq'] } }] }

function olderThan(after: { activity_at: string; id: string }) {
  const at = toDate(after.activity_at)
  return {
    $or: [{ 'chat.activity_at': { $lt: at } }, { 'chat.activity_at': at, 'chat._id': { $lt: after.id } }],
  }
}

const toLastMessage = (doc: ShownMessageDoc): LastMessage => ({
  id: doc._id,
  seq: doc.seq,
  sender_id: doc.sender_id,
  content: previewOf(doc.content, doc.attachments),
  message_type: doc.message_type,
  created_at: toTime(doc.created_at),
  deleted_at: toTimeOrNull(doc.deleted_at),
})
