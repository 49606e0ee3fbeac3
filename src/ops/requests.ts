// Around every request: its id, its bounds, one line in the log, and every failure as a problem.
import { Elysia, ParseError, ValidationError } from 'elysia'
import { isDialect, refusalResponse } from '../compat/dialect'
import type { Config } from '../config'
import { bodyKindOf, isLarge, readBody, tooLarge, type BodyKind } from '../lib/body'
import { AppError, badRequest, notFound, stopping } from '../lib/errors'
import { fieldErrorsOf } from '../lib/fields'
import { isOneOf, methodsFor, mustBePlainQuery, mustHaveHost, pathOf, shownPath } from '../lib/http'
import { newId } from '../lib/ids'
import { problemResponse } from '../lib/problem'
import { trickle } from '../lib/trickle'
import type { Log } from './log'
import type { Meters } from './metrics/meters'

export interface Known {
  method: string
  path: string
  hooks: { detail?: { 'x-body'?: BodyKind } }
}

interface Arrival {
  id: string
  at: number
  /** Asked at once: when the answer is out, the connection may be gone. */
  address: string
}

/** Hundreds who sign in at once, as after a restart, let those who are signed in in between. */
const STRANGERS_A_TURN = 8

/** `routes` is filled once the app is put together: what it knows, for 405 and `Allow`. */
export function requests(
  log: Log,
  addressOf: (request: Request) => string,
  routes: Known[],
  meters: Pick<Meters, 'refused' | 'answered'>,
  hosts: Config['ALLOWED_HOSTS'],
) {
  let kinds: Map<string, BodyKind> | undefined
  const kindOf = (method: string, path: string): BodyKind | undefined => {
    kinds ??= new Map(
      routes.flatMap(({ method, path, hooks }) => {
        const kind = bodyKindOf(hooks.detail)
        return kind ? [[`${method} ${path}`, kind]] : []
      }),
    )
    return kinds.get(`${method} ${path}`) ?? kinds.get(`ALL ${path}`)
  }

  const strangersPass = trickle(STRANGERS_A_TURN)

  function explain(error: unknown, request: Request, request_id: string): AppError {
    if (error instanceof AppError) return error
    if (error instanceof ValidationError && error.type !== 'response') return invalidFields(error)
    if (error instanceof ParseError && error.cause instanceof AppError) return error.cause
    // The client went away, or broke off: nothing of ours.
    if (error instanceof ParseError) return badRequest('bad_body', 'The body could not be read to its end.')
    if (isNotFound(error)) return unknownRoute(request, routes)
    log.error({ request_id, err: error }, 'unexpected error')
    return new AppError(500, 'internal', 'Something went wrong here. The request id finds it in the log.')
  }

  return new Elysia({ name: 'requests' })
    .decorate('arrival', null as Arrival | null)
    .onRequest(context => {
      const { request, set } = context
      const arrival = { id: newId(), at: performance.now(), address: addressOf(request) }
      context.arrival = arrival
      set.headers['x-request-id'] = arrival.id
      set.headers['x-content-type-options'] = 'nosniff'
      // Tokens and messages stay on no disk on the way; what may be kept says so itself.
      set.headers['cache-control'] = 'no-store'
      mustHaveHost(request, hosts)
    })
    .onParse({ as: 'global' }, async ({ request, route }) => {
      const kind = kindOf(request.method, route)
      if (kind !== 'own' && !request.headers.has('authorization')) await strangersPass()
      return (await readBody(request, kind)) ?? null
    })
    .onError({ as: 'global' }, ({ error, request, set, arrival }) => {
      const id = arrival?.id ?? newId()
      const known = explain(error, request, id)
      set.status = known.status
      meters.refused(known.code)
      return isDialect(pathOf(request.url)) ? refusalResponse(known, id) : problemResponse(known, id)
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, set, responseValue, arrival }) => {
      if (!arrival) return
      const { id, at, address } = arrival
      const took = performance.now() - at
      meters.answered(request.method, route, statusOf(set.status, responseValue), took)
      if (!log.isLevelEnabled('info')) return
      const path = shownPath(pathOf(request.url))
      const ms = Math.round(took * 10) / 10
      log.info({ request_id: id, method: request.method, path, status: set.status, ms, address }, 'request')
    })
}

/** What else is refused before anything is looked at; after CORS, so that pages can read why. */
export function bounds(routes: Known[], isDraining: () => boolean) {
  let own: Known[] | undefined
  const readingThemselves = () => (own ??= routes.filter(({ hooks }) => bodyKindOf(hooks.detail) === 'own'))

  return new Elysia({ name: 'bounds' }).onRequest(({ request }) => {
    if (isDraining()) throw stopping()
    mustBePlainQuery(request)
    if (isLarge(request) && !isOneOf(request, readingThemselves())) throw tooLarge()
  })
}

/** What a handler answers as a Response has a status of its own. */
const statusOf = (status: unknown, answer: unknown): number =>
  answer instanceof Response ? answer.status : Number(status) || 200

const isNotFound = (error: unknown) => (error as { code?: unknown } | null)?.code === 'NOT_FOUND'

function invalidFields(error: ValidationError): AppError {
  const { validator } = error
  const errors = fieldErrorsOf(error.type, 'Errors' in validator ? validator.Errors(error.value) : [])
  return new AppError(422, 'invalid', 'Some fields are missing or not as they should be; see errors.', {
    errors,
  })
}

function unknownRoute(request: Request, routes: Known[]): AppError {
  const methods = methodsFor(pathOf(request.url), routes)
  if (methods.length === 0 || methods.includes(request.method)) return notFound('route')
  const allow = methods.join(', ')
  return new AppError(405, 'method_not_allowed', `This route knows ${allow}.`, { headers: { allow } })
}
