// What a route answers: documented and typed, and not looked at once more when it is answered.
import type { TSchema } from '@sinclair/typebox'
import { Problem } from './problem'

/** What answers are held against: nothing, but in tests, where a field that no document tells is a failure. */
export const answering: { check(schema: TSchema, answer: unknown): void } = { check() {} }

/**
 * The `response` of a route: what it answers, by status, and the statuses of the problems it may answer.
 * So an answer is made of the fields that it shows, and never is a record as it is stored: nothing takes out the rest.
 */
export const answers = <const G extends Record<number, TSchema>, const S extends number[]>(
  good: G,
  ...bad: S
) => ({ ...asBuilt(good), ...problems(...bad) })

/** The statuses of refusals, all of which are told in one form. */
export const refusing =
  <P extends TSchema>(form: P) =>
  <const S extends number[]>(...statuses: S) =>
    asBuilt(Object.fromEntries(statuses.map(status => [status, form])) as { [K in S[number]]: P })

/** The `response` of a route that answers nothing else, or something of its own. */
export const problems = refusing(Problem)

/**
 * Schemas that take an answer as it is. Elysia would copy and check each one field by field, which takes longer than
 * to read a page of messages; it leaves that to schemas that say that they do it themselves.
 * Source: Standard Schema, version 1.
 */
export function asBuilt<R extends Record<number, TSchema>>(schemas: R): R {
  return Object.fromEntries(Object.entries(schemas).map(([status, schema]) => [status, taking(schema)])) as R
}

function taking(schema: TSchema): TSchema {
  const validate = (value: unknown) => {
    answering.check(schema, value)
    return { value }
  }
  // Not among its keys, which the documents show.
  const standard = { version: 1, vendor: 'natter', validate }
  return Object.defineProperty({ ...schema }, '~standard', { value: standard })
}
