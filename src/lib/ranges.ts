// Parts of a file and what a client has of it already: RFC 9110, 13 and 14.

/** A part of a file: both ends included, as in RFC 9110, 14.1.2. */
export interface ByteRange {
  start: number
  end: number
}

/** One range only: many in one request are refused work rather than an answer, and the whole is sent. */
const ONE_RANGE = /^bytes=(\d*)-(\d*)$/i

/**
 * The part asked for. Null: the whole, since nothing was asked for that is understood (RFC 9110, 14.2: a range that is
 * not understood is ignored). `unsatisfiable`: nothing of it is there.
 */
export function rangeOf(header: string | null, size: number): ByteRange | 'unsatisfiable' | null {
  const [, first, last] = ONE_RANGE.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || first + last === '') return null
  if (first === '') return suffix(Number(last), size)
  if (last !== '' && Number(last) < Number(first)) return null
  if (Number(first) >= size) return 'unsatisfiable'
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' {
  if (length === 0 || size === 0) return 'unsatisfiable'
  return { start: Math.max(0, size - length), end: size - 1 }
}

/** Whether an `If-None-Match` names this strong tag: compared weakly, as RFC 9110, 13.1.2 wants. */
export function hasTag(header: string | null, etag: string): boolean {
  if (header === null) return false
  return header.trim() === '*' || header.split(',').some(tag => tag.trim().replace(/^W\//, '') === etag)
}

/** Whether `If-Range` lets a range be answered: absent, or exactly this strong tag (RFC 9110, 13.1.5). */
export const mayBeRanged = (header: string | null, etag: string): boolean =>
  header === null || header.trim() === etag
