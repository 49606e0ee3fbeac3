// Requests to be let into groups, in MongoDB.
import type { IndexDescription } from 'mongodb'
import type { JoinRequest, JoinRequestStore, ListPlace } from '../../chats/joining.store'
import type { ChatStore } from '../../chats/store'
import { toDate, toTime, type Collections, type RequestDoc } from './collections'

export const indexes: IndexDescription[] = [
  // one request per person and chat; those of a person
  { key: { user_id: 1, chat_id: 1 }, unique: true },
  // those of a chat, in the order of asking; their number
  { key: { chat_id: 1, created_at: 1, user_id: 1 } },
]

/** Whoever takes a request away decides on it, so of two who approve or decline at once one does. */
export function mongoJoinRequests(
  { requests }: Collections,
  addMembers: ChatStore['addMembers'],
): JoinRequestStore {
  return {
    async list(chatId, { after, limit }) {
      if (limit <= 0) return []
      const docs = await requests
        .find({ chat_id: chatId, ...(after && laterThan(after)) }, { batchSize: limit + 1 })
        .sort({ created_at: 1, user_id: 1 })
        .limit(limit)
        .toArray()
      return docs.map(toRequest)
    },

    async listOf(userId, { after = '', limit }) {
      if (limit <= 0) return []
      const docs = await requests
        .find({ user_id: userId, chat_id: { $gt: after } }, { batchSize: limit + 1 })
        .sort({ chat_id: 1 })
        .limit(limit)
        .toArray()
      return docs.map(toRequest)
    },

    async one(chatId, userId) {
      const doc = await requests.findOne({ chat_id: chatId, user_id: userId })
      return doc && toRequest(doc)
    },

    async counts(chatIds) {
      if (chatIds.length === 0) return []
      const counted = await requests
        .aggregate<{ _id: string; count: number }>(
          [{ $match: { chat_id: { $in: chatIds } } }, { $group: { _id: '$chat_id', count: { $sum: 1 } } }],
          { batchSize: chatIds.length + 1 },
        )
        .toArray()
      return counted.map(({ _id, count }) => ({ chat_id: _id, count }))
    },

    async approve(chatId, person, max) {
      const taken = await requests.findOneAndDelete({ chat_id: chatId, user_id: person.user_id })
      if (!taken) return 'absent'
      const added = await addMembers(chatId, [person], max)
      if (added === 'too_many') await requests.insertOne(taken)
      return added === 'too_many' ? added : (added?.[0] ?? 'absent')
    },

    async remove(chatId, userId) {
      return (await requests.deleteOne({ chat_id: chatId, user_id: userId })).deletedCount === 1
    },

    async removeOf(userId) {
      const docs = await requests.find({ user_id: userId }).toArray()
      if (docs.length > 0) await requests.deleteMany({ _id: { $in: docs.map(({ _id }) => _id) } })
      return docs.map(({ chat_id }) => chat_id)
    },
  }
}

function laterThan({ created_at, id }: ListPlace) {
  const at = toDate(created_at)
  return { $or: [{ created_at: { $gt: at } }, { created_at: at, user_id: { $gt: id } }] }
}

export const requestDoc = ({ created_at, ...rest }: JoinRequest): RequestDoc => ({
  _id: `${rest.chat_id}:${rest.user_id}`,
  ...rest,
  created_at: toDate(created_at),
})

const toRequest = ({ chat_id, user_id, created_at }: RequestDoc): JoinRequest => ({
  chat_id,
  user_id,
  created_at: toTime(created_at),
})
