// The head of a request: what is ambiguous is refused, and no name or address in it is believed.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { call } from '../support/raw'
import { everyRoute } from '../support/routes'
import { exchange } from '../support/tcp'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = (changed = {}) => world({ RATE_LIMITS: false, ...changed })

describe('35: requests that two readers would read in two ways', () => {
  const SMUGGLED = 'GET /docs/json HTTP/1.1\r\nHost: smuggled.example\r\n\r\n'
  const post = (...lines: string[]) =>
    ['POST /auth/login HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n')
  const chunked = `0\r\n\r\n${SMUGGLED}`

  test.each([
    ['CL and TE', post('Content-Length: 4', 'Transfer-Encoding: chunked') + chunked],
    ['two CL', post('Content-Length: 4', 'Content-Length: 0') + `{}  ${SMUGGLED}`],
    ['CL with a sign', post('Content-Length: +4') + `{}  ${SMUGGLED}`],
    ['CL in hex', post('Content-Length: 0x4') + `{}  ${SMUGGLED}`],
    ['CL below zero', post('Content-Length: -1') + SMUGGLED],
    ['TE of another name', post('Transfer-Encoding: xchunked') + chunked],
    ['TE with a blank before the colon', post('Transfer-Encoding : chunked') + chunked],
    ['a folded line', post('X-A: b', ' c: d', 'Content-Length: 0') + SMUGGLED],
    ['bare line feeds', post('Content-Length: 0').replaceAll('\r\n', '\n') + SMUGGLED],
    ['a chunk of no size', post('Transfer-Encoding: chunked') + `zz\r\n${SMUGGLED}`],
    ['a NUL in a name', post('X-\0A: b', 'Content-Length: 0') + SMUGGLED],
    ['no Host', 'GET /auth/me HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /auth/me HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n'],
    ['another version', 'GET /auth/me HTTP/9.9\r\nHost: localhost\r\n\r\n'],
    ['nothing of HTTP', 'hello\r\n\r\n'],
  ])('35: %s is refused, and nothing behind it is answered', async (_, bytes) => {
    await using w = await freely()
    const { status, text } = await exchange(w.url, bytes)
    expect([0, 400, 401, 411, 415, 421, 501, 505]).toContain(status)
    expect(text).not.toContain('openapi')
    expect((await call(w.url, 'GET', '/health')).status).toBe(200)
  })
})

describe('36: the name that was asked', () => {
  test('36: too short to be routed right, or none, is 421 or 400 on every route', async () => {
    await using w = await freely()
    for (const { method, path } of await everyRoute()) {
      if (path.includes('*') || method === 'OPTIONS') continue
      const real = path.replace(/:\w+/g, 'f'.repeat(24))
      for (const host of ['x', 'a:1', '..', '@', 'x/y', '127.0.0.1/admin/keys']) {
        const head = `${method === 'ALL' ? 'GET' : method} ${real} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
        expect([400, 421], `${method} ${path} ${host}`).toContain((await exchange(w.url, head, true)).status)
      }
    }
  })

  test('36: shifts no path onto another route, whoever asks', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    for (const path of ['/zzz/admin/keys', '/zzz/auth/me', '//auth/me', '/zzz/docs/json', '/zzz/ws'])
      for (const host of ['x', 'ab', 'a:8'])
        expect([400, 421]).toContain(
          (
            await exchange(
              w.url,
              `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
              true,
            )
          ).status,
        )
    const absolute = `GET http://evil.example/auth/me HTTP/1.1\r\nHost: ${new URL(w.url).host}\r\nConnection: close\r\n\r\n`
    expect([400, 401, 404, 421]).toContain((await exchange(w.url, absolute, true)).status)
  })

  test('36: outside ALLOWED_HOSTS is 421 on every route and socket; by default any well-formed name will do', async () => {
    await using w = await freely({ ALLOWED_HOSTS: ['chat.example.com', '[::1]'] })
    const ask = async (path: string, host: string, ...lines: string[]) =>
      (
        await exchange(
          w.url,
          ['GET ' + path + ' HTTP/1.1', `Host: ${host}`, ...lines, 'Connection: close', '', ''].join('\r\n'),
          true,
        )
      ).status
    for (const { method, path } of await everyRoute())
      if (method === 'GET' && !path.includes('*'))
        expect([path, await ask(path.replace(/:\w+/g, 'f'.repeat(24)), 'evil.example')]).toEqual([path, 421])
    for (const host of [
      'localhost',
      'chat.example.com.evil.example',
      'xchat.example.com',
      '127.0.0.1:1',
      'chat.example.com.',
    ])
      expect([host, await ask('/health', host)]).toEqual([host, 421])
    for (const host of ['chat.example.com', 'CHAT.example.com:8000', '[::1]:80'])
      expect(await ask('/health', host)).toBe(200)
    expect(await ask('/health', 'evil.example', 'X-Forwarded-Host: chat.example.com')).toBe(421)
    await using open = await freely()
    expect(
      (await exchange(open.url, 'GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n', true)).status,
    ).toBe(200)
  })
})

describe('37: the address that a client claims', () => {
  test('37: changes nothing of what is counted', async () => {
    await using w = await world({ RATE_LIMITS: true })
    await w.as('alice')
    const attempt = (i: number, header: string) =>
      call(w.url, 'POST', '/auth/login', {
        json: { username: 'alice', password: `guess number ${i}` },
        headers: { [header]: `1.2.3.${i}` },
      })
    const names = [
      'x-forwarded-for',
      'x-real-ip',
      'forwarded',
      'cf-connecting-ip',
      'true-client-ip',
      'x-client-ip',
    ]
    for (let i = 0; i < 10; i++) expect((await attempt(i, names[i % 6] as string)).status).toBe(401)
    for (const name of names) expect((await attempt(11, name)).status).toBe(429)
  })

  test('37: is not in the log; behind a proxy the last one is, which the proxy wrote', async () => {
    for (const [TRUST_PROXY, address] of [
      ['off', '127.0.0.1'],
      ['on', '10.9.8.7'],
    ] as const) {
      await using home = await newHome()
      const server = await start({ ...home, TRUST_PROXY })
      const headers = { 'x-forwarded-for': '1.2.3.4, 10.9.8.7' }
      expect((await call(server.url, 'GET', '/nope', { headers })).status).toBe(404)
      while (!server.printed().includes('"path":"/nope"')) await Bun.sleep(20)
      server.process.kill()
      await server.process.exited
      expect(server.printed()).toContain(`"address":"${address}"`)
      expect(server.printed()).not.toContain('1.2.3.4')
    }
  })
})
