// How people become documents, and documents people.
import { keyOf, searchTermsOf } from '../../users/keys'
import type { UserPatch, UserRecord } from '../../users/store'
import { toDate, toDateOrNull, toTime, toTimeOrNull, type UserDoc } from './collections'

const noEmail = (id: string) => `none:${id}`

export const keysOf = ({ id, username, email }: Pick<UserRecord, 'id' | 'username' | 'email'>) => ({
  username_key: keyOf(username),
  email_key: email === null ? noEmail(id) : keyOf(email),
})

/** What of a document a patch changes. */
export function changesOf(id: string, patch: UserPatch): Partial<UserDoc> {
  const {
    created_at: _,
    updated_at,
    deleted_at,
    status_expires_at,
    last_seen,
    ...rest
  } = patch as Partial<UserRecord>
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return {
    ...given,
    ...(rest.username !== undefined && { username_key: keyOf(rest.username) }),
    ...(rest.email !== undefined && { email_key: rest.email === null ? noEmail(id) : keyOf(rest.email) }),
    ...(updated_at !== undefined && { updated_at: toDate(updated_at) }),
    ...(deleted_at !== undefined && { deleted_at: toDateOrNull(deleted_at) }),
    ...(status_expires_at !== undefined && { status_expires_at: toDateOrNull(status_expires_at) }),
    ...(last_seen !== undefined && { last_seen: toDateOrNull(last_seen) }),
  }
}

/** What is left of somebody who is gone. */
export const erased = (id: string, at: Date): Partial<UserDoc> => ({
  username: '',
  email: null,
  email_key: noEmail(id),
  full_name: null,
  avatar: null,
  bio: null,
  status: null,
  status_expires_at: null,
  last_seen: null,
  invisible: false,
  hide_last_seen: false,
  gender: null,
  timezone: null,
  password_hash: null,
  terms: [],
  updated_at: at,
  deleted_at: at,
})

export const userDoc = ({
  id,
  created_at,
  updated_at,
  deleted_at,
  status_expires_at,
  last_seen,
  ...rest
}: UserRecord): UserDoc => ({
  _id: id,
  ...rest,
  ...keysOf({ id, ...rest }),
  terms: searchTermsOf(rest),
  created_at: toDate(created_at),
  updated_at: toDate(updated_at),
  deleted_at: toDateOrNull(deleted_at),
  status_expires_at: toDateOrNull(status_expires_at),
  last_seen: toDateOrNull(last_seen),
})

export const toUser = (doc: UserDoc): UserRecord => ({
  id: doc._id,
  username: doc.username,
  email: doc.email,
  full_name: doc.full_name,
  avatar: doc.avatar,
  bio: doc.bio,
  status: doc.status,
  role: doc.role,
  password_hash: doc.password_hash,
  gender: doc.gender,
  timezone: doc.timezone,
  created_at: toTime(doc.created_at),
  updated_at: toTime(doc.updated_at),
  deleted_at: toTimeOrNull(doc.deleted_at),
  // People from before presence lack the rest.
  status_expires_at: toTimeOrNull(doc.status_expires_at ?? null),
  last_seen: toTimeOrNull(doc.last_seen ?? null),
  invisible: doc.invisible ?? false,
  hide_last_seen: doc.hide_last_seen ?? false,
})
