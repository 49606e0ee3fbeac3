// The picture of somebody who has set none, drawn out of their id: the same for all time.
import { toSvg, type JdenticonConfig } from 'jdenticon'

const SIDE = 128

/** On a light ground, so that the grey shapes show on a dark page too. */
const STYLE: JdenticonConfig = { backColor: '#f4f4f4', padding: 0.1 }

/** An SVG without scripts or references; some microseconds of work, so it is never kept. */
export function identicon(id: string): string {
  // An id would be taken for a hash itself, and ids of one day look alike.
  const hash = new Bun.CryptoHasher('sha1').update(id).digest('hex')
  return toSvg(hash, SIDE, STYLE)
}
