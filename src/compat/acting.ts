// Who acts in the older APIs that name a person in the request itself instead of asking for a sign-in.
import { Elysia } from 'elysia'
import type { Keys } from '../admin/servicekeys'
import { bearerOf, type Callers } from '../auth/guard'
import type { OfPerson } from '../auth/rates'
import { forbidden } from '../lib/errors'
import { shownPath } from '../lib/http'

export type Acting = ReturnType<typeof createActing>

/**
 * The guard of routes that name a person: a request carries that person's token, or a service key, which may act for
 * anyone. `{ acting: true }` gives the handler `asker`, the id of the person whose token it is (null for a service
 * key), `as`, which answers an id that may be acted for: 403 where it is somebody else's, `takes`, which counts what
 * the person asks under a name, and `forNobody` for what concerns no person in particular.
 */
export function createActing(callerOf: Callers, keys: Keys) {
  async function askerOf(request: Request): Promise<string | null> {
    return (await callerOf.isKeyed(request)) ? null : (await callerOf(request)).user_id
  }

  /** The use of a key is logged before it takes place. */
  async function actFor(request: Request, asker: string | null, userId: string): Promise<string> {
    const action = `${request.method} ${shownPath(new URL(request.url).pathname)}`
    if (asker === null) return (await keys.actFor(bearerOf(request), userId, action)).user_id
    if (asker !== userId) throw forbidden('somebody_else', 'This token is for somebody else.')
    return asker
  }

  /** By the route, since the address may hold an email, which leaves no trace in the log. */
  async function actForNobody(request: Request, route: string, asker: string | null) {
    if (asker === null) await keys.actForNobody(bearerOf(request), `${request.method} ${route}`)
  }

  return new Elysia({ name: 'acting' }).macro({
    acting: {
      detail: { security: [{ bearer: [] }, { password: [] }] },
      // Before validation, as in the guard: strangers learn nothing of a route.
      transform: async ({ request }) => void (await askerOf(request)),
      resolve: async ({ request, route }) => {
        const asker = await askerOf(request)
        return {
          asker,
          as: (userId: string) => actFor(request, asker, userId),
          takes: (rate: OfPerson) => void (asker && callerOf.rates.take(rate, { user_id: asker })),
          forNobody: () => actForNobody(request, route, asker),
        }
      },
    },
  })
}
