// What may be a username, and who has it.
import { AppError, conflict, invalid } from '../lib/errors'
import { isId } from '../lib/ids'
import { keyOf } from './keys'
import { USERNAME_PATTERN } from './model'
import type { Taken } from './store'

const usernamePattern = new RegExp(USERNAME_PATTERN, 'u')
/** Letters that show nothing, such as the Hangul fillers: by one of them anybody would look like somebody else. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u
/** Words that mean something else in an address or a mention. */
const RESERVED = new Set(['me', 'all', 'everyone', 'here', 'deleted_user'])

/** 422 unless the name can be a username: letters and digits of any script with `.`, `_`, `-` between. */
export function mustBeUsername(username: string) {
  const refusal = refusalOf(username)
  if (refusal) throw refusal
}

export const isUsername = (name: string): boolean => refusalOf(name) === null

function refusalOf(username: string): AppError | null {
  const key = keyOf(username)
  if (RESERVED.has(key) || isId(key))
    return invalid('body/username', 'reserved', 'This username is reserved. Choose another.')
  if (usernamePattern.test(username) && !INVISIBLE.test(username)) return null
  return invalid(
    'body/username',
    'bad_username',
    'A username is 1 to 32 letters and digits with . _ - between them.',
  )
}

/** 409 where somebody else has the username or the email. */
export function mustBeFree(taken: Taken | null) {
  if (taken) throw conflict(`${taken}_taken`, `This ${taken} is already in use.`)
}
