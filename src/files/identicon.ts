// A picture for those who have set none: drawn from their id, always the same.
import { toPng, type JdenticonConfig } from 'jdenticon'
import { LRUCache } from 'lru-cache'

/** Part of the ETag: another look must not be taken for the old one. */
export const LOOK = 'jdenticon3'

/** On a light ground, so that the grey shapes show on a dark page too. */
const STYLE: JdenticonConfig = { backColor: '#f4f4f4', padding: 0.1 }

/** Drawing takes milliseconds; these take some MB. */
const drawn = new LRUCache<string, Uint8Array>({ max: 1_000 })

/** A PNG of `size` pixels a side, the same for the same id (any text). */
export function identicon(id: string, size: number): Uint8Array {
  const key = `${size} ${id}`
  const known = drawn.get(key)
  if (known) return known
  // An id would be taken for a hash itself, and ids of one day look alike.
  const hash = new Bun.CryptoHasher('sha1').update(id).digest('hex')
  const png = toPng(hash, size, STYLE)
  drawn.set(key, png)
  return png
}
