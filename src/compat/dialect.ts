// How the older APIs answer errors: as FastAPI does, with the status codes of the native API.
import { Type, type TSchema } from '@sinclair/typebox'
import { asBuilt, refusing } from '../lib/answers'
import type { AppError, FieldError } from '../lib/errors'

const PREFIX = '/compat/'

/** Whether a path belongs to one of the older APIs that are not the root itself. */
export const isDialect = (path: string): boolean => path.startsWith(PREFIX)

const Place = Type.Object(
  {
    loc: Type.Array(Type.String(), { description: 'Where: `["body", "username"]`.' }),
    msg: Type.String(),
    type: Type.String({ description: '`missing`, or what is wrong in one word.' }),
  },
  { title: 'RefusedField' },
)

export const Refusal = Type.Object(
  { detail: Type.Union([Type.String(), Type.Array(Place)]) },
  {
    title: 'Refusal',
    description: 'A sentence; for fields that are missing or not as they should be, a list of them.',
    examples: [{ detail: 'Sign in first: send a bearer token.' }],
  },
)

/** The `response` of a route: what it answers, by status, and the statuses of its refusals. */
export const replies = <const G extends Record<number, TSchema>, const S extends number[]>(
  good: G,
  ...bad: S
) => ({ ...asBuilt(good), ...refusals(...bad) })

/** The same of a route that answers something of its own. */
export const refusals = refusing(Refusal)

/** The HTTP answer for an error: `{"detail": …}`, which never holds what was sent. */
export function refusalResponse(error: AppError, requestId: string): Response {
  const headers = new Headers({
    'content-type': 'application/json',
    'x-request-id': requestId,
    ...error.headers,
  })
  if (error.retryAfter) headers.set('retry-after', String(error.retryAfter))
  const detail = error.status === 422 && error.errors ? error.errors.map(toPlace) : error.detail
  return new Response(JSON.stringify({ detail }), { status: error.status, headers })
}

function toPlace({ path, code }: FieldError) {
  const isMissing = code === 'required'
  return {
    loc: path.replace(/^params/, 'path').split('/'),
    msg: isMissing ? 'Field required' : code.replaceAll('_', ' '),
    type: isMissing ? 'missing' : code,
  }
}
