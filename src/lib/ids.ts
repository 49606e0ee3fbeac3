// Ids in MongoDB's ObjectId form: 24 hex digits that grow with time.
import { randomBytes } from './random'

const processPart = randomBytes(5).toString('hex')
let counter = randomBytes(3).readUIntBE(0, 3)

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')

let newest = 0

/** Now, or later where the clock has been set back: ids grow all the same. */
const latest = () => (newest = Math.max(newest, Date.now()))

let second = 0
let beginning = ''

/** The first 9 bytes, which stay the same for a second. */
function beginningAt(now: number): string {
  const at = Math.floor(now / 1000)
  if (at === second) return beginning
  second = at
  return (beginning = hex(at, 8) + processPart)
}

/**
 * A new id: 4 bytes of seconds, 5 random bytes of this process, a 3-byte counter, as hex.
 * Ids of one process grow; ids of several processes sort by their second.
 * Source: the ObjectId specification of the MongoDB drivers.
 */
export function newId(now = latest()): string {
  counter = (counter + 1) & 0xffffff
  return beginningAt(now) + hex(counter, 6)
}

/** The smallest id that `newId` could have made at that time, or at the nearest that ids know: the end of a range of ids. */
export const firstIdAt = (time: number): string =>
  hex(Math.min(Math.max(0, Math.floor(time / 1000)), 0xffffffff), 8) + '0'.repeat(16)

export const ID_PATTERN = '^[0-9a-f]{24}$'
const idPattern = new RegExp(ID_PATTERN)

export const isId = (text: string): boolean => idPattern.test(text)
