// Which pages of other origins may call, and what they may send and see.
import { Elysia } from 'elysia'
import type { Config } from '../config'

const SENT = 'authorization, content-type, if-none-match, if-range, range, x-acting-user'
const SEEN =
  'x-request-id, retry-after, ratelimit, ratelimit-policy, etag, content-range, content-disposition'

/** How long a browser may remember what it was allowed (seconds). */
const REMEMBERED = '600'

/**
 * Never with credentials: no cookie is set or read here. What only a preflight asks is told to a preflight alone, since
 * each field costs every answer; and all of this waits for nothing, since then neither does a request.
 * Source: the Fetch standard, 3.3 (CORS protocol).
 */
export function cors(origins: Config['CORS_ORIGINS']) {
  return new Elysia({ name: 'cors' }).onRequest(function allow({ request, set }) {
    const { headers } = set
    headers['access-control-expose-headers'] = SEEN
    if (origins === '*') headers['access-control-allow-origin'] = '*'
    else {
      const origin = request.headers.get('origin')
      headers.vary = 'Origin'
      if (origin !== null && origins.includes(origin)) headers['access-control-allow-origin'] = origin
    }
    if (request.method !== 'OPTIONS') return
    headers['access-control-allow-methods'] = request.headers.get('access-control-request-method') ?? ''
    headers['access-control-allow-headers'] = SENT
    headers['access-control-max-age'] = REMEMBERED
    return new Response(null, { status: 204 })
  })
}
