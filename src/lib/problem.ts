// RFC 9457 problem details: the one shape of every error answer.
import { Type, type Static } from '@sinclair/typebox'
import type { AppError } from './errors'

export const Problem = Type.Object(
  {
    type: Type.String({
      description:
        '`about:blank`, since `code` tells the kind; but for too many requests the type that is registered.',
    }),
    title: Type.String({ description: 'The name of the HTTP status, or of the type.' }),
    status: Type.Integer(),
    code: Type.String({ description: 'A stable machine code, the same over REST and sockets.' }),
    detail: Type.String({ description: 'For people; never repeats what was sent.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          path: Type.String({ description: 'Where: `body/content`, `query/limit`.' }),
          code: Type.String({ description: 'What: `required`, `too_long`, …' }),
        }),
      ),
    ),
    'violated-policies': Type.Optional(
      Type.Array(Type.String(), { description: 'The names that `RateLimit-Policy` has for them.' }),
    ),
    request_id: Type.String({ description: 'Also in the `x-request-id` header and in the server log.' }),
  },
  { title: 'Problem', description: 'RFC 9457 problem details.' },
)
export type Problem = Static<typeof Problem>

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
}

export const titleOf = (status: number): string => titles[status] ?? 'Error'

/** Source: draft-ietf-httpapi-ratelimit-headers-11, 5. */
const QUOTA_EXCEEDED = {
  type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
  title: 'Request cannot be satisfied as assigned quota has been exceeded',
}

/** The HTTP answer for an error, with `Retry-After` and other headers it asks for. */
export function problemResponse(error: AppError, requestId: string): Response {
  const problem: Problem = {
    ...(error.policy ? QUOTA_EXCEEDED : { type: 'about:blank', title: titleOf(error.status) }),
    status: error.status,
    code: error.code,
    detail: error.detail,
    ...(error.errors && { errors: error.errors }),
    ...(error.policy && { 'violated-policies': [error.policy] }),
    request_id: requestId,
  }
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'x-request-id': requestId,
    ...error.headers,
  })
  if (error.retryAfter) headers.set('retry-after', String(error.retryAfter))
  return new Response(JSON.stringify(problem), { status: error.status, headers })
}
