// One operation of the OpenAPI document: its name, its parameters and its body.
import { OptionalKind } from '@sinclair/typebox'
import { Limit, SeqInQuery } from '../../lib/schema'
import { bodyKindOf } from '../../lib/body'
import { JSON_TYPE, responsesOf } from './answers'
import type { Hooks, Operation, Parameter, RawOperation, Route } from './document'
import { tidy, type Named, type Schema } from './schemas'

const FORM_TYPE = 'application/x-www-form-urlencoded'

export function correctOperation(raw: RawOperation, route: Route, schemas: Named): Operation {
  const { tags, summary, description, security } = raw
  const hooks = route.hooks as Hooks
  const body = bodyOf(raw, hooks, schemas)
  const parameters = (raw.parameters ?? []).map(parameter => correctParameter(parameter, schemas))
  return {
    operationId: hooks.detail?.operationId ?? readableId(route.method, route.path),
    tags,
    summary,
    description,
    security: security ?? [],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responsesOf(raw, route.path, hooks, schemas),
  }
}

/** `get /chats/{id}/messages/{mid}` is `getChatMessage`; a word before a parameter stands for one of many. */
export function readableId(method: string, path: string): string {
  const words = path.split('/').filter(word => word !== '')
  const named = words.flatMap((word, i) => {
    if (word.startsWith('{')) return []
    return [words[i + 1]?.startsWith('{') ? word.replace(/s$/, '') : word]
  })
  return method + named.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function bodyOf({ requestBody }: RawOperation, hooks: Hooks, schemas: Named) {
  const [first] = Object.values(requestBody?.content ?? {})
  if (!first) return undefined
  const schema = tidy(first.schema, schemas)
  const types = bodyKindOf(hooks.detail) === 'form' ? [JSON_TYPE, FORM_TYPE] : [JSON_TYPE]
  const content = Object.fromEntries(types.map(type => [type, { schema }]))
  return { required: hooks.body === undefined || !(OptionalKind in hooks.body), content }
}

/** The plugin puts `examples` where OpenAPI wants a map, and shows numbers as the text they arrive as. */
function correctParameter({ name, in: place, required, description, schema }: Parameter, schemas: Named) {
  const number = NUMBERS.find(({ pattern }) => pattern === schema.pattern)
  return {
    name,
    in: place,
    required: required ?? false,
    ...(description !== undefined && { description }),
    schema: number?.shown ?? tidy(schema, schemas),
  }
}

const patternOf = (schema: object) => (schema as Schema).pattern

const NUMBERS = [
  { pattern: patternOf(Limit), shown: { type: 'integer', minimum: 1, maximum: 100 } },
  {
    pattern: patternOf(SeqInQuery('')),
    shown: { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 },
  },
]
