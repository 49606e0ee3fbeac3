// What strangers and mistakes send: a clear answer each time, and nobody else slows down.
import { connect as connectTcp } from 'node:net'
import { describe, expect, test } from 'bun:test'
import { call } from '../support/raw'
import { world } from '../support/world'

describe('every error', () => {
  test('is a problem document with the id of the request, and never says what was sent', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const secret = 'hunter2-hunter2'
    const answers = await Promise.all([
      call(w.url, 'GET', '/nope'),
      call(w.url, 'GET', '/chats'),
      call(w.url, 'GET', `/chats/${secret}`, { token: ann.token }),
      call(w.url, 'POST', '/auth/login', { json: { username: [secret], password: secret } }),
      call(w.url, 'POST', '/auth/register', { json: { username: 'ann', password: secret } }),
      call(w.url, 'POST', '/chats', {
        token: ann.token,
        body: `{"${secret}`,
        headers: { 'content-type': 'application/json' },
      }),
      call(w.url, 'POST', '/chats', {
        token: ann.token,
        body: secret,
        headers: { 'content-type': 'text/plain' },
      }),
      call(w.url, 'POST', '/chats', { token: ann.token, json: { participants: Array(101).fill(secret) } }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([404, 401, 422, 422, 409, 400, 415, 422])
    for (const { status, headers, body } of answers) {
      expect(headers.get('content-type')).toBe('application/problem+json')
      expect(body).toMatchObject({
        type: 'about:blank',
        status,
        title: expect.any(String),
        code: expect.any(String),
        detail: expect.any(String),
      })
      expect(body.request_id).toBe(headers.get('x-request-id'))
      expect(JSON.stringify(body)).not.toContain(secret)
    }
  })

  test('a stranger gets 401 before anything is said of fields', async () => {
    await using w = await world()
    for (const [method, path] of [
      ['POST', '/chats'],
      ['GET', '/chats/x'],
      ['GET', '/users?limit=abc'],
      ['PUT', '/auth/password'],
    ] as const) {
      const { status } = await call(w.url, method, path, method === 'GET' ? {} : { json: {} })
      expect([path, status]).toEqual([path, 401])
    }
  })

  test('names each field that is wrong', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const json = { chat_type: 'channel', participants: 'bob', group_name: '' }
    const { body } = await call(w.url, 'POST', '/chats', { token: ann.token, json })
    expect(body.errors).toEqual([
      { path: 'body/chat_type', code: 'bad_value' },
      { path: 'body/participants', code: 'bad_type' },
      { path: 'body/group_name', code: 'too_short' },
    ])
  })

  test('says which way a number is out of its bounds, and which parameters do not go together', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { data } = await ann.api.chats.post({ participants: [] })
    const errorsOf = async (query: string) =>
      (await call(w.url, 'GET', `/chats/${data!.id}/messages?${query}`, { token: ann.token })).body.errors
    const limit = (code: string) => [{ path: 'query/limit', code }]
    expect(await errorsOf('limit=1000')).toEqual(limit('too_large'))
    expect(await errorsOf('limit=0')).toEqual(limit('too_small'))
    for (const odd of ['1e3', '007', '-1', 'ten', ''])
      expect(await errorsOf(`limit=${odd}`)).toEqual(limit('bad_format'))
    expect(await errorsOf('before=9&after=2')).toEqual([
      { path: 'query/before', code: 'one_place' },
      { path: 'query/after', code: 'one_place' },
    ])
  })
})

describe('methods and media types', () => {
  test('a known path under another method is 405 and says which it knows', async () => {
    await using w = await world()
    const { status, headers, body } = await call(w.url, 'DELETE', '/chats')
    expect([status, body.code, headers.get('allow')]).toEqual([405, 'method_not_allowed', 'GET, HEAD, POST'])
    expect((await call(w.url, 'PUT', `/chats/${'0'.repeat(24)}/messages/`)).headers.get('allow')).toBe(
      'GET, HEAD, POST',
    )
    expect((await call(w.url, 'POST', '/health')).status).toBe(405)
    expect((await call(w.url, 'DELETE', '/nothing/here')).status).toBe(404)
  })

  test('JSON routes take JSON only', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const send = (type: string, body: BodyInit = '{}') =>
      call(w.url, 'POST', '/chats', { token: ann.token, body, headers: { 'content-type': type } })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', '']) {
      expect([type, (await send(type)).status]).toEqual([type, 415])
    }
    const form = new FormData()
    form.set('participants', 'x')
    expect((await call(w.url, 'POST', '/chats', { token: ann.token, body: form })).status).toBe(415)
    expect((await send('application/json; charset=utf-8')).status).toBe(422)
  })

  test('any page may call, without cookies', async () => {
    await using w = await world()
    const headers = {
      origin: 'https://any.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    }
    const preflight = await call(w.url, 'OPTIONS', '/chats', { headers })
    expect(preflight.status).toBeLessThan(300)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization')
    expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
    const refused = await call(w.url, 'GET', '/auth/me', { headers: { origin: 'https://any.example' } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, '*'])
    expect(refused.headers.get('access-control-allow-methods')).toBeNull()
  })

  test('with a list, only its origins may', async () => {
    await using w = await world({ CORS_ORIGINS: ['https://chat.example.com'] })
    const allowed = async (origin: string) =>
      (await call(w.url, 'GET', '/health', { headers: { origin } })).headers.get(
        'access-control-allow-origin',
      )
    expect(await allowed('https://chat.example.com')).toBe('https://chat.example.com')
    expect(await allowed('https://evil.example')).toBeOneOf([null, ''])
  })
})

