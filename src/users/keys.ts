// How names are compared: the same for both stores.
import { fold } from '../lib/folding'
import { termsOf } from '../lib/terms'

/** Usernames and emails that fold alike are the same: compatibility forms and case, accents kept. */
export const keyOf = (name: string): string => name.normalize('NFKC').toLowerCase()

/** The words a person is found by. */
export const searchTermsOf = (user: { username: string; full_name: string | null }): string[] => [
  ...new Set([fold(user.username), ...termsOf(user.username), ...termsOf(user.full_name ?? '')]),
]
