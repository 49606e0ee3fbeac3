// Messages that people keep for themselves, in MongoDB.
import type { Filter, IndexDescription } from 'mongodb'
import type { SavedStore } from '../../messages/mine.store'
import { toDate, toTime, type Collections, type SavedDoc } from './collections'
import { isDuplicate } from './failures'

export const indexes: IndexDescription[] = [
  // what a person keeps, in the order of the list
  { key: { user_id: 1, saved_at: 1, message_id: 1 } },
  // all of a deleted chat
  { key: { chat_id: 1 } },
]

export function mongoSaved({ saved }: Collections): SavedStore {
  return {
    async save({ saved_at, ...rest }) {
      const doc = { _id: keyOf(rest.user_id, rest.message_id), ...rest, saved_at: toDate(saved_at) }
      try {
        await saved.insertOne(doc)
      } catch (error) {
        if (!isDuplicate(error)) throw error
      }
    },

    async unsave(userId, messageId) {
      const { deletedCount } = await saved.deleteOne({ _id: keyOf(userId, messageId) })
      return deletedCount === 1
    },

    async removeOf(userId) {
      await saved.deleteMany({ user_id: userId })
    },

    async list(userId, { after, limit }) {
      if (limit <= 0) return []
      const docs = await saved
        .find({ user_id: userId, ...(after && before(after)) }, { batchSize: limit + 1 })
        .sort({ saved_at: -1, message_id: -1 })
        .limit(limit)
        .toArray()
      return docs.map(({ _id, saved_at, ...rest }) => ({ ...rest, saved_at: toTime(saved_at) }))
    },
  }
}

const keyOf = (userId: string, messageId: string) => `${userId}:${messageId}`

function before(after: { saved_at: string; message_id: string }): Filter<SavedDoc> {
  const at = toDate(after.saved_at)
  return { $or: [{ saved_at: { $lt: at } }, { saved_at: at, message_id: { $lt: after.message_id } }] }
}
