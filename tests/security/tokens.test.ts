// Tokens that we did not make, not for this, or no more: at every door.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { knock } from '../support/doors'
import { call } from '../support/raw'
import { exchange, headOf, openingOf } from '../support/tcp'
import { claimsOf, forge } from '../support/tokens'
import { world, type World } from '../support/world'

setDefaultTimeout(60_000)

const nowhere = async (w: World, token: string) => {
  for (const [door, status] of Object.entries(await knock(w.url, token)))
    expect([door, status]).toEqual([door, 401])
}

const freely = () => world({ RATE_LIMITS: false })

test('2: a token without a signature, and one signed with another key, open no door', async () => {
  await using w = await freely()
  const good = claimsOf((await w.as('alice')).token)
  await nowhere(w, forge({ alg: 'none' }, good))
  await nowhere(w, forge({ alg: 'None' }, good, 'x'))
  await nowhere(w, forge({ alg: 'HS256' }, good, 'another secret that is long enough'))
  await nowhere(w, forge({ alg: 'HS256' }, good, ''))
})

test('2: our own signature under the same claims opens them: the test of this test', async () => {
  await using w = await freely()
  const good = claimsOf((await w.as('alice')).token)
  const doors = await knock(w.url, forge({ alg: 'HS256' }, good))
  expect(doors).toMatchObject({
    REST: 200,
    aws: 200,
    messaging: 200,
    react: 200,
    '/ws': 101,
    'react ws': 101,
  })
  expect(doors).toMatchObject({
    'Socket.IO': 200,
    chatnest: 404,
    admin: 403,
    'file ticket': 401,
    ticket: 401,
  })
})

test('3: HS512 and HS384 with our own secret open no door', async () => {
  await using w = await freely()
  const good = claimsOf((await w.as('alice')).token)
  for (const alg of ['HS512', 'HS384', 'hs256', 'RS256']) await nowhere(w, forge({ alg }, good))
})

test('4: without an end, past it, before its beginning, or with an end that is no number', async () => {
  await using w = await freely()
  const good = claimsOf((await w.as('alice')).token)
  const { exp, ...endless } = good
  for (const claims of [
    endless,
    { ...good, exp: 1 },
    { ...good, exp: Math.floor(Date.now() / 1000) - 1 },
    { ...good, exp: String(exp) },
    { ...good, exp: null },
    { ...good, nbf: exp },
    { ...good, nbf: 'soon' },
  ])
    await nowhere(w, forge({ alg: 'HS256' }, claims))
})

test('5: a token of another kind, for another audience or by another issuer', async () => {
  await using w = await freely()
  const alice = await w.as('alice')
  const good = claimsOf(alice.token)
  await nowhere(w, alice.refreshToken)
  for (const claims of [
    { ...good, typ: 'refresh' },
    { ...good, typ: ['access'] },
    { ...good, aud: 'others' },
    { ...good, iss: 'others' },
    { ...good, sub: '0'.repeat(24) },
    { ...good, sub: (await w.as('bob')).id },
    { ...good, sid: '0'.repeat(24) },
    { ...good, sid: { $ne: null } },
  ])
    await nowhere(w, forge({ alg: 'HS256' }, claims))
})

test('5: an access token refreshes nothing, and tickets are good for what they were made for alone', async () => {
  await using w = await freely()
  const alice = await w.as('alice')
  const refresh = (refresh_token: string) => call(w.url, 'POST', '/auth/refresh', { json: { refresh_token } })
  const ticket = async (json?: object) =>
    (await call(w.url, 'POST', '/auth/ticket', { token: alice.token, json })).body.ticket as string
  const [forFiles, forSockets] = [await ticket({ for: 'files' }), await ticket()]
  for (const wrong of [alice.token, forFiles, forSockets])
    expect((await refresh(wrong)).body).toMatchObject({ status: 401, code: 'bad_refresh_token' })
  const { 'file ticket': files, ...others } = await knock(w.url, forFiles)
  expect(files).toBe(404)
  expect(new Set(Object.values(others))).toEqual(new Set([401]))
  const file = `/files/${'f'.repeat(24)}?ticket=`
  expect((await call(w.url, 'GET', file + forSockets)).status).toBe(401)
  expect((await call(w.url, 'GET', file + alice.token, { token: alice.token })).status).toBe(401)
  expect(await openingOf(w.url, `/ws?ticket=${forSockets}`)).toBe(101)
})

test('6: a key that a token names is neither fetched nor read', async () => {
  await using w = await freely()
  const good = claimsOf((await w.as('alice')).token)
  let asked = 0
  using elsewhere = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: { open: () => void asked++, data() {} },
  })
  const jku = `http://127.0.0.1:${elsewhere.port}/keys.json`
  const jwk = {
    kty: 'oct',
    alg: 'HS256',
    k: Buffer.from('mine and long enough to be one').toString('base64url'),
  }
  for (const named of [
    { jku },
    { x5u: jku },
    { jwk },
    { kid: '../../../../dev/null' },
    { kid: "' UNION SELECT 'x" },
    { crit: ['b64'], b64: false },
  ]) {
    await nowhere(w, forge({ alg: 'HS256', ...named }, good, 'mine and long enough to be one'))
    await nowhere(w, forge({ alg: 'HS256', ...named }, good, ''))
  }
  expect(asked).toBe(0)
})

test('16: what is no bearer token is refused, at REST, sockets and older APIs', async () => {
  await using w = await freely()
  const alice = await w.as('alice')
  const authorizations = [
    [`Bearer ${alice.token}`, `Bearer ${alice.token}`],
    ['Bearer x', `Bearer ${alice.token}`],
    ['Bearer \0'],
    [`Bearer ${alice.token}\0`],
    [`Bearer ${'x'.repeat(20_000)}`],
    [`Bearer ${'x'.repeat(5_000)}`],
    [`Bearer\t${alice.token}`],
    [`Bearer ${alice.token} `, ''],
    ['Bearer é'],
    ['Basic OjE='],
    [''],
  ]
  for (const lines of authorizations) {
    const headers = [...lines.map(line => `Authorization: ${line}`), 'Connection: close']
    for (const path of ['/auth/me', '/compat/aws/users', '/compat/react/chats']) {
      const { status } = await exchange(w.url, headOf(w.url, `GET ${path}`, ...headers))
      expect([200, 400, 401, 431], `${path} ${lines.join(' | ').slice(0, 30)}`).toContain(status)
      // Blanks around a value are no part of it (RFC 9110, 5.5).
      if (status === 200) expect(lines.at(-1)).toBe('')
    }
  }
  expect((await call(w.url, 'GET', '/auth/me', { token: alice.token })).status).toBe(200)
})
