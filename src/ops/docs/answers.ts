// Every answer that an operation can give, each with a description and one content type.
import { isDialect } from '../../compat/dialect'
import { titleOf } from '../../lib/problem'
import { MEANINGS, RATE_LIMIT, RETRY_AFTER } from './about'
import type { Content, Hooks, RawOperation, Response, Route } from './document'
import { mapValues, refTo, tidy, type Named, type Schema } from './schemas'

export const JSON_TYPE = 'application/json'

export const responsesOf = (raw: RawOperation, route: Route, hooks: Hooks, schemas: Named) => ({
  ...successes(raw, schemas),
  ...errors(statusesOf(raw, route, hooks), isDialect(route.path) ? REFUSAL : PROBLEM),
})

function successes({ responses = {} }: RawOperation, schemas: Named): Record<string, Response> {
  const good = Object.entries(responses).filter(([status]) => Number(status) < 400)
  return mapValues(Object.fromEntries(good), (response, status) => {
    const said = inWords(response.title) ?? response.description ?? meaningOf(Number(status))
    const { content = {} } = response
    const [type] = JSON_TYPE in content ? [JSON_TYPE] : Object.keys(content)
    if (type === undefined) return { description: said }
    if (type.startsWith('image/')) return { description: said, content }
    const schema = tidy({ ...namesOf(response), ...content[type]?.schema }, schemas)
    return { description: said, content: { [type]: { schema } } }
  })
}

/** The plugin moves title and description of a schema to the response. */
const namesOf = ({ title, description }: Response): Schema => ({
  ...(title !== undefined && { title }),
  ...(description !== undefined && { description }),
})

/** `TokenPair` is "Token pair." */
const inWords = (title?: string) =>
  title && `${title.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)}.`

const meaningOf = (status: number) => MEANINGS[status] ?? titleOf(status)

/** What a route declares, and what holds for all of its kind. */
function statusesOf(
  raw: RawOperation,
  { method, path }: Pick<Route, 'method' | 'path'>,
  hooks: Hooks,
): number[] {
  const declared = Object.keys({ ...raw.responses, ...hooks.response }).map(Number)
  const all = [
    ...declared.filter(status => status >= 400),
    // 404: the person whom a service key acts for is unknown.
    ...(raw.security?.length ? [400, 401, 404, 429] : []),
    // A body is read also where none is asked for.
    ...(method === 'get' ? [] : [400, 413, 415, 422]),
    ...(raw.parameters?.length ? [422] : []),
    ...(path === '/health' ? [] : [500, 503]),
  ]
  return [...new Set(all)].sort((a, b) => a - b)
}

const errors = (statuses: number[], content: Content) =>
  Object.fromEntries(statuses.map(status => [String(status), errorResponse(status, content)]))

const errorResponse = (status: number, content: Content): Response => ({
  description: meaningOf(status),
  ...(status === 429 && { headers: { ...RETRY_AFTER, ...RATE_LIMIT } }),
  ...(status === 503 && { headers: RETRY_AFTER }),
  content,
})

const PROBLEM: Content = { 'application/problem+json': { schema: refTo('Problem') } }

/** What the older APIs answer. */
const REFUSAL: Content = { [JSON_TYPE]: { schema: refTo('Refusal') } }
