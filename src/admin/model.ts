// Service keys and the log of their use, as administrators see them.
import { Type, type Static } from '@sinclair/typebox'
import { Cursor, Id, Limit, Nullable, Page, Time } from '../lib/schema'

export const NewKey = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 100, description: 'What the key is for.' }) },
  { title: 'NewKey', examples: [{ name: 'shop backend' }] },
)

const keyFields = { id: Id, name: Type.String(), created_by: Id, created_at: Time }

export const ServiceKey = Type.Object(
  { ...keyFields, last_used_at: Nullable(Time) },
  { title: 'ServiceKey', description: 'The key itself is shown only when it is made.' },
)
export type ServiceKey = Static<typeof ServiceKey>
export const ServiceKeyPage = Page(ServiceKey, 'ServiceKeyPage')

export const MadeKey = Type.Object(
  { ...keyFields, key: Type.String({ description: 'Shown this once; sent as a bearer token.' }) },
  { title: 'MadeKey' },
)
export type MadeKey = Static<typeof MadeKey>

export const AuditEntry = Type.Object(
  {
    id: Id,
    at: Time,
    key_id: Id,
    key_name: Type.String({ description: 'As it was then.' }),
    user_id: Nullable(
      Type.String({ description: 'For whom the key acted; null: for nobody in particular.' }),
    ),
    action: Type.String({ description: 'Method and path.' }),
  },
  { title: 'AuditEntry', description: 'One use of a service key.' },
)
export type AuditEntry = Static<typeof AuditEntry>
export const AuditPage = Page(AuditEntry, 'AuditPage')

export const ListAudit = Type.Object({
  key_id: Type.Optional(Id),
  user_id: Type.Optional(Id),
  limit: Limit,
  cursor: Cursor,
})
export type ListAudit = Static<typeof ListAudit>

export const KeyParams = Type.Object({ id: Id })
