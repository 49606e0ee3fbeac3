// Reading what older databases left untyped.
import type { Row } from '../storage/olddatabase'
import type { OldPerson } from './source'

/** The first of these fields that holds text (or an id), else null. */
export function textOf(row: Row, ...names: string[]): string | null {
  for (const name of names) {
    const value = row[name]
    if (typeof value === 'string' && value !== '') return value
    if (typeof value === 'number') return String(value)
    if (isObjectId(value)) return value.toHexString()
  }
  return null
}

/** The texts and ids of a list; none where it is no list. */
export const textsOf = (row: Row, name: string): string[] =>
  listOf(row, name).flatMap(value => textOf({ value }, 'value') ?? [])

/** The objects of a list; none where it is no list. */
export const rowsOf = (row: Row, name: string): Row[] =>
  listOf(row, name).filter(value => value !== null && typeof value === 'object') as Row[]

const listOf = (row: Row, name: string): unknown[] => {
  const value = row[name]
  return Array.isArray(value) ? value : []
}

/** The first of these fields that holds a time, else the time in the document's ObjectId, else null. */
export function timeOf(row: Row, ...names: string[]): Date | null {
  for (const name of names) {
    const time = toTime(row[name])
    if (time) return time
  }
  return isObjectId(row._id) ? row._id.getTimestamp() : null
}

/** Python writes `str(datetime.now())` without a zone: it is taken as UTC. */
function toTime(value: unknown): Date | null {
  const text = typeof value === 'string' ? zoned(value.trim().replace(' ', 'T')) : value
  if (!(text instanceof Date) && typeof text !== 'string' && typeof text !== 'number') return null
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? null : time
}

const zoned = (text: string) => (/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`)

interface ObjectId {
  toHexString(): string
  getTimestamp(): Date
}

const isObjectId = (value: unknown): value is ObjectId =>
  typeof value === 'object' && value !== null && (value as { _bsontype?: unknown })._bsontype === 'ObjectId'

/** A person of whom nothing is told but these. */
export const person = (key: string, told: Partial<OldPerson>): OldPerson => ({
  key,
  aliases: [],
  username: null,
  email: null,
  full_name: null,
  avatar: null,
  bio: null,
  status: null,
  password: null,
  gender: null,
  timezone: null,
  created_at: null,
  ...told,
})

/** `_id` as text. */
export const keyOf = (row: Row): string => textOf(row, '_id', 'id') ?? ''
