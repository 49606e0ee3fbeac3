// One operation of the OpenAPI document: its name, its parameters and its body.
import { OptionalKind } from '@sinclair/typebox'
import { Limit, SeqInQuery, SizeInQuery } from '../../lib/schema'
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
    responses: responsesOf(raw, route, hooks, schemas),
  }
}

/**
 * `get /chats/{id}/messages/{mid}` is `getChatMessage`; a word before a parameter stands for one of many.
 * `post /compat/messaging/create-room` is `postMessagingCreateRoom`.
 */
export function readableId(method: string, path: string): string {
  const words = path.split('/').filter(word => word !== '' && word !== 'compat')
  const named = words.flatMap((word, i) => {
    if (word.startsWith('{')) return []
    return words[i + 1]?.startsWith('{') ? word.replace(/s$/, '') : word
  })
  const parts = named.flatMap(word => word.split(/[-_]/))
  return method + parts.map(part => part.charAt(0).toUpperCase() + part.slice(1)).join('')
}

function bodyOf({ requestBody }: RawOperation, hooks: Hooks, schemas: Named) {
  const [first] = Object.values(requestBody?.content ?? {})
  if (!first) return undefined
  const schema = tidy(first.schema, schemas)
  const uploaded = Object.keys(hooks.detail?.requestBody?.content ?? {})
  const read = bodyKindOf(hooks.detail) === 'form' ? [JSON_TYPE, FORM_TYPE] : [JSON_TYPE]
  const types = uploaded.length > 0 ? uploaded : read
  const content = Object.fromEntries(types.map(type => [type, { schema }]))
  return { required: hooks.body === undefined || !(OptionalKind in hooks.body), content }
}

/**
 * The plugin puts `examples` where OpenAPI wants a map, and shows numbers as the text they arrive as. In a query an
 * example would be filled in for everyone who tries a route out; in a path something has to be.
 */
function correctParameter(
  { name, in: place, required, description, examples, schema }: Parameter,
  schemas: Named,
) {
  const [example] = place === 'path' ? (examples ?? []) : []
  const number = NUMBERS.find(({ pattern }) => pattern === schema.pattern)
  return {
    name,
    in: place,
    required: required ?? false,
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    schema: number?.shown ?? tidy(schema, schemas),
  }
}

const patternOf = (schema: object) => (schema as Schema).pattern

const NUMBERS = [
  { pattern: patternOf(SizeInQuery('')), shown: { type: 'integer', minimum: 1, maximum: 1024 } },
  { pattern: patternOf(Limit), shown: { type: 'integer', minimum: 1, maximum: 100 } },
  {
    pattern: patternOf(SeqInQuery('')),
    shown: { type: 'integer', minimum: 0, maximum: 999_999_999_999_999 },
  },
]
