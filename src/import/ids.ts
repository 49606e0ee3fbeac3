// Ids of what is carried over: the same at every run, so that nothing is doubled.
import { createHash } from 'node:crypto'

/** An id in ObjectId form, of this time and of what it stands for: it sorts by time, as all ids do. */
export function idFor(at: Date, ...names: string[]): string {
  const seconds = Math.min(Math.max(0, Math.floor(at.getTime() / 1000)), 0xffffffff)
  const hash = createHash('sha256').update(names.join('\0')).digest('hex')
  return seconds.toString(16).padStart(8, '0') + hash.slice(0, 16)
}
