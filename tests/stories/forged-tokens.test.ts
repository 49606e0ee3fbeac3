// Tokens that we did not make, or not for this.
import { expect, test } from 'bun:test'
import { call } from '../support/raw'
import { claimsOf, forge } from '../support/tokens'
import { world } from '../support/world'

test('forged tokens are refused, each with 401 and nothing else', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const good = claimsOf(ann.token)
  const { exp: _, ...endless } = good
  const me = (token: string) => call(w.url, 'GET', '/auth/me', { token })
  expect((await me(forge({ alg: 'HS256' }, good))).status).toBe(200)
  const forged = [
    forge({ alg: 'none' }, good),
    forge({ alg: 'HS256' }, good, 'another secret that is long enough'),
    forge({ alg: 'HS512' }, good),
    forge({ alg: 'HS256' }, endless),
    forge({ alg: 'HS256' }, { ...good, exp: 1 }),
    forge({ alg: 'HS256' }, { ...good, exp: 'tomorrow' }),
    forge({ alg: 'HS256' }, { ...good, nbf: good.exp }),
    forge({ alg: 'HS256' }, { ...good, aud: 'others' }),
    forge({ alg: 'HS256' }, { ...good, iss: 'others' }),
    forge({ alg: 'HS256' }, { ...good, typ: 'refresh' }),
    forge({ alg: 'HS256' }, { ...good, sub: '0'.repeat(24) }),
    forge({ alg: 'HS256' }, { ...good, sid: '0'.repeat(24) }),
    forge(
      { alg: 'HS256', kid: '../../dev/null', jku: 'http://127.0.0.1:1/' },
      good,
      'wrong but long enough as a key',
    ),
    ann.token.slice(0, -2),
    `${ann.token} twice`,
    'x'.repeat(8_000),
    'null',
  ]
  for (const token of forged) {
    const { status, body, headers } = await me(token)
    expect([status, token.slice(0, 60)]).toEqual([401, token.slice(0, 60)])
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(JSON.stringify(body)).not.toContain(token.slice(-20))
  }
})

test('a socket without a good sign-in is refused before the upgrade', async () => {
  await using w = await world()
  const upgrade = (path: string, headers: Record<string, string> = {}) =>
    call(w.url, 'GET', path, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    })
  expect((await upgrade('/ws')).status).toBe(401)
  expect((await upgrade('/ws?ticket=nonsense')).status).toBe(401)
  expect((await upgrade('/ws/chat', { 'sec-websocket-protocol': 'natter.v1, bearer.nonsense' })).status).toBe(
    401,
  )
  const ann = await w.as('ann')
  expect((await upgrade(`/ws?token=${ann.token}`)).status).toBe(401)
  expect((await call(w.url, 'GET', '/ws', { token: ann.token })).status).toBe(426)
})
