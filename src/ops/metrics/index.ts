// What Prometheus collects, for those who may read it.
import { Elysia } from 'elysia'
import { bearerOf, type Callers } from '../../auth/guard'
import type { Caller } from '../../auth/sessions'
import { problems } from '../../lib/answers'
import { CONTENT_TYPE, expose } from './exposition'
import { familiesOf, type Sources } from './families'

/**
 * `GET /metrics`, for whoever has `METRICS_TOKEN`, and for administrators. Not for everyone near: behind a proxy on
 * the same machine all the world has an address of this machine.
 */
export function metricsRoutes(
  sources: Sources,
  token: string | null,
  callerOf: Callers,
  mustBeAdministrator: (caller: Caller) => Promise<void>,
) {
  const isToken = token === null ? () => false : sameAs(token)

  async function mustBeReader(request: Request) {
    if (!isToken(bearerOf(request))) await mustBeAdministrator(await callerOf(request))
  }

  return new Elysia({ name: 'metrics', detail: { tags: ['ops'] } }).get(
    '/metrics',
    async ({ request }) => {
      await mustBeReader(request)
      return new Response(expose(familiesOf(sources)), {
        headers: { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' },
      })
    },
    {
      response: problems(400, 401, 403, 404),
      detail: {
        summary: 'Metrics for Prometheus',
        description:
          'In the text format 0.0.4, for a bearer of `METRICS_TOKEN` and for administrators. Nothing in it names a ' +
          'person or a chat.',
        security: [{ bearer: [] }, { password: [] }],
        responses: {
          200: { description: 'The metrics.', content: { 'text/plain': { schema: { type: 'string' } } } },
        },
      },
    },
  )
}

/** Compares hashes, so that the time taken tells nothing. */
function sameAs(secret: string) {
  const wanted = hashOf(secret)
  return (given: string) => crypto.timingSafeEqual(hashOf(given), wanted)
}

const hashOf = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
