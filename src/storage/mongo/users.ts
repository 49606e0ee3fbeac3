// People in MongoDB.
import type { IndexDescription } from 'mongodb'
import { keyOf, searchTermsOf } from '../../users/keys'
import type { Taken, UserRecord, UserStore } from '../../users/store'
import { toDate, type Collections, type UserDoc } from './collections'
import { isDuplicate } from './failures'
import { changesOf, erased, keysOf, toUser, userDoc } from './userdocs'

const gone = { deleted_at: { $gt: new Date(0) } }

export const indexes: IndexDescription[] = [
  // one person per folded username, deleted ones included; also the order of the list
  { key: { username_key: 1 }, unique: true },
  // one person per folded email
  { key: { email_key: 1 }, unique: true },
  // people found by the beginning of a word: an anchored pattern reads one range of it
  { key: { terms: 1 } },
  // people who are gone, and whose name may become free
  { key: { deleted_at: 1 }, partialFilterExpression: gone },
  // statuses that end, the earliest first: those that do not are not in its range
  { key: { status_expires_at: 1 } },
]

export function mongoUsers({ users }: Collections): UserStore {
  async function find(filter: Record<string, unknown>): Promise<UserRecord | null> {
    const doc = await users.findOne(filter)
    return doc && toUser(doc)
  }

  async function takenBySomebodyElse(id: string, wanted: Partial<UserDoc>): Promise<Taken | null> {
    const { username_key, email_key } = wanted
    const others = { _id: { $ne: id } }
    if (username_key !== undefined && (await users.findOne({ username_key, ...others }))) return 'username'
    if (email_key !== undefined && (await users.findOne({ email_key, ...others }))) return 'email'
    return null
  }

  async function writeUnique(id: string, wanted: Partial<UserDoc>, write: () => Promise<unknown>) {
    for (let tries = 1; ; tries++) {
      try {
        await write()
        return null
      } catch (error) {
        if (!isDuplicate(error)) throw error
        const taken = await takenBySomebodyElse(id, wanted)
        if (taken) return taken
        // Whoever had it gave it up in between, so a second try may succeed.
        if (tries === 3) throw error
      }
    }
  }

  // The search terms follow from two fields: written only while both are as they were read.
  async function writeWithTerms(id: string, changes: Partial<UserDoc>): Promise<void> {
    for (;;) {
      const before = await users.findOne({ _id: id, deleted_at: null })
      if (!before) return
      const { username, full_name } = before
      const terms = searchTermsOf({ username, full_name, ...changes })
      const { matchedCount } = await users.updateOne(
        { _id: id, username, full_name, deleted_at: null },
        { $set: { ...changes, terms } },
      )
      if (matchedCount === 1) return
    }
  }

  const forgetName = (id: string) => users.updateOne({ _id: id }, { $set: { username_key: `gone:${id}` } })

  return {
    insert: user => writeUnique(user.id, keysOf(user), () => users.insertOne(userDoc(user))),

    async update(id, patch) {
      const changes = changesOf(id, patch)
      if (Object.keys(changes).length === 0) return null
      const renamed = changes.username !== undefined || changes.full_name !== undefined
      return writeUnique(id, changes, () =>
        renamed
          ? writeWithTerms(id, changes)
          : users.updateOne({ _id: id, deleted_at: null }, { $set: changes }),
      )
    },

    byId: id => find({ _id: id }),

    async byIds(ids) {
      if (ids.length === 0) return []
      const docs = await users.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray()
      return docs.map(toUser)
    },

    byUsername: username => find({ username_key: keyOf(username), deleted_at: null }),

    byEmail: email => find({ email_key: keyOf(email), deleted_at: null }),

    async list({ prefixes = [], after, limit }) {
      if (limit <= 0) return []
      const conditions: Record<string, unknown>[] = [{ deleted_at: null }]
      if (after !== undefined) conditions.push({ username_key: { $gt: after } })
      for (const prefix of prefixes) conditions.push({ terms: { $regex: `^${escaped(prefix)}` } })
      const docs = await users
        .find({ $and: conditions }, { batchSize: limit + 1 })
        .sort({ username_key: 1 })
        .limit(limit)
        .toArray()
      return docs.map(toUser)
    },

    async named(ids, prefixes) {
      if (ids.length === 0) return []
      const docs = await users
        .find(
          {
            _id: { $in: ids },
            deleted_at: null,
            $and: prefixes.map(prefix => ({ terms: { $regex: `^${escaped(prefix)}` } })),
          },
          { projection: { _id: 1 }, batchSize: ids.length + 1 },
        )
        .toArray()
      return docs.map(({ _id }) => _id)
    },

    async withWord(prefix, limit) {
      if (limit <= 0) return []
      const docs = await users
        .find(
          { deleted_at: null, terms: { $regex: `^${escaped(prefix)}` } },
          { projection: { _id: 1 }, batchSize: limit + 1 },
        )
        .limit(limit)
        .toArray()
      return docs.map(({ _id }) => _id)
    },

    async seen(sightings) {
      if (sightings.length === 0) return
      await users.bulkWrite(
        sightings.map(({ id, at }) => ({
          updateOne: {
            filter: { _id: id, deleted_at: null, invisible: { $ne: true } },
            update: { $max: { last_seen: toDate(at) } },
          },
        })),
        { ordered: false },
      )
    },

    async endStatuses(now, limit) {
      const ended = { status_expires_at: { $gt: new Date(0), $lte: toDate(now) } }
      const due = await users
        .find(ended, { projection: { _id: 1 }, batchSize: limit + 1 })
        .sort({ status_expires_at: 1 })
        .limit(limit)
        .toArray()
      const empty = { status: null, status_expires_at: null, updated_at: toDate(now) }
      const ids = await Promise.all(
        due.map(async ({ _id }) => {
          const { matchedCount } = await users.updateOne({ _id, ...ended }, { $set: empty })
          return matchedCount === 1 ? [_id] : []
        }),
      )
      return ids.flat()
    },

    async erase(id, at) {
      await users.updateOne({ _id: id, deleted_at: null }, { $set: erased(id, toDate(at)) })
    },

    async freeNames(erasedBefore) {
      const due = {
        deleted_at: { $gt: new Date(0), $lt: toDate(erasedBefore) },
        username_key: { $not: /^gone:/ },
      }
      const docs = await users.find(due).project<{ _id: string }>({ _id: 1 }).toArray()
      for (const { _id } of docs) await forgetName(_id)
    },

    async freeName(username) {
      const found = await users.findOne({ username_key: keyOf(username), ...gone })
      if (found) await forgetName(found._id)
    },
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
