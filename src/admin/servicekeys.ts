// Service keys: a trusted backend acts for anyone with one, and each such use is logged before it takes place.
import type { Caller } from '../auth/sessions'
import type { Events } from '../events'
import { fromCursor, toCursor } from '../lib/cursors'
import { badRequest, forbidden, invalid, notFound, unauthorized } from '../lib/errors'
import { newId } from '../lib/ids'
import { randomBytes } from '../lib/random'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import type { Users } from '../users/service'
import type { AuditEntry, ListAudit, MadeKey, ServiceKey } from './model'
import type { AdminStore, KeyRecord } from './store'

/** How a key begins, so that it is told from an access token, and found by scanners where it leaked. */
const PREFIX = 'natter_key_'

/** The log is kept for a year. */
const AUDIT_MS = 365 * 86_400_000

export type Keys = ReturnType<typeof createKeys>

export const isKey = (token: string): boolean => token.startsWith(PREFIX)

export function createKeys(store: AdminStore, users: Users, events: Events) {
  /** 403 for everybody else, and for service keys. */
  async function mustBeAdministrator({ user_id, by_key }: Caller) {
    if (by_key) throw forbidden('not_by_key', 'A service key cannot do what is for administrators.')
    await users.mustBeAdministrator(user_id)
  }

  async function mustStand(key: string): Promise<KeyRecord> {
    const record = key.length <= 128 ? await store.keyByHash(hashOf(key)) : null
    if (!record) throw unauthorized('bad_key', 'The service key is not good, or no more.')
    return record
  }

  const note = ({ id, name }: KeyRecord, user_id: string | null, action: string) =>
    store.note({ id: newId(), at: nowIso(), key_id: id, key_name: name, user_id, action })

  return {
    mustBeAdministrator,

    /** Makes a key, whose text is answered this once. For administrators: 403 otherwise. */
    async create(me: Caller, name: string): Promise<MadeKey> {
      await mustBeAdministrator(me)
      if (!name.trim()) throw invalid('body/name', 'blank', 'A key has a name.')
      const key = PREFIX + randomBytes(32).toString('base64url')
      const made = { id: newId(), name, created_by: me.user_id, created_at: nowIso() }
      await store.insertKey({ ...made, hash: hashOf(key), last_used_at: null })
      return { ...made, key }
    },

    /** Newest first. For administrators: 403 otherwise. */
    async list(me: Caller, query: PageQuery): Promise<{ items: ServiceKey[]; next: string | null }> {
      await mustBeAdministrator(me)
      const { limit, below } = placeOf(query)
      const page = pageOf(await store.keys({ below, limit: limit + 1 }), limit, ({ id }) => toCursor(id))
      return { ...page, items: page.items.map(toServiceKey) }
    },

    /** From the answer on the key is good for nothing, and sockets opened with it close. */
    async revoke(me: Caller, id: string): Promise<void> {
      await mustBeAdministrator(me)
      if (!(await store.deleteKey(id))) throw notFound('key')
      events.publish({ type: 'sessions_ended', session_ids: [id] })
    },

    /** Uses of keys, newest first. For administrators: 403 otherwise. */
    async audit(
      me: Caller,
      { key_id, user_id, ...query }: ListAudit,
    ): Promise<{ items: AuditEntry[]; next: string | null }> {
      await mustBeAdministrator(me)
      const { limit, below } = placeOf(query)
      const entries = await store.audit({ key_id, user_id, below, limit: limit + 1 })
      return pageOf(entries, limit, ({ id }) => toCursor(id))
    },

    /**
     * The caller that a key stands for: the person named, for whom it acts. 401 for a key that is not good,
     * 400 where nobody is named, 404 for an unknown or deleted person. The use is on stable storage before it begins.
     */
    async actFor(key: string, userId: string | null, action: string): Promise<Caller> {
      const record = await mustStand(key)
      if (!userId) throw badRequest('acting_user_required', 'Name the person in X-Acting-User.')
      const [user_id = ''] = await users.idsOf('', [userId])
      await note(record, user_id, action)
      return { user_id, session_id: record.id, until: Number.MAX_SAFE_INTEGER, by_key: true }
    },

    /** A use that is for nobody in particular, such as a list of everybody: logged in the same way. */
    actForNobody: async (key: string, action: string): Promise<void> =>
      note(await mustStand(key), null, action),

    /** Refuses a key that is not good: 401. */
    async mustBeGood(key: string): Promise<void> {
      await mustStand(key)
    },

    /** Whether there is a key with this id, and somebody for whom it acts. */
    stands: async (id: string, userId: string): Promise<boolean> =>
      (await store.key(id)) !== null && users.isHere(userId),

    /** Drops what is older than a year from the log. */
    dropOldAudit: () => store.dropAudit(new Date(Date.now() - AUDIT_MS).toISOString()),
  }
}

const hashOf = (key: string) => new Bun.CryptoHasher('sha256').update(key).digest('hex')

const placeOf = ({ limit = 20, cursor }: PageQuery) => ({
  limit,
  below: cursor === undefined ? undefined : fromCursor(cursor, 'string')[0],
})

const toServiceKey = ({ id, name, created_by, created_at, last_used_at }: KeyRecord): ServiceKey => {
  return { id, name, created_by, created_at, last_used_at }
}
