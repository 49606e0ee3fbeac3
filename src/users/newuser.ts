// Somebody who has just come.
import { newId } from '../lib/ids'
import { nowIso } from '../lib/schema'
import type { UserRecord } from './store'

type Named = Pick<UserRecord, 'username' | 'email' | 'full_name' | 'password_hash'>

/** An account as it begins: without anything that its person has not said yet. */
export function newUser(named: Named): UserRecord {
  const now = nowIso()
  const empty = { avatar: null, bio: null, status: null, gender: null, timezone: null, deleted_at: null }
  const unseen = { status_expires_at: null, last_seen: null, invisible: false, hide_last_seen: false }
  return { ...empty, ...unseen, ...named, id: newId(), role: 'user', created_at: now, updated_at: now }
}
