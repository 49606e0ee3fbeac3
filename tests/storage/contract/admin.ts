// The contract of service keys and the log of their use, for every engine.
import { describe, expect } from 'bun:test'
import type { AdminStore, AuditRecord, KeyRecord } from '../../../src/admin/store'
import { newId } from '../../../src/lib/ids'
import { atOnce, T0, T1, T2, withStores, type Open } from './samples'

const key = (more: Partial<KeyRecord> = {}): KeyRecord => ({
  id: newId(),
  name: 'shop backend',
  hash: newId(),
  created_by: newId(),
  created_at: T0,
  last_used_at: null,
  ...more,
})

const use = ({ id, name }: KeyRecord, user_id: string | null, at = T1): AuditRecord => {
  return { id: newId(), at, key_id: id, key_name: name, user_id, action: 'GET /chats' }
}

/** Everything that fits, read in pages of two. */
async function readAll(store: AdminStore, query: { key_id?: string; user_id?: string }) {
  const read: AuditRecord[] = []
  for (;;) {
    const page = await store.audit({ ...query, below: read.at(-1)?.id, limit: 2 })
    if (page.length === 0) return read
    read.push(...page)
  }
}

export function adminContract(open: Open) {
  const it = withStores(open)

  describe('service keys', () => {
    it('are found by hash and by id, just as stored', async ({ admin }) => {
      const stored = key({ name: 'Zoë’s "shop" 🔑', last_used_at: T1 })
      await admin.insertKey(stored)
      expect(await admin.keyByHash(stored.hash)).toEqual(stored)
      expect(await admin.key(stored.id)).toEqual(stored)
      expect(await admin.keyByHash(newId())).toBeNull()
      expect(await admin.key(newId())).toBeNull()
    })

    it('are listed newest first, in pages', async ({ admin }) => {
      const stored = [key(), key(), key()]
      for (const each of stored) await admin.insertKey(each)
      const [first, ...others] = stored.toReversed()
      expect(await admin.keys({ limit: 1 })).toEqual([first as KeyRecord])
      expect(await admin.keys({ below: first?.id, limit: 10 })).toEqual(others)
    })

    it('are removed once, and nothing else is', async ({ admin }) => {
      const [gone, stays] = [key(), key()]
      for (const each of [gone, stays]) await admin.insertKey(each)
      const answers = await atOnce(5, () => admin.deleteKey(gone.id))
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(await admin.keyByHash(gone.hash)).toBeNull()
      expect(await admin.keys({ limit: 10 })).toEqual([stays])
    })
  })

  describe('the log of their use', () => {
    it('is read by key, by person, by both, and as a whole', async ({ admin }) => {
      const [shop, bot] = [key(), key({ name: 'bot' })]
      for (const each of [shop, bot]) await admin.insertKey(each)
      const [ann, bob] = [newId(), newId()]
      const uses = [use(shop, ann), use(bot, ann), use(shop, bob), use(shop, ann), use(bot, null)]
      for (const each of uses) await admin.note(each)
      const [a, b, c, d, e] = uses as [AuditRecord, AuditRecord, AuditRecord, AuditRecord, AuditRecord]
      expect(await readAll(admin, {})).toEqual([e, d, c, b, a])
      expect(await readAll(admin, { key_id: bot.id })).toEqual([e, b])
      expect(await readAll(admin, { key_id: shop.id })).toEqual([d, c, a])
      expect(await readAll(admin, { user_id: ann })).toEqual([d, b, a])
      expect(await readAll(admin, { key_id: shop.id, user_id: ann })).toEqual([d, a])
      expect(await readAll(admin, { key_id: newId() })).toEqual([])
    })

    it('tells when a key was last used, and outlives it', async ({ admin }) => {
      const stored = key()
      await admin.insertKey(stored)
      await admin.note(use(stored, newId(), T2))
      expect((await admin.key(stored.id))?.last_used_at).toBe(T2)
      await admin.deleteKey(stored.id)
      expect(await readAll(admin, { key_id: stored.id })).toHaveLength(1)
    })

    it('drops what is too old and nothing else, also when repeated', async ({ admin }) => {
      const stored = key()
      const [old, young] = [use(stored, newId(), T0), use(stored, newId(), T1)]
      for (const each of [old, young]) await admin.note(each)
      await admin.dropAudit(T1)
      await admin.dropAudit(T1)
      expect(await readAll(admin, {})).toEqual([young])
    })
  })
}
