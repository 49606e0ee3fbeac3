// The guard of every route that needs a sign-in: `{ signedIn: true }` gives the handler `me`, and so does
// `{ mayFetch: true }` where a ticket for files will do.
import { Elysia } from 'elysia'
import { isKey, type Keys } from '../admin/servicekeys'
import { unauthorized } from '../lib/errors'
import { shownPath } from '../lib/http'
import type { Caller, Sessions } from './sessions'

export type Guard = ReturnType<typeof createGuard>
export type Callers = ReturnType<typeof createCallers>

/**
 * Who asks: by an access token, or by a service key for the person named in `X-Acting-User`. A request is asked
 * about once, however often this is called; 401 where the token is not good.
 */
export function createCallers(sessions: Sessions, keys: Keys) {
  const asked = new WeakMap<Request, Promise<Caller>>()

  function ask(request: Request, token: string): Promise<Caller> {
    if (!isKey(token)) return sessions.caller(token)
    const action = `${request.method} ${shownPath(new URL(request.url).pathname)}`
    return keys.actFor(token, request.headers.get('x-acting-user'), action)
  }

  return async (request: Request, token = bearerOf(request)): Promise<Caller> => {
    const caller = asked.get(request) ?? ask(request, token)
    asked.set(request, caller)
    return caller
  }
}

/** Refuses with 401 before fields are looked at; documents the route as one that needs a bearer token. */
export function createGuard(callerOf: Callers, sessions: Sessions) {
  function fetcherOf(request: Request): Promise<Caller> {
    const ticket = new URL(request.url).searchParams.get('ticket')
    return ticket === null ? callerOf(request) : sessions.fileCaller(ticket)
  }

  return new Elysia({ name: 'guard' }).macro({
    signedIn: {
      detail: { security: [{ bearer: [] }, { password: [] }] },
      // Before validation, so that strangers learn nothing of a route; `resolve`, which alone can give `me`, comes after.
      transform: async ({ request }) => void (await callerOf(request)),
      resolve: async ({ request }) => ({ me: await callerOf(request) }),
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
