// Passwords: hashed with argon2id behind a gate, and refused when everybody uses them.
import { gate } from '../lib/gate'
import { invalid } from '../lib/errors'
import { createHashing, type Hashing } from './hashing'
import { MAX_PASSWORD, MIN_PASSWORD } from './model'

/** A hash at the same cost of a password nobody knows: unknown people take as long as known ones. */
const DUMMY =
  '$argon2id$v=19$m=19456,t=2,p=1$c29tZS1zYWx0LW9mLTMyLWJ5dGVzLWZvci11cw$Q29Bf0P1m8cVwT0n0yqzv1D9n1l7yVvM3Q6xk0rQd3U'

/** Asked and told inside the gate, where attempts that came together pass one after the other. */
export interface Attempt {
  /** Throws where there were too many. */
  mayTry(): void
  failed(): void
}

/** Sign-ins, and whatever else makes or checks a password, that may wait for their turn. */
export const MAX_HASHES_WAITING = 128

export type Passwords = ReturnType<typeof createPasswords>

interface Account {
  password_hash: string | null
}

/** As many hashes run at once as `hashing` allows; 128 more may wait, then 503 `busy`. */
export function createPasswords(hashing: Hashing = createHashing()) {
  const pass = gate(hashing.atOnce, MAX_HASHES_WAITING, 'Too many sign-ins at once.')

  /** Without a hash the answer is false, after the same work. */
  async function fits(password: string, hash: string | null): Promise<boolean> {
    const asked = hash ?? DUMMY
    return (await hashing.verify(known(password, asked), asked)) && hash !== null
  }

  return {
    /** How many hashes run, and how many wait. */
    load: pass.load,

    hash: (password: string) => pass(() => hashing.hash(password)),

    /** Whether the password fits. */
    fits: (password: string, hash: string | null) => pass(() => fits(password, hash)),

    /**
     * The account that the password fits, or null. It is looked up when it is its turn: of hundreds who come at once
     * nothing is asked before. A wrong password, an account without one and an account that is not there cost the same.
     */
    owner: <T extends Account>(
      password: string,
      find: () => Promise<T | null>,
      attempt: Attempt,
    ): Promise<T | null> =>
      pass(async () => {
        attempt.mayTry()
        const account = await find()
        if (await fits(password, account?.password_hash ?? null)) return account
        attempt.failed()
        return null
      }),
  }
}

/** Whether a hash came from elsewhere, and is to be replaced at the next sign-in. */
export const isForeign = (hash: string | null): boolean => hash !== null && hash.startsWith(BCRYPT)

const BCRYPT = '$2'

/** bcrypt reads 72 bytes and no more; Bun makes a digest of longer passwords, which older hashes know nothing of. */
const known = (password: string, hash: string): string | Uint8Array =>
  isForeign(hash) ? Buffer.from(password).subarray(0, 72) : password

/** 422 for a password that is too short, too long, one's own name, or among the 49,000 used most. */
export async function mustBeGoodPassword(
  password: string,
  names: (string | null | undefined)[],
  field = 'password',
) {
  const refused = (code: string, detail: string) => invalid(`body/${field}`, code, detail)
  if (password.length < MIN_PASSWORD)
    throw refused('too_short', `A password has at least ${MIN_PASSWORD} characters.`)
  if (Buffer.byteLength(password) > MAX_PASSWORD)
    throw refused('too_long', 'A password has at most 1024 bytes.')
  const folded = password.toLowerCase()
  if (names.some(name => name?.toLowerCase() === folded))
    throw refused('too_common', 'Your name is no password.')
  if ((await commonPasswords()).has(folded))
    throw refused('too_common', 'This password is one that many people use.')
}

let common: Promise<Set<string>> | undefined

/** Loaded at the first use: 49,000 words would slow down every start. */
const commonPasswords = () =>
  (common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common']),
  ))
