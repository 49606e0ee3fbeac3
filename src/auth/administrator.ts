// The administrator of the settings.
import { invalid } from '../lib/errors'
import { nowIso } from '../lib/schema'
import { EMAIL_PATTERN } from '../users/model'
import { mustBeFree, mustBeUsername } from '../users/names'
import { newUser } from '../users/newuser'
import type { UserStore } from '../users/store'
import { mustBeGoodPassword, type Passwords } from './passwords'
import type { Sessions } from './sessions'

export interface Administrator {
  username: string
  password: string
  email: string | null
  gender: string | null
  timezone: string | null
}

/**
 * Makes the administrator, or brings password and role up to date; done at each start. A name that is kept because
 * somebody left with it is taken over: whoever runs Natter has the say. Another password ends their sign-ins.
 */
export const administratorIn =
  (users: UserStore, sessions: Sessions, passwords: Passwords) =>
  async ({ password, username, email, gender, timezone }: Administrator): Promise<void> => {
    mustBeUsername(username)
    if (email && !isEmail(email)) throw invalid('body/email', 'bad_format', 'This is no email address.')
    await mustBeGoodPassword(password, [username, email])
    const found = await users.byUsername(username)
    if (!found) await users.freeName(username)
    const hash = found?.password_hash ?? null
    const password_hash =
      hash && (await passwords.fits(password, hash)) ? hash : await passwords.hash(password)
    const facts = { role: 'admin' as const, gender, timezone, password_hash, ...(email && { email }) }
    mustBeFree(
      found
        ? await users.update(found.id, { ...facts, updated_at: nowIso() })
        : await users.insert({ ...newUser({ username, email, full_name: null, password_hash }), ...facts }),
    )
    if (found && password_hash !== hash) await sessions.endAll(found.id)
  }

const emailPattern = new RegExp(EMAIL_PATTERN)
const isEmail = (text: string) => emailPattern.test(text)
