// People as they are shown: to others, in few words, and to themselves.
import type { Me, User, UserCard } from './model'
import { UNSEEN, type Sighting } from './presence'
import { statusOf } from './status'
import type { UserRecord } from './store'

/** What others see of a person; `sighting` is left out where presence is not told. */
export function toUser(record: UserRecord, sighting: Sighting = UNSEEN): User {
  const { id, full_name, avatar, bio, created_at, updated_at } = record
  const { presence, last_seen } = sighting
  const shown = record.deleted_at
    ? { ...DELETED, avatar: null, bio: null, status: null, status_expires_at: null }
    : { username: record.username, full_name, avatar, bio, ...statusOf(record) }
  return { id, ...shown, presence, last_seen, created_at, updated_at }
}

export function toCard(record: UserRecord): UserCard {
  const { id, username, full_name, avatar } = toUser(record)
  return { id, username, full_name, avatar }
}

const DELETED = { username: 'deleted_user', full_name: 'Deleted user' }

/** The same with what is told to the person and to administrators. */
export const toWhole = (record: UserRecord, sighting?: Sighting): User & Pick<Me, 'email' | 'role'> => ({
  ...toUser(record, sighting),
  email: record.email,
  role: record.role,
})

export const toMe = (record: UserRecord, sighting?: Sighting): Me => ({
  ...toWhole(record, sighting),
  invisible: record.invisible,
  hide_last_seen: record.hide_last_seen,
})
