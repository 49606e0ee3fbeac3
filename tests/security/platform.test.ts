// Pages of others, pages of ours, repeats, and addresses that we would call.
import { describe, expect, test } from 'bun:test'
import { settle } from '../support/c1'
import { call } from '../support/raw'
import { pushService } from '../support/pushservice'
import { say } from '../support/chats'
import { world } from '../support/world'

const freely = (changed = {}) => world({ RATE_LIMITS: false, ...changed })

describe('52: pages of other origins', () => {
  const GOOD = 'https://chat.example'
  const paths = [
    '/health',
    '/auth/me',
    '/nope',
    '/compat/react/chats',
    '/files',
    '/docs/json',
    `/users/${'f'.repeat(24)}/avatar`,
    '/socket.io/?EIO=4&transport=polling',
  ]

  test('52: that are not on the list are allowed nothing, on any route, also in a preflight', async () => {
    await using w = await freely({ CORS_ORIGINS: [GOOD] })
    for (const origin of [
      'https://evil.example',
      'null',
      `${GOOD}.evil.example`,
      'http://chat.example',
      'https://CHAT.example',
      'chat.example',
    ])
      for (const path of paths)
        for (const method of ['GET', 'OPTIONS']) {
          const { headers } = await call(w.url, method, path, {
            headers: { origin, 'access-control-request-method': 'DELETE' },
          })
          expect([origin, path, headers.get('access-control-allow-origin')]).toEqual([origin, path, null])
          expect(headers.get('access-control-allow-credentials')).toBeNull()
        }
  })

  test('52: that are on it are told so by name, with Vary, and without credentials', async () => {
    await using w = await freely({ CORS_ORIGINS: [GOOD, 'https://other.example'] })
    for (const path of paths)
      for (const method of ['GET', 'OPTIONS']) {
        const { headers } = await call(w.url, method, path, {
          headers: { origin: GOOD, 'access-control-request-method': 'GET' },
        })
        expect([path, headers.get('access-control-allow-origin')]).toEqual([path, GOOD])
        expect(headers.get('vary')?.toLowerCase()).toContain('origin')
        expect(headers.get('access-control-allow-credentials')).toBeNull()
        expect(headers.get('access-control-allow-headers')).not.toContain('*')
      }
  })

  test('52: by default any may call, which no cookie makes dangerous: none is ever set or read', async () => {
    await using w = await freely()
    const { alice } = await settle(w)
    for (const path of ['/', '/docs', ...paths]) {
      const { headers } = await call(w.url, 'GET', path, {
        token: alice.token,
        headers: { origin: 'https://any.example' },
      })
      expect([path, headers.get('set-cookie')]).toEqual([path, null])
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
    const cookie = `token=${alice.token}; access_token=${alice.token}; session=${alice.token}`
    expect((await call(w.url, 'GET', '/auth/me', { headers: { cookie } })).status).toBe(401)
  })
})

test('54: a repeated send is one message, by its client_id in place of an Idempotency-Key: another body is 409', async () => {
  await using w = await freely()
  const { alice, bob, c1 } = await settle(w)
  const path = `/chats/${c1}/messages`
  const send = (token: string, content: string) =>
    call(w.url, 'POST', path, { token, json: { content, client_id: 'one' } })
  const atOnce = await Promise.all(Array.from({ length: 20 }, () => send(alice.token, 'Hello')))
  expect(new Set(atOnce.map(({ body }) => body.id)).size).toBe(1)
  expect(atOnce.map(({ status }) => status).toSorted()).toEqual([...Array(19).fill(200), 201])
  expect((await send(alice.token, 'Hello')).body).toEqual(atOnce[0]?.body)
  expect((await send(alice.token, 'Something else')).body).toMatchObject({
    status: 409,
    code: 'client_id_reused',
  })
  // The same words by somebody else are theirs: nobody learns of, or takes, another's.
  expect((await send(bob.token, 'Something else')).status).toBe(201)
})

describe('55: pages of ours', () => {
  test('55: load nothing from elsewhere, and run nothing that stands in them', async () => {
    await using w = await freely()
    for (const path of ['/', '/docs', '/redoc', '/docs/sockets']) {
      const { body, headers } = await call(w.url, 'GET', path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/script-src[^;]*'unsafe|https?:|\*/)
      for (const [, address] of body.matchAll(/(?:src|href)="([^"]*)"/g))
        expect(address).toMatch(/^(\/(?!\/)|#)|^https:\/\/[^"]+$/)
      for (const [, address] of body.matchAll(/<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]*)"/g))
        expect(address).toMatch(/^\/(?!\/)/)
      expect(body).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/)
      expect(body).not.toMatch(/\son\w+="/)
    }
  })

  test('55: are the documents alone, which are meant for all; nothing else of the inside has an address', async () => {
    await using w = await freely()
    const inside = [
      '/debug',
      '/debug/pprof',
      '/status',
      '/env',
      '/config',
      '/.env',
      '/.git/config',
      '/package.json',
      '/src/main.ts',
      '/data/natter.db',
      '/secret.key',
    ]
    inside.push(
      '/static/../package.json',
      '/static/..%2fpackage.json',
      '/static/.env',
      '/static/',
      '/swagger',
      '/docs/../package.json',
      '/server-status',
      '/actuator',
    )
    for (const path of inside) expect([path, (await call(w.url, 'GET', path)).status]).toEqual([path, 404])
  })
})

describe('57: addresses that the server would call', () => {
  const elsewhere = [
    'http://127.0.0.1/x',
    'https://127.0.0.1/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[::ffff:7f00:1]/x',
    'https://169.254.169.254/x',
    'https://localhost/x',
    'https://0/x',
    'https://127.1/x',
    'https://[::]/x',
    'https://metadata.google.internal/x',
    'file:///etc/passwd',
    'https://192.0.0.192/x',
    'https://[fec0::1]/x',
    'https://127.0.0.1.nip.io:1@127.0.0.1/x',
  ]

  test('57: are those of push services alone, and none of our own network, however it is written', async () => {
    using service = pushService()
    await using w = await freely()
    const { alice } = await settle(w)
    const { keys } = service.browser().subscription
    for (const endpoint of elsewhere) {
      const { status } = await call(w.url, 'PUT', '/push/subscriptions', {
        token: alice.token,
        json: { endpoint, keys },
      })
      expect([endpoint, status]).toEqual([endpoint, 422])
    }
  })

  test('57: are in no message, picture or profile: links are not looked at', async () => {
    let asked = 0
    using trap = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: { open: () => void asked++, data() {} },
    })
    await using w = await freely()
    const { alice, c1 } = await settle(w)
    const address = `http://127.0.0.1:${trap.port}/x.png`
    await say(alice, c1, address, { message_type: 'image' })
    await say(alice, c1, `look: ${address}`)
    for (const avatar of [address, address.replace('http:', 'https:')])
      await call(w.url, 'PATCH', '/users/me', { token: alice.token, json: { avatar, bio: address } })
    await call(w.url, 'PATCH', `/chats/${c1}`, {
      token: alice.token,
      json: { group_avatar: address.replace('http:', 'https:') },
    })
    await call(w.url, 'GET', `/users/${alice.id}/avatar`)
    await call(w.url, 'GET', `/chats/${c1}/avatar`)
    expect((await call(w.url, 'GET', '/users/me/export', { token: alice.token })).status).toBe(200)
    expect(asked).toBe(0)
  })
})
