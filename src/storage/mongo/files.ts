// Files in MongoDB: their records, how much each person has, and which messages show them.
import type { IndexDescription } from 'mongodb'
import type { FileRecord, FileStore } from '../../files/store'
import { toDate, toTime, type Collections, type FileDoc } from './collections'
import { lanes } from '../../lib/lanes'
import { showingFiles } from './messages'

export const indexes: IndexDescription[] = [
  // a person's files, newest first, and their sizes added up from the index alone
  { key: { user_id: 1, dropped_at: 1, _id: 1, size: 1 } },
  // those whose bytes are to go, the first of them first
  { key: { dropped_at: 1, _id: 1 } },
]

const MOST_PLACES = 1_000
const LOOKS_AT_ONCE = 20

/**
 * A person's files are stored one after the other, and each is taken back where the sum is too much then: so no sum
 * ever passes the quota, and on one node none is refused that fits. Nodes that store for one person in the same moment
 * may both refuse what one of them could have kept.
 */
export function mongoFiles({ files, messages }: Collections): FileStore {
  const inLane = lanes()
  const kept = { dropped_at: null }

  async function usedBy(userId: string): Promise<number> {
    const [sum] = await files
      .aggregate<{ bytes: number }>([
        { $match: { user_id: userId, ...kept } },
        { $group: { _id: null, bytes: { $sum: '$size' } } },
      ])
      .toArray()
    return sum?.bytes ?? 0
  }

  const isShown = async (id: string) =>
    (await messages.findOne({ ...showingFiles, 'attachments.id': id }, { projection: { _id: 1 } })) !== null

  return {
    usedBy,

    insert: (file, quota) =>
      inLane(file.user_id, async () => {
        if ((await usedBy(file.user_id)) + file.size > quota) return false
        await files.insertOne(fileDoc(file))
        if ((await usedBy(file.user_id)) <= quota) return true
        await files.deleteOne({ _id: file.id })
        return false
      }),

    async byId(id) {
      const doc = await files.findOne({ _id: id, ...kept })
      return doc && toFile(doc)
    },

    async byIds(ids) {
      if (ids.length === 0) return []
      const docs = await files.find({ _id: { $in: ids }, ...kept }, { batchSize: ids.length + 1 }).toArray()
      return docs.map(toFile)
    },

    async list(userId, { below, limit }) {
      if (limit <= 0) return []
      const older = below === undefined ? {} : { _id: { $lt: below } }
      const docs = await files
        .find({ user_id: userId, ...kept, ...older }, { batchSize: limit + 1 })
        .sort({ _id: -1 })
        .limit(limit)
        .toArray()
      return docs.map(toFile)
    },

    async showings(id, chatIds) {
      if (chatIds.length === 0) return []
      const shown = { ...showingFiles, 'attachments.id': id }
      const chats = await messages
        .aggregate<{ _id: string }>([
          { $match: { ...shown, chat_id: { $in: chatIds } } },
          { $group: { _id: '$chat_id' } },
        ])
        .toArray()
      return Promise.all(
        chats.map(async ({ _id: chat_id }) => {
          const docs = await messages
            .find({ ...shown, chat_id }, { batchSize: MOST_PLACES + 1 })
            .project<{ seq: number }>({ _id: 0, seq: 1 })
            .sort({ seq: -1 })
            .limit(MOST_PLACES)
            .toArray()
          return { chat_id, seqs: docs.map(({ seq }) => seq) }
        }),
      )
    },

    async shownAmong(ids) {
      const shown: string[] = []
      for (let at = 0; at < ids.length; at += LOOKS_AT_ONCE) {
        const some = ids.slice(at, at + LOOKS_AT_ONCE)
        const looks = await Promise.all(some.map(isShown))
        shown.push(...some.filter((_, i) => looks[i]))
      }
      return shown
    },

    async drop(id, at) {
      const dropped = await files.updateOne({ _id: id, ...kept }, { $set: { dropped_at: toDate(at) } })
      return dropped.modifiedCount === 1
    },

    async restore(id) {
      await files.updateOne({ _id: id }, { $set: kept })
    },

    async dropped(before, limit) {
      if (limit <= 0) return []
      const docs = await files
        .find({ dropped_at: { $lt: toDate(before) } }, { batchSize: limit + 1 })
        .sort({ dropped_at: 1, _id: 1 })
        .limit(limit)
        .toArray()
      return docs.map(toFile)
    },

    async remove(ids) {
      await files.deleteMany({ _id: { $in: ids }, dropped_at: { $gt: new Date(0) } })
    },

    async disown(userId) {
      await files.updateMany({ user_id: userId }, { $set: { user_id: '' } })
    },

    async between(above, below, limit) {
      if (limit <= 0) return []
      const docs = await files
        .find({ _id: { $gt: above, $lt: below }, ...kept }, { batchSize: limit + 1 })
        .project<{ _id: string }>({ _id: 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
      return docs.map(({ _id }) => _id)
    },

    async known(ids) {
      if (ids.length === 0) return []
      const docs = await files
        .find({ _id: { $in: ids } }, { batchSize: ids.length + 1 })
        .project<{ _id: string }>({ _id: 1 })
        .toArray()
      return docs.map(({ _id }) => _id)
    },
  }
}

const fileDoc = ({ id, created_at, ...rest }: FileRecord): FileDoc => ({
  _id: id,
  ...rest,
  created_at: toDate(created_at),
  dropped_at: null,
})

const toFile = (doc: FileDoc): FileRecord => ({
  id: doc._id,
  user_id: doc.user_id,
  name: doc.name,
  size: doc.size,
  media_type: doc.media_type,
  kind: doc.kind,
  width: doc.width,
  height: doc.height,
  placeholder: doc.placeholder,
  thumbnail_size: doc.thumbnail_size,
  created_at: toTime(doc.created_at),
})
