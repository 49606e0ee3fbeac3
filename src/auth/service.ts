// Accounts: signing up, signing in, changing the password, and the administrator of the settings.
import { randomInt } from 'node:crypto'
import { forbidden, invalid, unauthorized } from '../lib/errors'
import { newId } from '../lib/ids'
import { nowIso } from '../lib/schema'
import { EMAIL_PATTERN } from '../users/model'
import { mustBeFree, mustBeUsername, toMe } from '../users/service'
import type { UserRecord, UserStore } from '../users/store'
import type { Attempts } from './attempts'
import type { Devices } from './devices'
import type { ChangePassword, Device, Login, Register, TokenPair } from './model'
import { isForeign, mustBeGoodPassword, type Passwords } from './passwords'
import type { Caller, Sessions } from './sessions'
import type { Static } from '@sinclair/typebox'

export type Auth = ReturnType<typeof createAuth>

export interface Administrator {
  username: string
  password: string
  email: string | null
  gender: string | null
  timezone: string | null
}

export function createAuth(
  users: UserStore,
  sessions: Sessions,
  devices: Devices,
  passwords: Passwords,
  attempts: Attempts,
) {
  /** The password may have been changed, or the account deleted, while it was checked: then nobody is signed in. */
  async function signIn(user: UserRecord, device?: Device, accessSeconds?: number): Promise<TokenPair> {
    const { session_id, ...pair } = await sessions.begin(user.id, device, accessSeconds)
    const now = await users.byId(user.id)
    if (now && !now.deleted_at && now.password_hash === user.password_hash) {
      await devices.tellBegun(session_id)
      return { user: toMe(user), ...pair }
    }
    await sessions.forget(session_id)
    throw wrongCredentials()
  }

  async function mustFit(name: string, password: string, address: string): Promise<UserRecord> {
    const attempt = attempts.of(name, address)
    attempt.mayTry()
    const find = () => (name.includes('@') ? users.byEmail(name) : users.byUsername(name))
    const user = await passwords.owner(password, find, attempt)
    if (!user) throw wrongCredentials()
    attempts.succeeded(name, address)
    return user
  }

  /** By person: a hash being replaced. Two sign-ins at once replace it once. */
  const renewing = new Map<string, Promise<UserRecord>>()

  /** A hash from an older service is replaced by our own, now that the password is known. */
  function renewed(user: UserRecord, password: string): UserRecord | Promise<UserRecord> {
    if (!isForeign(user.password_hash)) return user
    const renewal = renewing.get(user.id) ?? renew(user, password).finally(() => renewing.delete(user.id))
    renewing.set(user.id, renewal)
    return renewal
  }

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

  /** A free username out of an email: `ann@…` gives `ann`, or `ann_4821` where that is taken. */
  async function usernameFrom(email: string): Promise<string> {
    const base =
      (email.split('@')[0] ?? '')
        .replace(/[^\p{L}\p{N}]+|\p{Default_Ignorable_Code_Point}/gu, '_')
        .replace(/^_+|_+$/g, '')
        .match(/^.{1,24}/u)?.[0] ?? 'user'
    const isFree = isUsername(base) && !(await users.byUsername(base))
    return isFree ? base : `${base}_${randomInt(1000, 1_000_000)}`
  }

  return {
    /** Makes an account and signs it in. 409 where username or email are taken, 422 for a bad name or password. */
    async register(input: Register, address: string): Promise<TokenPair> {
      if (!input.username && !input.email)
        throw invalid('body/username', 'required', 'Give a username or an email.')
      if (input.username) mustBeUsername(input.username)
      await mustBeGoodPassword(input.password, [input.username, input.email])
      const username = input.username ?? (await usernameFrom(input.email as string))
      await mustBeUnused(username, input.email)
      const hash = await passwords.hash(input.password)
      const user = newUser({
        username,
        email: input.email ?? null,
        full_name: input.full_name ?? null,
        password_hash: hash,
      })
      mustBeFree(await users.insert(user))
      for (const name of [username, user.email]) if (name) attempts.begin(name, address)
      return signIn(user, input.device)
    },

    /**
     * Makes an account without a password and signs it in: a password can be set with `changePassword` while the
     * sign-in lasts. 409 where the email is taken.
     */
    async open(email: string, fullName: string): Promise<TokenPair> {
      if (await users.byEmail(email)) mustBeFree('email')
      for (;;) {
        const username = await usernameFrom(email)
        const user = newUser({ username, email, full_name: fullName, password_hash: null })
        const taken = await users.insert(user)
        // Somebody else was faster with a name that was free: another one is made.
        if (taken === 'username') continue
        mustBeFree(taken)
        return signIn(user)
      }
    },

    /**
     * Signs in by username or email. One answer, and equal work, for unknown names and wrong passwords: 401.
     * `accessSeconds` gives the access token another life than that of the settings.
     */
    async login(input: Login, address: string, accessSeconds?: number): Promise<TokenPair> {
      const name = input.email ?? input.username
      if (!name) throw invalid('body/username', 'required', 'Give a username or an email.')
      const user = await mustFit(name, input.password, address)
      const device = { name: input.device_name, ...input.device }
      return signIn(await renewed(user, input.password), device, accessSeconds)
    },

    async refresh(token: string, device?: Device): Promise<TokenPair> {
      const { user_id, ...pair } = await sessions.refresh(token, device)
      const user = await users.byId(user_id)
      if (!user || user.deleted_at) throw unauthorized()
      return { user: toMe(user), ...pair }
    },

    /** Sets a new password and ends all other sessions; 403 when the current one is wrong. */
    async changePassword(me: Caller, input: Static<typeof ChangePassword>): Promise<void> {
      const user = await this.mustConfirm(me, input.current_password)
      await mustBeGoodPassword(input.new_password, [user.username, user.email], 'new_password')
      const password_hash = await passwords.hash(input.new_password)
      await users.update(user.id, { password_hash, updated_at: nowIso() })
      await sessions.endAll(user.id, me.session_id)
    },

    /** The person behind a call, once the password fits: 403 otherwise, 429 after too many. Accounts without a password need none. */
    async mustConfirm(me: Caller, password: string | undefined): Promise<UserRecord> {
      const user = await users.byId(me.user_id)
      if (!user || user.deleted_at) throw unauthorized()
      if (user.password_hash === null) return user
      if (password === undefined)
        throw invalid('body/current_password', 'required', 'Give the current password.')
      const owner = await passwords.owner(password, async () => user, attempts.again(me))
      if (!owner) throw forbidden('wrong_password', 'The current password is wrong.')
      return owner
    },

    /**
     * Makes the administrator, or brings password and role up to date; done at each start. A name that is kept because
     * somebody left with it is taken over: whoever runs Natter has the say.
     */
    async ensureAdministrator({ password, username, email, gender, timezone }: Administrator): Promise<void> {
      mustBeUsername(username)
      if (email && !isEmail(email)) throw invalid('body/email', 'bad_format', 'This is no email address.')
      await mustBeGoodPassword(password, [username, email])
      const found = await users.byUsername(username)
      if (!found) await users.freeName(username)
      const hash = found?.password_hash ?? null
      const password_hash =
        hash && (await passwords.fits(password, hash)) ? hash : await passwords.hash(password)
      const facts = { role: 'admin' as const, gender, timezone, password_hash, ...(email && { email }) }
      if (found) mustBeFree(await users.update(found.id, { ...facts, updated_at: nowIso() }))
      else
        mustBeFree(
          await users.insert({ ...newUser({ username, email, full_name: null, password_hash }), ...facts }),
        )
      if (found && password_hash !== hash) await sessions.endAll(found.id)
    },
  }

  /** Saves the work of a hash; the store's unique keys decide in the end. */
  async function mustBeUnused(username: string, email?: string) {
    if (await users.byUsername(username)) mustBeFree('username')
    if (email && (await users.byEmail(email))) mustBeFree('email')
  }
}

const emailPattern = new RegExp(EMAIL_PATTERN)
const isEmail = (text: string) => emailPattern.test(text)

const wrongCredentials = () => unauthorized('wrong_credentials', 'The name or the password is wrong.')

function isUsername(name: string): boolean {
  try {
    mustBeUsername(name)
    return true
  } catch {
    return false
  }
}

type Named = Pick<UserRecord, 'username' | 'email' | 'full_name' | 'password_hash'>

function newUser(named: Named): UserRecord {
  const now = nowIso()
  const empty = { avatar: null, bio: null, status: null, gender: null, timezone: null, deleted_at: null }
  const unseen = { status_expires_at: null, last_seen: null, invisible: false, hide_last_seen: false }
  return { ...empty, ...unseen, ...named, id: newId(), role: 'user', created_at: now, updated_at: now }
}
