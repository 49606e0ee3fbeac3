// What the head of every request must be like, and which methods a path knows.
import { AppError } from './errors'

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i

/** With a shorter one the router looks for the path too far right: `Host: x` would turn /a/b into /b. */
const SHORTEST_HOST = 4

/** A name of 253 characters (RFC 1035) and a port. */
const LONGEST_HOST = 259

/**
 * 421 for a `Host` that is not well-formed, too long for a name, too short to be routed right, or no part of a URL, and
 * for one that is not among those `allowed`, whatever its port.
 */
export function mustHaveHost(request: Request, allowed: '*' | string[]) {
  const host = request.headers.get('host') ?? ''
  if (host === latest.host && allowed === latest.allowed) return
  mustBeHost(host, allowed)
  latest = { host, allowed }
}

/** The one that was good last: nearly every request comes under the same name. */
let latest: { host: string | null; allowed: '*' | string[] } = { host: null, allowed: '*' }

function mustBeHost(host: string, allowed: '*' | string[]) {
  const isBounded = host.length >= SHORTEST_HOST && host.length <= LONGEST_HOST
  const name = isBounded ? HOST.exec(host)?.[1] : undefined
  // What looks right may still be none, such as a port above 65535.
  if (!name || !URL.canParse(`http://${host}`))
    throw new AppError(421, 'bad_host', 'The Host header is not well-formed.')
  if (allowed !== '*' && !allowed.includes(name.toLowerCase()))
    throw new AppError(421, 'unknown_host', 'Nothing is served under this name.')
}

/** The path of a request's address, also where its host is one that no URL can have: Bun may leave that out. */
export const pathOf = (url: string): string => /^(?:\w+:\/\/[^/]*)?([^?#]*)/.exec(url)?.[1] ?? ''

/** 422 for parameters in bracket form (`limit[$gt]=1`), which mean an operator elsewhere and nothing here. */
export function mustBePlainQuery(request: Request) {
  const query = request.url.indexOf('?')
  if (query !== -1 && /[[\]$]|%5b|%5d|%24/i.test(namesOf(request.url.slice(query + 1)))) {
    throw new AppError(422, 'invalid', 'A query parameter has a name that is not allowed.', {
      errors: [{ path: 'query', code: 'unknown_parameter' }],
    })
  }
}

const namesOf = (query: string) => query.replace(/=[^&]*/g, '')

/** The methods other than this one under which a path is known: the `Allow` of a 405. */
export function methodsFor(path: string, routes: { method: string; path: string }[]): string[] {
  const methods = routes.filter(route => matches(route.path, path)).map(route => route.method)
  if (methods.includes('GET')) methods.push('HEAD')
  return [...new Set(methods)].sort()
}

/** Whether a request goes to one of these routes. */
export const isOneOf = (request: Request, routes: { method: string; path: string }[]): boolean =>
  routes.some(({ method, path }) => method === request.method && matches(path, pathOf(request.url)))

function matches(pattern: string, path: string): boolean {
  const wanted = segmentsOf(pattern)
  const given = segmentsOf(path)
  return (
    wanted.length === given.length && wanted.every((word, i) => word.startsWith(':') || word === given[i])
  )
}

const segmentsOf = (path: string) => path.split('/').filter(word => word !== '')

/** What is behind these in a path: a code that lets somebody in, words looked for, an email. */
const PRIVATE_PART = /(\/invites\/|^\/users\/search\/|^\/compat\/aws\/users\/)[^/]+/

/** A path as logs may show it. */
export const shownPath = (path: string): string => path.replace(PRIVATE_PART, '$1…')
