// Service keys and the log of their use in MongoDB.
import type { IndexDescription } from 'mongodb'
import type { AdminStore, AuditRecord, KeyRecord } from '../../admin/store'
import {
  toDate,
  toDateOrNull,
  toTime,
  toTimeOrNull,
  type AuditDoc,
  type Collections,
  type KeyDoc,
} from './collections'

export const indexes: Record<'keys' | 'audit', IndexDescription[]> = {
  // a key is looked up by its hash at each use
  keys: [{ key: { hash: 1 }, unique: true }],
  audit: [
    // what one key did, and what was done for one person, newest first
    { key: { key_id: 1, _id: -1 } },
    { key: { user_id: 1, _id: -1 } },
    // sweeping out what is too old
    { key: { at: 1 } },
  ],
}

export function mongoAdmin({ serviceKeys, audit }: Collections): AdminStore {
  const isBelow = (below?: string) => (below === undefined ? {} : { _id: { $lt: below } })

  return {
    async insertKey(key) {
      await serviceKeys.insertOne(keyDoc(key))
    },

    async keyByHash(hash) {
      const doc = await serviceKeys.findOne({ hash })
      return doc && toKey(doc)
    },

    async key(id) {
      const doc = await serviceKeys.findOne({ _id: id })
      return doc && toKey(doc)
    },

    async keys({ below, limit }) {
      const docs = await serviceKeys.find(isBelow(below)).sort({ _id: -1 }).limit(limit).toArray()
      return docs.map(toKey)
    },

    async deleteKey(id) {
      const { deletedCount } = await serviceKeys.deleteOne({ _id: id })
      return deletedCount === 1
    },

    async note(entry) {
      await audit.insertOne(auditDoc(entry))
      await serviceKeys.updateOne({ _id: entry.key_id }, { $max: { last_used_at: toDate(entry.at) } })
    },

    async audit({ key_id, user_id, below, limit }) {
      const wanted = { ...isBelow(below), ...(key_id && { key_id }), ...(user_id && { user_id }) }
      const docs = await audit.find(wanted).sort({ _id: -1 }).limit(limit).toArray()
      return docs.map(toAudit)
    },

    async dropAudit(before) {
      await audit.deleteMany({ at: { $lt: toDate(before) } })
    },
  }
}

const keyDoc = ({ id, created_at, last_used_at, ...key }: KeyRecord): KeyDoc => ({
  _id: id,
  ...key,
  created_at: toDate(created_at),
  last_used_at: toDateOrNull(last_used_at),
})

const toKey = ({ _id, created_at, last_used_at, ...key }: KeyDoc): KeyRecord => ({
  id: _id,
  ...key,
  created_at: toTime(created_at),
  last_used_at: toTimeOrNull(last_used_at),
})

const auditDoc = ({ id, at, ...entry }: AuditRecord): AuditDoc => ({ _id: id, ...entry, at: toDate(at) })
const toAudit = ({ _id, at, ...entry }: AuditDoc): AuditRecord => ({ id: _id, ...entry, at: toTime(at) })
