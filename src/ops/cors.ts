// Which pages of other origins may call, and what they may send and see.
import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'
import type { Config } from '../config'

/** Never with credentials: no cookie is set or read here. Source: the Fetch standard, 3.3 (CORS protocol). */
export const corsFor = (origin: Config['CORS_ORIGINS']) =>
  new Elysia({ name: 'pages of others' }).use(cors({ ...WAYS, origin })).onRequest(({ set }) => {
    // The plugin says so where any page may call, and no cache could keep a picture (RFC 9110, 12.5.5).
    if (set.headers.vary === '*') delete set.headers.vary
  })

const WAYS = {
  credentials: false,
  allowedHeaders: ['authorization', 'content-type', 'if-none-match', 'if-range', 'range', 'x-acting-user'],
  exposeHeaders: [
    'x-request-id',
    'retry-after',
    'ratelimit',
    'ratelimit-policy',
    'etag',
    'content-range',
    'content-disposition',
  ],
  maxAge: 600,
}
