// A picture for those who have set none: drawn from their id, always the same. One look, as PNG and as SVG.
import type { JdenticonConfig } from 'jdenticon'
import { LRUCache } from 'lru-cache'

/** Part of the ETag: another look must not be taken for the old one. */
export const LOOK = 'jdenticon3'

/** On a light ground, so that the grey shapes show on a dark page too. */
const STYLE: JdenticonConfig = { backColor: '#f4f4f4', padding: 0.1 }

/** Of an SVG, which is shown in every size. */
const SIDE = 128

/** Drawing takes milliseconds; these take some MB. */
const drawn = new LRUCache<string, Uint8Array>({ max: 1_000 })

/** Loaded by the first picture that is drawn: most starts need it never. */
const drawing = () => import('jdenticon')

/** An id would be taken for a hash itself, and ids of one day look alike. */
const hashOf = (id: string) => new Bun.CryptoHasher('sha1').update(id).digest('hex')

/** A PNG of `size` pixels a side, the same for the same id (any text). */
export async function identicon(id: string, size: number): Promise<Uint8Array> {
  const key = `${size} ${id}`
  const known = drawn.get(key)
  if (known) return known
  const { toPng } = await drawing()
  const png = toPng(hashOf(id), size, STYLE)
  drawn.set(key, png)
  return png
}

/** The same as an SVG without scripts or references; some microseconds of work, so it is never kept. */
export async function identiconAsSvg(id: string): Promise<string> {
  const { toSvg } = await drawing()
  return toSvg(hashOf(id), SIDE, STYLE)
}
