// The guard of every route that needs a sign-in: `{ signedIn: true }` gives the handler `me`, and so does
// `{ mayFetch: true }` where a ticket for files will do.
import { Elysia } from 'elysia'
import { isKey, type Keys } from '../admin/servicekeys'
import { AppError, unauthorized } from '../lib/errors'
import { shownPath } from '../lib/http'
import { networkOf } from '../lib/network'
import type { OfAddress, OfPerson, Rates } from './rates'
import type { Caller, Sessions } from './sessions'

export type Guard = ReturnType<typeof createGuard>
export type Callers = ReturnType<typeof createCallers>

/**
 * Who asks: by an access token, or by a service key for the person named in `X-Acting-User`. A request is asked
 * about, and counted, once, however often this is called; 401 where the token is not good.
 */
export function createCallers(
  sessions: Sessions,
  keys: Keys,
  rates: Rates,
  addressOf: (request: Request) => string,
) {
  const asked = new WeakMap<Request, Promise<Caller>>()
  /** How to take back that a request was counted by its address. */
  const takeBack = new WeakMap<Request, () => void>()

  async function ask(request: Request, token?: string): Promise<Caller> {
    const sent = token ?? bearerOf(request)
    if (!isKey(sent)) return sessions.caller(sent)
    const action = `${request.method} ${shownPath(new URL(request.url).pathname)}`
    return keys.actFor(sent, request.headers.get('x-acting-user'), action)
  }

  /** Counts what is asked: of the person who is found, or of the address where nobody is. */
  async function counted(asking: Promise<Caller>, address: () => string): Promise<Caller> {
    let caller: Caller
    try {
      caller = await asking
    } catch (error) {
      if (error instanceof AppError && error.status === 401)
        rates.takeFrom('signed_out', networkOf(address()))
      throw error
    }
    rates.take('requests', caller)
    return caller
  }

  async function callerOf(
    request: Request,
    token?: string,
    address = () => addressOf(request),
  ): Promise<Caller> {
    const caller = asked.get(request) ?? counted(ask(request, token), address)
    asked.set(request, caller)
    return caller
  }

  /** Whether a service key asks, for nobody in particular: 401 where it is not good. */
  async function isKeyed(request: Request): Promise<boolean> {
    const token = request.headers.get('authorization')?.slice('Bearer '.length) ?? ''
    if (!isKey(token)) return false
    await counted(
      keys.mustBeGood(token).then(() => NOBODY),
      () => addressOf(request),
    )
    return true
  }

  /** Counts a request that needs no sign-in, by its address; service keys are never limited. */
  async function mustBeAllowed(request: Request, rate: OfAddress): Promise<Record<string, string>> {
    if (await isKeyed(request)) return {}
    const network = networkOf(addressOf(request))
    rates.takeFrom(rate, network)
    takeBack.set(request, () => rates.giveBackTo(rate, network))
    // Pictures are kept by caches, which would tell others what was left to one.
    return rate === 'pictures' ? {} : rates.fieldsOf(rate, network)
  }

  /** Who was sent away because others were at it comes again, and should not have used up what they may ask by then. */
  function giveBackIfBusy(request: Request, error: unknown) {
    if (error instanceof AppError && error.code === 'busy') takeBack.get(request)?.()
  }

  return Object.assign(callerOf, { counted, isKeyed, mustBeAllowed, giveBackIfBusy, rates })
}

const NOBODY: Caller = { user_id: '', session_id: '', until: 0, by_key: true }

/** Whom a route that finds people is asked for, in a part of a request that is not checked yet. */
function wordsSought(part: unknown): string[] {
  const { email, query, q } = (part ?? {}) as Record<string, unknown>
  return [email, query, q].filter(text => typeof text === 'string')
}

/** Refuses with 401 before fields are looked at; documents the route as one that needs a bearer token. */
export function createGuard(callerOf: Callers, sessions: Sessions, addressOf: (request: Request) => string) {
  const { rates } = callerOf
  const fetchers = new WeakMap<Request, Promise<Caller>>()

  async function fetcherOf(request: Request): Promise<Caller> {
    const ticket = new URL(request.url).searchParams.get('ticket')
    if (ticket === null) return callerOf(request)
    const fetcher =
      fetchers.get(request) ?? callerOf.counted(sessions.fileCaller(ticket), () => addressOf(request))
    fetchers.set(request, fetcher)
    return fetcher
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
    /** Counts a signed-in request once more, and more strictly, under this name. */
    takes: (rate: OfPerson) => ({
      transform: async ({ request, set }) => {
        const me = await callerOf(request)
        rates.take(rate, me)
        if (!me.by_key) Object.assign(set.headers, rates.fieldsOf(rate, me.user_id))
      },
    }),
    /**
     * Counts a signed-in request as a message. Told only when it is refused: the fields would take ten times as long
     * as the check.
     */
    writes: {
      beforeHandle: context => rates.take('messages', (context as unknown as { me: Caller }).me),
    },
    /** Counts what finds people as a search, or where a whole email is asked after, or taken, as a look-up. */
    finds: {
      transform: async ({ request, query, params, body }) => {
        const sought = [query, params, body].flatMap(wordsSought)
        if (sought.length === 0) return
        const isEmail = sought.some(text => text.includes('@', 1))
        rates.take(isEmail ? 'lookups' : 'searches', await callerOf(request))
      },
    },
    /** Counts a request that needs no sign-in under this name, by its address. */
    open: (rate: OfAddress) => ({
      transform: async ({ request, set }) =>
        void Object.assign(set.headers, await callerOf.mustBeAllowed(request, rate)),
    }),
  })
}

/** The token of an `Authorization: Bearer` header (RFC 6750, 2.1). */
export function bearerOf(request: Request): string {
  const [scheme, token, more] = (request.headers.get('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token || more !== undefined) throw unauthorized()
  return token
}
