// The guard of every route that needs a sign-in: `{ signedIn: true }` gives the handler `me`, and so does
// `{ mayFetch: true }` where a ticket for files will do.
import { Elysia } from 'elysia'
import { unauthorized } from '../lib/errors'
import type { Caller, Sessions } from './sessions'

export type Guard = ReturnType<typeof createGuard>

/** Refuses with 401 before fields are looked at; documents the route as one that needs a bearer token. */
export function createGuard(sessions: Sessions) {
  const callers = new WeakMap<Request, Caller>()
  function fetcherOf(request: Request): Promise<Caller> {
    const ticket = new URL(request.url).searchParams.get('ticket')
    return ticket === null ? sessions.caller(bearerOf(request)) : sessions.fileCaller(ticket)
  }

  return new Elysia({ name: 'guard' }).macro({
    signedIn: {
      detail: { security: [{ bearer: [] }, { password: [] }] },
      // Before validation, so that strangers learn nothing of a route; `resolve`, which alone can give `me`, comes after.
      transform: async ({ request }) => void callers.set(request, await sessions.caller(bearerOf(request))),
      resolve: ({ request }) => ({ me: callers.get(request) as Caller }),
    },
    mayFetch: {
      detail: { security: [{ bearer: [] }, { password: [] }, { ticket: [] }] },
      transform: async ({ request }) => void (await fetcherOf(request)),
      resolve: async ({ request }) => ({ me: await fetcherOf(request) }),
    },
  })
}

/** The token of an `Authorization: Bearer` header (RFC 6750, 2.1). */
export function bearerOf(request: Request): string {
  const [scheme, token, more] = (request.headers.get('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token || more !== undefined) throw unauthorized()
  return token
}
