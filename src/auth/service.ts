// Accounts: signing up, signing in, changing the password.
import { forbidden, invalid, unauthorized } from '../lib/errors'
import { randomBytes } from '../lib/random'
import { nowIso } from '../lib/schema'
import { isUsername, mustBeFree, mustBeUsername } from '../users/names'
import { newUser } from '../users/newuser'
import type { UserRecord, UserStore } from '../users/store'
import { toMe } from '../users/view'
import type { Attempts } from './attempts'
import type { Devices } from './devices'
import type { ChangePassword, Device, Login, Register, TokenPair } from './model'
import { mustBeGoodPassword, type Passwords } from './passwords'
import { createRenewing } from './renewing'
import type { Caller, Sessions } from './sessions'
import type { Static } from '@sinclair/typebox'

export type Auth = ReturnType<typeof createAuth>

export function createAuth(
  users: UserStore,
  sessions: Sessions,
  devices: Devices,
  passwords: Passwords,
  attempts: Attempts,
) {
  const renewed = createRenewing(users, passwords)

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

  /** A free username out of an email: `ann@…` gives `ann`, or `ann_4821` where that is taken. */
  async function usernameFrom(email: string): Promise<string> {
    const base =
      (email.split('@')[0] ?? '')
        .replace(/[^\p{L}\p{N}]+|\p{Default_Ignorable_Code_Point}/gu, '_')
        .replace(/^_+|_+$/g, '')
        .match(/^.{1,24}/u)?.[0] ?? 'user'
    const isFree = isUsername(base) && !(await users.byUsername(base))
    return isFree ? base : `${base}_${1000 + (randomBytes(4).readUInt32BE() % 999_000)}`
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
  }

  /** Saves the work of a hash; the store's unique keys decide in the end. */
  async function mustBeUnused(username: string, email?: string) {
    if (await users.byUsername(username)) mustBeFree('username')
    if (email && (await users.byEmail(email))) mustBeFree('email')
  }
}

const wrongCredentials = () => unauthorized('wrong_credentials', 'The name or the password is wrong.')
