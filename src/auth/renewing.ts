// Hashes from an older service, replaced by our own at the first sign-in, when the password is known.
import { nowIso } from '../lib/schema'
import type { UserRecord, UserStore } from '../users/store'
import { isForeign, type Passwords } from './passwords'

/** Answers the person as stored from now on, given the password that fitted. Two sign-ins at once replace a hash once. */
export function createRenewing(users: UserStore, passwords: Passwords) {
  /** By person: a hash being replaced. */
  const renewing = new Map<string, Promise<UserRecord>>()

  async function renew(user: UserRecord, password: string): Promise<UserRecord> {
    const password_hash = await passwords.hash(password)
    const now = await users.byId(user.id)
    if (now && now.password_hash !== user.password_hash) {
      // Replaced by another sign-in, or changed: then the new password stays, and this sign-in is refused.
      return (await passwords.fits(password, now.password_hash)) ? now : user
    }
    await users.update(user.id, { password_hash, updated_at: nowIso() })
    return { ...user, password_hash }
  }

  return (user: UserRecord, password: string): UserRecord | Promise<UserRecord> => {
    if (!isForeign(user.password_hash)) return user
    const renewal = renewing.get(user.id) ?? renew(user, password).finally(() => renewing.delete(user.id))
    renewing.set(user.id, renewal)
    return renewal
  }
}