describe('bodies that are no objects', () => {
  test.each(['[]', '[1]', '[{"password":"x"}]', '"text"', '5', 'true', 'null'])(
    '%s is not taken for an empty one',
    async body => {
      await using w = await world()
      const ann = await w.as('ann')
      const headers = { 'content-type': 'application/json' }
      const routes = [
        'DELETE /users/me',
        'PATCH /users/me',
        'POST /auth/ticket',
        'POST /auth/logout',
        'POST /chats',
      ]
      for (const route of routes) {
        const [method = '', path = ''] = route.split(' ')
        const answer = await call(w.url, method, path, { token: ann.token, body, headers })
        expect([route, answer.status, answer.body.errors]).toEqual([
          route,
          422,
          [{ path: 'body', code: 'bad_type' }],
        ])
      }
      expect((await ann.api.auth.me.get()).status).toBe(200)
    },
  )

  test('are refused before they are copied, whatever they say of their length', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const send = async (attachments: unknown) => {
      const json = { content: 'x', attachments }
      const path = `/chats/${'0'.repeat(24)}/messages`
      const { status, body } = await call(w.url, 'POST', path, { token: ann.token, json })
      return [status, body.errors?.[0].code]
    }
    // Copied first, the second of them would take minutes and GB, the long ones 50 to 120 ms.
    for (const length of [0, 3e7, 1e9, -1]) expect(await send({ length })).toEqual([422, 'bad_key'])
    expect(await send('x'.repeat(250_000))).toEqual([422, 'too_long'])
    expect(await send(Array(60_000).fill({}))).toEqual([422, 'too_many'])
    expect((await send([]))[0]).toBe(404)
  })
})

describe('bodies', () => {
  const post = (url: string, body: BodyInit) =>
    call(url, 'POST', '/auth/login', { body, headers: { 'content-type': 'application/json' } })

  test.each([
    ['{"username":"ann","password":', 400],
    ['', 422],
    ['null', 422],
    ['[]', 422],
    ['"text"', 422],
    ['{"username":{"$ne":null},"password":{"$ne":null}}', 422],
    ['{"username":"a\\u0000b","password":"x"}', 422],
    ['{"username":"\\ud800","password":"x"}', 422],
    ['{"__proto__":{"admin":true},"username":"a","password":"b"}', 422],
    ['{"username":{"toString":1},"password":"b"}', 422],
    ['{"\\u005f_proto__":{"admin":true},"username":"a","password":"b"}', 422],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 422],
    [`${'['.repeat(100_000)}`, 422],
    [`{"username":"${'x'.repeat(300_000)}","password":"x"}`, 413],
  ])('%s', async (body, expected) => {
    await using w = await world()
    const { status, body: problem } = await post(w.url, body)
    expect([status, problem.status]).toEqual([expected, expected])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  test('that are not UTF-8 are refused', async () => {
    await using w = await world()
    expect((await post(w.url, new Uint8Array([0x22, 0xff, 0xfe, 0x22]))).status).toBe(400)
  })

  test('that do not tell their length are cut at the limit', async () => {
    await using w = await world()
    const endless = new ReadableStream({ pull: stream => stream.enqueue(new Uint8Array(65_536).fill(0x20)) })
    const answer = await post(w.url, endless).catch(() => ({ status: 413 }))
    expect(answer.status).toBe(413)
    expect((await call(w.url, 'GET', '/health')).status).toBe(200)
  })

  test('of nasty depth do not hold up the others', async () => {
    await using w = await world()
    const nasty = `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`
    const before = performance.now()
    await Promise.all(Array.from({ length: 50 }, () => post(w.url, nasty)))
    const health = await call(w.url, 'GET', '/health')
    expect(health.status).toBe(200)
    // Unchecked, one such body takes longer than this by itself.
    expect(performance.now() - before).toBeLessThan(5_000)
  })
})

describe('the head of a request', () => {
  const speak = (url: string, text: string) =>
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(url)
      const socket = connectTcp(Number(port), hostname, () => socket.write(text))
      let answer = ''
      socket.on('data', data => (answer += data))
      socket.on('close', () => resolve(answer))
      socket.on('error', reject)
      setTimeout(() => socket.end(), 300)
    })

  const HOSTS = ['x', '../../', 'a b', '', 'evil.example:99999', '[::::]', '1.2.3.999']
  test.each(HOSTS)('a Host of "%s" is refused on every path', async host => {
    await using w = await world()
    for (const path of ['/health', '/auth/me', '/nope/health', '/invites/abc']) {
      const answer = await speak(w.url, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      // Bun itself answers 400 for what is no host at all.
      expect(Number(answer.split(' ')[1])).toBeOneOf([400, 421])
    }
  })

  test.each(['Host: evil.example:99999', 'Host: evil.example\r\nHost: localhost'])(
    'the older APIs refuse "%s" in their own form',
    async hosts => {
      await using w = await world()
      const answer = await speak(
        w.url,
        `GET /compat/react/chats HTTP/1.1\r\n${hosts}\r\nConnection: close\r\n\r\n`,
      )
      if (answer.startsWith('HTTP/1.1 421')) expect(answer).toContain('{"detail":')
      else expect(answer).toStartWith('HTTP/1.1 400')
    },
  )

  test.each(['Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', `Bearer ${'x'.repeat(10_000)}`, 'bearer null'])(
    'Authorization: %s',
    async authorization => {
      await using w = await world()
      expect((await call(w.url, 'GET', '/auth/me', { headers: { authorization } })).status).toBe(401)
    },
  )
})
