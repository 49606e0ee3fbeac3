// JSON Schema as the documents show it: plain, short, and each schema with a name written once.

/** A piece of JSON Schema, or of a document that holds some. */
export interface Schema {
  [keyword: string]: unknown
  title?: string
  description?: string
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  anyOf?: Schema[]
  $ref?: string
}

export type Named = Record<string, Schema>

const LEFTOVERS = ['$id', 'elysiaMeta', 'nullable']

/** Moves every schema that has a title into `named`, leaves references, and writes unions in short form. */
export function tidy(schema: Schema, named: Named): Schema {
  const plain = tidyInside(schema, named)
  if (plain.title === undefined) return plain
  named[plain.title] = plain
  return refTo(plain.title)
}

export const refTo = (title: string): Schema => ({ $ref: `#/components/schemas/${title}` })

/** The same for what is within, while the schema itself stays where it is. */
export function tidyInside(schema: Schema, named: Named): Schema {
  const inner = (part: Schema) => tidy(part, named)
  const { properties, items, anyOf, patternProperties, ...rest } = schema
  for (const word of LEFTOVERS) delete rest[word]
  return shorten({
    ...rest,
    ...(properties && { properties: mapValues(properties, inner) }),
    ...(items && { items: inner(items) }),
    ...(anyOf && { anyOf: anyOf.map(inner) }),
    ...(patternProperties !== undefined && mapOf(patternProperties as Named, inner)),
  })
}

/** TypeBox writes a map with string keys as a pattern that fits every key. */
const mapOf = (patterns: Named, inner: (part: Schema) => Schema): Schema => ({
  additionalProperties: inner(Object.values(patterns)[0] ?? {}),
})

/** `anyOf` of constants becomes `enum`; `anyOf` of one plain type and null becomes `type: [it, 'null']`. */
function shorten(schema: Schema): Schema {
  const { anyOf, ...rest } = schema
  if (!anyOf) return schema
  if (anyOf.every(part => part.const !== undefined)) return { ...rest, ...asEnum(anyOf) }
  const [only, more] = anyOf.filter(part => part.type !== 'null')
  if (only === undefined || more !== undefined || typeof only.type !== 'string') return schema
  return { ...only, ...rest, ...orNull(only) }
}

const asEnum = (parts: Schema[]): Schema => ({ type: parts[0]?.type, enum: parts.map(part => part.const) })

const orNull = (only: Schema): Schema => ({
  type: [only.type as string, 'null'],
  ...(Array.isArray(only.enum) && { enum: [...only.enum, null] }),
})

export const mapValues = <A, B>(record: Record<string, A>, change: (value: A, key: string) => B) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)])) as Record<
    string,
    B
  >

/** In the order of the alphabet, so that a reader finds a name and a change shows as small. */
export const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
