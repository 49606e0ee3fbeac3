// Hashing that costs next to nothing, where a test is about something else; spies on `Bun.password` see it.
import type { Hashing } from '../../src/auth/hashing'

export const cheapHashing: Hashing = {
  atOnce: 2,
  hash: password => Bun.password.hash(password, { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 }),
  verify: (password, hash) => Bun.password.verify(password, hash),
}
