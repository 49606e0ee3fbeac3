// No route without a sign-in but those that are meant to be open: every method, every spelling of its path.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { requestOf } from '../support/operations'
import { call } from '../support/raw'
import { everyRoute, operationsOf, templateOf } from '../support/routes'
import { openingOf } from '../support/tcp'
import { world } from '../support/world'

setDefaultTimeout(60_000)

/** Signing in and up, pictures for pages, and whether the server is there. */
const OPEN = [
  'POST /auth/register',
  'POST /auth/login',
  'POST /auth/token',
  'POST /auth/refresh',
  'GET /users/{id}/avatar',
  'GET /chats/{id}/avatar',
  'POST /compat/aws/users',
  'GET /compat/aws/static/{file}',
  'POST /compat/messaging/signup',
  'POST /compat/messaging/login',
  'POST /compat/react/register',
  'POST /compat/react/login',
  'GET /compat/react/server_status',
  'GET /health',
  'GET /ready',
]

/** Pages, their files, and the door of Socket.IO, which asks for the sign-in once it is open. */
const HIDDEN = [/^\/$/, /^\/docs/, /^\/redoc$/, /^\/static\//, /^\/compat\/react$/, /^\/socket\.io\/$/, /\*/]

const isSocket = (path: string) => /(^|\/)ws(\/|$)/.test(path)
const REFUSED = [400, 401, 404, 405, 426]

test('1: every route of the document asks for a sign-in, but for those on the list', async () => {
  await using w = await world({ RATE_LIMITS: false })
  const document = (await call(w.url, 'GET', '/docs/json')).body
  const opened: string[] = []
  for (const operation of operationsOf(document)) {
    const { path, json } = requestOf(document, operation, new Map())
    const method = operation.method.toUpperCase()
    const name = `${method} ${operation.path}`
    if (isSocket(path)) {
      expect([name, await openingOf(w.url, path)]).toEqual([name, 401])
      continue
    }
    const { status, headers } = await call(w.url, method, path, { json })
    if (status !== 401 || OPEN.includes(name)) opened.push(name)
    else expect([name, headers.get('www-authenticate')]).toEqual([name, 'Bearer'])
  }
  expect(opened.toSorted()).toEqual(OPEN.toSorted())
})

test('1: routes that the document does not tell of are pages, their files and Socket.IO', async () => {
  const hidden = (await everyRoute()).filter(
    ({ hooks, method }) => hooks.detail?.hide && method !== 'OPTIONS',
  )
  for (const { path } of hidden) expect([path, HIDDEN.some(known => known.test(path))]).toEqual([path, true])
})

test('1: another spelling of a path, or another method, opens nothing', async () => {
  await using w = await world({ RATE_LIMITS: false })
  const routes = (await everyRoute()).filter(
    ({ hooks, method }) => !hooks.detail?.hide && method !== 'OPTIONS',
  )
  const closed = routes.filter(({ method, path }) => !OPEN.includes(`${method} ${templateOf(path)}`))
  const isOpen = (method: string, path: string) =>
    OPEN.some(name => name.startsWith(`${method} `) && samePlace(name.split(' ')[1] as string, path))
  for (const { method, path } of closed) {
    const real = path.replace(/:\w+/g, '0'.repeat(24))
    const spellings = [
      `${real}/`,
      `/${real}`,
      real.toUpperCase(),
      `${real}?ticket=x`,
      `/.${real}`,
      `${real}%00`,
    ]
    for (const spelling of spellings) {
      if (isOpen(method, new URL(spelling, 'http://x').pathname)) continue
      const { status } = await call(w.url, method, spelling)
      expect(REFUSED, `${method} ${spelling} ${status}`).toContain(status)
    }
    const overridden = { headers: { 'x-http-method-override': 'OPTIONS', authorization: 'Basic OjE=' } }
    expect(REFUSED).toContain((await call(w.url, method, real, overridden)).status)
    if (method === 'GET') expect(REFUSED).toContain((await call(w.url, 'HEAD', real)).status)
  }
})

const samePlace = (template: string, path: string) =>
  new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}/?$`).test(path)
