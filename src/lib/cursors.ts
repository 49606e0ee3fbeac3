// Opaque page cursors: what a list was sorted by, at the last item given.
import { badRequest } from './errors'

/** Packs the sort key of the last item of a page. Clients hand it back unread. */
export const toCursor = (...key: (string | number)[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url')

/**
 * Unpacks a cursor made by `toCursor` with as many parts, each of the type named.
 * Anything else is 400 `bad_cursor`. A cursor carries a position only, never a right to read.
 */
export function fromCursor<const T extends ('string' | 'number')[]>(
  cursor: string,
  ...types: T
): CursorKey<T> {
  const key = parse(cursor)
  const fits =
    Array.isArray(key) && key.length === types.length && types.every((type, i) => typeof key[i] === type)
  if (!fits || toCursor(...(key as string[])) !== cursor) {
    throw badCursor()
  }
  return key as CursorKey<T>
}

export const badCursor = () => badRequest('bad_cursor', 'The cursor is not one that this list gave out.')

type CursorKey<T> = { -readonly [I in keyof T]: T[I] extends 'string' ? string : number }

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
