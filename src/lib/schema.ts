// Schemas that every feature uses: ids, times, pages, and numbers in a query.
import { Type, type Static, type TNumber, type TOptional, type TSchema } from '@sinclair/typebox'
import { ID_PATTERN } from './ids'

export const Id = Type.String({ pattern: ID_PATTERN, description: 'Id: 24 lower-case hex digits.' })

export const Time = Type.String({
  description: 'ISO 8601 time in UTC with milliseconds.',
  examples: ['2026-01-31T12:00:00.000Z'],
})

/** A time that a client gives, after RFC 3339: with its zone, so that everybody means the same moment by it. */
export const GivenTime = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$',
    description: `${description} ISO 8601 with a zone (\`Z\` or \`+02:00\`).`,
    examples: ['2030-01-31T08:00:00.000Z'],
  })

export const Nullable = <T extends TSchema>(schema: T, options: { description?: string } = {}) =>
  Type.Union([schema, Type.Null()], options)

/**
 * Words of a query string that mean a whole number: digits only, so `1e3` and `0x10` are refused.
 * Typed as the number that handlers get and that Eden's callers give.
 */
const numberInQuery = (pattern: string, description: string) =>
  Type.Optional(
    Type.Transform(Type.String({ pattern, description, examples: ['20'] }))
      .Decode(Number)
      .Encode(String),
  ) as unknown as TOptional<TNumber>

export const Limit = numberInQuery('^([1-9][0-9]?|100)$', 'How many items at most: 1 to 100.')

export const SeqInQuery = (description: string) => numberInQuery('^(0|[1-9][0-9]{0,14})$', description)

/** Pixels: 1 to 1024. */
export const SizeInQuery = (description: string) =>
  numberInQuery('^([1-9][0-9]{0,2}|10[01][0-9]|102[0-4])$', description)

export const Cursor = Type.Optional(
  Type.String({ maxLength: 512, description: 'The `next` of the page before; opaque.' }),
)

export const PageQuery = Type.Object({ limit: Limit, cursor: Cursor })
export type PageQuery = Static<typeof PageQuery>

/** A list answer: `items`, and the cursor of the next page or null. */
export const Page = <T extends TSchema>(item: T, title: string) =>
  Type.Object({ items: Type.Array(item), next: Nullable(Type.String()) }, { title })

/** An answer that says only that it is done. */
export const Done = Type.Object({ ok: Type.Literal(true) }, { title: 'Done' })
export const done = { ok: true } as const

let writtenAt = 0
let written = ''

/** The time now, as `Time`; written once for all that asks within a millisecond. */
export function nowIso(): string {
  const now = Date.now()
  if (now === writtenAt) return written
  writtenAt = now
  return (written = new Date(now).toISOString())
}

/**
 * Cuts a page out of `limit + 1` rows: the extra row says that there is more.
 * `keyOf` gives the cursor of the last row handed out.
 */
export function pageOf<T>(
  rows: T[],
  limit: number,
  keyOf: (last: T) => string,
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: last !== undefined && rows.length > limit ? keyOf(last) : null }
}
