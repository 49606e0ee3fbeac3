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
  const asked = new WeakMap<Request, Caller | Promise<Caller>>()
  /** How to take back that a request was counted by its address. */
  const takeBack = new WeakMap<Request, () => void>()

  async function ask(request: Request, token?: string): Promise<Caller> {
    const sent = token ?? bearerOf(request)
    if (!isKey(sent)) return sessions.caller(sent)
    const action = `${request.method} ${shownPath(new URL(request.url).pathname)}`
    return keys.actFor(sent, request.headers.get('x-acting-user'), action)
  }

  /** Without a wait where the token was checked before, as nearly all were. */
  function askAtOnce(token: string | null): Caller | null {
    const caller = token === null ? null : sessions.known(token)
    if (caller) rates.take('requests', caller)
    return caller
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

  function callerOf(
    request: Request,
    token?: string,
    address = () => addressOf(request),
  ): Caller | Promise<Caller> {
    const before = asked.get(request)
    if (before) return before
    const caller = askAtOnce(token ?? tokenOf(request)) ?? counted(ask(request, token), address)
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
  const fetchers = new WeakMap<Request, Caller | Promise<Caller>>()

  function fetcherOf(request: Request): Caller | Promise<Caller> {
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
      transform: ({ request }) => asMe(callerOf(request)),
      resolve: whoCame,
    },
    mayFetch: {
      detail: { security: [{ bearer: [] }, { password: [] }, { ticket: [] }] },
      transform: ({ request }) => asMe(fetcherOf(request)),
      resolve: whoCame,
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
      beforeHandle: (({ me }: Signed) => {
        rates.take('messages', me)
      }) as (context: object) => void,
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

type Signed = { me: Caller }

/**
 * In a `transform`, before validation, so that strangers learn nothing of a route. What it gives is there for all that
 * comes after, as after a `derive`, though not in the types: those know of nothing that it gives.
 */
const asMe = (asking: Caller | Promise<Caller>) =>
  (asking instanceof Promise ? asking.then(me => ({ me })) : { me: asking }) as unknown as Promise<void>

/**
 * In a `resolve`, which gives `me` its type. Waits for nothing, and takes its argument apart at once: Elysia waits for
 * what looks as if it did, and makes headers, cookies and query ready for what takes it whole.
 */
const whoCame = (({ me }: Signed) => ({ me })) as (context: object) => Signed

/** The token of an `Authorization: Bearer` header (RFC 6750, 2.1); null where there is none. */
function tokenOf(request: Request): string | null {
  const [scheme, token, more] = (request.headers.get('authorization') ?? '').split(' ')
  return scheme?.toLowerCase() !== 'bearer' || !token || more !== undefined ? null : token
}

/** The same; 401 where there is none. */
export function bearerOf(request: Request): string {
  const token = tokenOf(request)
  if (token === null) throw unauthorized()
  return token
}
