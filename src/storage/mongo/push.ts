// Push subscriptions in MongoDB, and the keys that all nodes share.
import type { IndexDescription } from 'mongodb'
import type { PushStore, PushSubscription } from '../../push/store'
import { toDate, toDateOrNull, toTime, toTimeOrNull, type Collections, type PushDoc } from './collections'
import { isDuplicate } from './failures'

export const indexes: IndexDescription[] = [
  // one per browser, whoever is signed in there
  { key: { endpoint: 1 }, unique: true },
  // those of people, oldest first; who has one
  { key: { user_id: 1, _id: 1 } },
  // those that go with a sign-in
  { key: { session_id: 1 } },
]

/** Counted before it is stored: a person who subscribes devices in the same moment can pass the limit by these. */
export function mongoPush({ push, keys }: Pick<Collections, 'push' | 'keys'>): PushStore {
  async function put(subscription: PushSubscription): Promise<PushDoc> {
    const { _id, created_at, endpoint, ...rest } = pushDoc(subscription)
    const update = { $set: rest, $setOnInsert: { _id, created_at } }
    for (;;) {
      try {
        const doc = await push.findOneAndUpdate({ endpoint }, update, {
          upsert: true,
          returnDocument: 'after',
        })
        if (doc) return doc
      } catch (error) {
        // Somebody else stored it first: now it is there to be replaced.
        if (!isDuplicate(error)) throw error
      }
    }
  }

  return {
    async keys(made) {
      try {
        await keys.insertOne({ _id: 'vapid', ...made })
      } catch (error) {
        if (!isDuplicate(error)) throw error
      }
      const kept = await keys.findOne({ _id: 'vapid' })
      return kept ? { public_key: kept.public_key, private_key: kept.private_key } : made
    },

    async put(subscription, max) {
      const { user_id, endpoint } = subscription
      const others = await push.countDocuments({ user_id, endpoint: { $ne: endpoint } })
      return others >= max ? 'too_many' : toSubscription(await put(subscription))
    },

    async byEndpoint(endpoint) {
      const doc = await push.findOne({ endpoint })
      return doc && toSubscription(doc)
    },

    async of(userIds) {
      if (userIds.length === 0) return []
      const docs = await push
        .find({ user_id: { $in: userIds } })
        .sort({ _id: 1 })
        .toArray()
      return docs.map(toSubscription)
    },

    people: () => push.distinct('user_id'),

    async remove(userId, id) {
      return (await push.deleteOne({ _id: id, user_id: userId })).deletedCount === 1
    },

    async removeOfSessions(sessionIds) {
      await push.deleteMany({ session_id: { $in: sessionIds } })
    },

    async removeOf(userId) {
      await push.deleteMany({ user_id: userId })
    },

    async setFailing(id, since) {
      await push.updateOne({ _id: id }, { $set: { failing_since: toDateOrNull(since) } })
    },
  }
}

const pushDoc = ({ id, created_at, failing_since, ...rest }: PushSubscription): PushDoc => ({
  _id: id,
  ...rest,
  created_at: toDate(created_at),
  failing_since: toDateOrNull(failing_since),
})

const toSubscription = (doc: PushDoc): PushSubscription => ({
  id: doc._id,
  user_id: doc.user_id,
  session_id: doc.session_id,
  endpoint: doc.endpoint,
  p256dh: doc.p256dh,
  auth: doc.auth,
  device_name: doc.device_name,
  created_at: toTime(doc.created_at),
  failing_since: toTimeOrNull(doc.failing_since),
})
