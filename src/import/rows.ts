// Reading what older databases left untyped.
import type { Row } from '../storage/olddatabase'
import type { OldPerson } from './source'

/** The first of these fields that holds text (or an id), else null. NUL, which no text here has, is left out. */
export function textOf(row: Row, ...names: string[]): string | null {
  for (const name of names) {
    const text = toText(row[name])
    if (text !== '') return text
  }
  return null
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value.replaceAll('\0', '')
  if (typeof value === 'number') return String(value)
  if (isObjectId(value)) return value.toHexString()
  return isBinary(value) ? value.toString('hex') : ''
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

/** Times that can be written with four digits for the year. */
const [FIRST, LAST] = [0, Date.UTC(10_000, 0) - 1]

function toTime(value: unknown): Date | null {
  const ms =
    typeof value === 'string'
      ? parsed(value.trim())
      : typeof value === 'number'
        ? inMilliseconds(value)
        : value instanceof Date
          ? value.getTime()
          : Number.NaN
  return ms >= FIRST && ms <= LAST ? new Date(ms) : null
}

/** Python writes `str(datetime.now())` without a zone: it is taken as UTC. */
function parsed(text: string): number {
  const [, moment, zone = 'Z'] = /^(\d{4}-.*?)\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text) ?? []
  return Date.parse(moment === undefined ? text : moment.replace(' ', 'T') + zone)
}

/** Python's `time.time()` counts seconds: as milliseconds these would be days of 1970. */
const inMilliseconds = (time: number) => (Math.abs(time) < 1e11 ? time * 1000 : time)

interface ObjectId {
  toHexString(): string
  getTimestamp(): Date
}

const isA = (type: string, value: unknown) =>
  typeof value === 'object' && value !== null && (value as { _bsontype?: unknown })._bsontype === type

const isObjectId = (value: unknown): value is ObjectId => isA('ObjectId', value)

/** As UUIDs are stored. */
const isBinary = (value: unknown): value is { toString(encoding: 'hex'): string } => isA('Binary', value)

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

/** `_id` as text; what is no simple value as JSON, so that no two documents have one key. */
export const keyOf = (row: Row): string => textOf(row, '_id') ?? JSON.stringify(row._id)
