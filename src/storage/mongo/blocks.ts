// Who has blocked whom, in MongoDB.
import type { Filter, IndexDescription } from 'mongodb'
import type { BlockRecord, BlockStore } from '../../users/blocks.store'
import { toDate, toTime, type BlockDoc, type Collections } from './collections'
import { isDuplicate } from './failures'

export const indexes: IndexDescription[] = [
  // whom a person has blocked, in the order of the list; their number
  { key: { user_id: 1, blocked_at: 1, blocked_id: 1 } },
  // who has blocked a person
  { key: { blocked_id: 1 } },
]

export function mongoBlocks({ blocks }: Collections): BlockStore {
  return {
    async block(block, max) {
      const doc = docOf(block)
      if (await blocks.findOne({ _id: doc._id })) return 'already'
      if ((await blocks.countDocuments({ user_id: block.user_id })) >= max) return 'too_many'
      try {
        await blocks.insertOne(doc)
        return 'blocked'
      } catch (error) {
        if (isDuplicate(error)) return 'already'
        throw error
      }
    },

    async unblock(userId, blockedId) {
      const { deletedCount } = await blocks.deleteOne({ _id: keyOf(userId, blockedId) })
      return deletedCount === 1
    },

    async list(userId, { after, limit }) {
      if (limit <= 0) return []
      const docs = await blocks
        .find({ user_id: userId, ...(after && before(after)) }, { batchSize: limit + 1 })
        .sort({ blocked_at: -1, blocked_id: -1 })
        .limit(limit)
        .toArray()
      return docs.map(({ user_id, blocked_id, blocked_at }) => {
        return { user_id, blocked_id, blocked_at: toTime(blocked_at) }
      })
    },

    async around(userId) {
      const [mine, against] = await Promise.all([
        blocks.find({ user_id: userId }, { projection: { blocked_id: 1 } }).toArray(),
        blocks.find({ blocked_id: userId }, { projection: { user_id: 1 } }).toArray(),
      ])
      return { blocked: mine.map(doc => doc.blocked_id), blockedBy: against.map(doc => doc.user_id) }
    },

    async removeOf(userId) {
      await Promise.all([blocks.deleteMany({ user_id: userId }), blocks.deleteMany({ blocked_id: userId })])
    },
  }
}

const keyOf = (userId: string, blockedId: string) => `${userId}:${blockedId}`

const docOf = ({ user_id, blocked_id, blocked_at }: BlockRecord): BlockDoc => ({
  _id: keyOf(user_id, blocked_id),
  user_id,
  blocked_id,
  blocked_at: toDate(blocked_at),
})

function before(after: { blocked_at: string; blocked_id: string }): Filter<BlockDoc> {
  const at = toDate(after.blocked_at)
  return { $or: [{ blocked_at: { $lt: at } }, { blocked_at: at, blocked_id: { $lt: after.blocked_id } }] }
}
