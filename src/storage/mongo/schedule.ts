// Messages to be sent later, in MongoDB.
import type { IndexDescription } from 'mongodb'
import type { ScheduledMessage, ScheduleStore } from '../../messages/mine.store'
import { toDate, toTime, type Collections, type ScheduledDoc } from './collections'
import { isDuplicate } from './failures'
import { lanes } from '../../lib/lanes'
import { withoutUndefined } from './messagerecords'

export const indexes: IndexDescription[] = [
  // what a person has scheduled, the next first; their number
  { key: { user_id: 1, send_at: 1, _id: 1 } },
  // what is due, of everyone: failed ones are not in its range
  { key: { failed: 1, send_at: 1, _id: 1 } },
  // all of a deleted chat
  { key: { chat_id: 1 } },
]

/** Counted and stored in the person's lane: nodes that store in the same moment can pass the limit by one each. */
export function mongoSchedule({ scheduled }: Collections): ScheduleStore {
  const inLane = lanes()

  async function byId(id: string): Promise<ScheduledMessage | null> {
    const doc = await scheduled.findOne({ _id: id })
    return doc && toScheduled(doc)
  }

  return {
    insert: (message, max) =>
      inLane(message.user_id, async () => {
        const first = await byId(message.id)
        if (first) return { scheduled: first, isNew: false }
        if ((await scheduled.countDocuments({ user_id: message.user_id })) >= max) return null
        try {
          await scheduled.insertOne(scheduledDoc(message))
          return { scheduled: message, isNew: true }
        } catch (error) {
          // Another node was faster.
          const other = isDuplicate(error) ? await byId(message.id) : null
          if (!other) throw error
          return { scheduled: other, isNew: false }
        }
      }),

    byId,

    async listOf(userId) {
      const docs = await scheduled.find({ user_id: userId }).sort({ send_at: 1, _id: 1 }).toArray()
      return docs.map(toScheduled)
    },

    async update(id, { send_at, ...rest }) {
      const changes: Partial<ScheduledDoc> = withoutUndefined(rest)
      if (send_at !== undefined) changes.send_at = toDate(send_at)
      const doc =
        Object.keys(changes).length === 0
          ? await scheduled.findOne({ _id: id })
          : await scheduled.findOneAndUpdate({ _id: id }, { $set: changes }, { returnDocument: 'after' })
      return doc && toScheduled(doc)
    },

    async remove(id) {
      const { deletedCount } = await scheduled.deleteOne({ _id: id })
      return deletedCount === 1
    },

    async due(now, limit) {
      if (limit <= 0) return []
      const docs = await scheduled
        .find({ failed: null, send_at: { $lte: toDate(now) } }, { batchSize: limit + 1 })
        .sort({ send_at: 1, _id: 1 })
        .limit(limit)
        .toArray()
      return docs.map(toScheduled)
    },

    async removeOf(userId, chatId) {
      await scheduled.deleteMany(
        chatId === undefined ? { user_id: userId } : { user_id: userId, chat_id: chatId },
      )
    },
  }
}

const scheduledDoc = ({ id, send_at, created_at, ...rest }: ScheduledMessage): ScheduledDoc => ({
  _id: id,
  ...rest,
  send_at: toDate(send_at),
  created_at: toDate(created_at),
})

const toScheduled = (doc: ScheduledDoc): ScheduledMessage => ({
  id: doc._id,
  user_id: doc.user_id,
  chat_id: doc.chat_id,
  client_id: doc.client_id ?? doc._id,
  content: doc.content,
  reply_to: doc.reply_to,
  thread_of: doc.thread_of ?? null,
  send_at: toTime(doc.send_at),
  created_at: toTime(doc.created_at),
  failed: doc.failed,
})
