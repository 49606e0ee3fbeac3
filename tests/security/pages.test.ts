// Pages of others, which are allowed what the settings say, and pages of ours, which load nothing from elsewhere.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

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

  test('52: that are on it can read every refusal, also the earliest', async () => {
    await using w = await freely({ CORS_ORIGINS: [GOOD] })
    const large = { headers: { origin: GOOD, 'content-type': 'application/json' }, body: 'x'.repeat(300_000) }
    for (const [method, path, options, status] of [
      ['POST', '/auth/login', large, 413],
      ['GET', '/chats?limit[$gt]=1', { headers: { origin: GOOD } }, 422],
      ['GET', '/chats', { headers: { origin: GOOD } }, 401],
      ['GET', '/nope', { headers: { origin: GOOD } }, 404],
    ] as const) {
      const answer = await call(w.url, method, path, options)
      expect([path, answer.status]).toEqual([path, status])
      expect([path, answer.headers.get('access-control-allow-origin')]).toEqual([path, GOOD])
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
        expect(headers.get('access-control-allow-headers') ?? '').not.toContain('*')
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
