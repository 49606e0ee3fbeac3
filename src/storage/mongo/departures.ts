// Accounts that are being deleted, in MongoDB.
import type { DepartureStore } from '../../auth/leaving.store'
import { toDate, toTime, type Collections } from './collections'

export function mongoDepartures({ departures }: Collections): DepartureStore {
  return {
    async begin({ user_id, messages, begun_at }) {
      const begun = { begun_at: toDate(begun_at) }
      const update =
        messages === 'delete'
          ? { $set: { messages }, $setOnInsert: begun }
          : { $setOnInsert: { messages, ...begun } }
      await departures.updateOne({ _id: user_id }, update, { upsert: true })
    },

    async unfinished() {
      const docs = await departures.find({}).toArray()
      return docs.map(({ _id, messages, begun_at }) => ({
        user_id: _id,
        messages,
        begun_at: toTime(begun_at),
      }))
    },

    async end(userId) {
      await departures.deleteOne({ _id: userId })
    },
  }
}
