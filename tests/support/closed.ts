// Holds what the app answers against its schemas, strictly: a field that no document tells would be a leak.
import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import { answering } from '../../src/lib/answers'

const compiled = new WeakMap<TSchema, TypeCheck<TSchema>>()

function checkOf(schema: TSchema): TypeCheck<TSchema> {
  const known = compiled.get(schema) ?? TypeCompiler.Compile(closed(schema))
  compiled.set(schema, known)
  return known
}

/** The same, but that no object has a field more; `Kind` and its like are symbols. */
export function closed<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(closed) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(
    Reflect.ownKeys(schema).map(key => [key, closed(schema[key as keyof T])]),
  ) as Record<string, unknown>
  const isOpen = inner.type === 'object' && 'properties' in inner && !('additionalProperties' in inner)
  return (isOpen ? { ...inner, additionalProperties: false } : inner) as T
}

/** Throws where an answer, as it is sent, is not what its schema tells. */
export function mustFit(schema: TSchema, answer: unknown) {
  if (answer instanceof Response) return
  const sent = JSON.parse(JSON.stringify(answer)) as unknown
  const wrong = checkOf(schema).Errors(sent).First()
  if (wrong) throw new Error(`An answer is not as documented: ${schema.title} ${wrong.path} ${wrong.message}`)
}

/** From here on every app of this process is held to it. */
export function closeAnswers() {
  answering.check = (schema, answer) => {
    try {
      mustFit(schema, answer)
    } catch (error) {
      console.error(error)
      throw error
    }
  }
}
