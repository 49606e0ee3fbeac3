// Starting, stopping, and what a start says when it cannot.
import { describe, expect, test } from 'bun:test'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '../support/line'
import { arrive, PASSWORD, signIn } from '../support/people'
import { call } from '../support/raw'
import { newHome, runToEnd, start } from '../support/server'
import { version } from '../../package.json'

const onMongo = process.env.TEST_STORE === 'mongodb'

describe('a start', () => {
  test('prints version, address, docs and store', async () => {
    await using home = await newHome()
    const server = await start(home)
    expect(server.printed()).toContain(
      `Natter ${version} listens on ${server.url} · docs at ${server.url}/docs`,
    )
    expect(server.printed()).toContain(onMongo ? 'MongoDB' : `embedded store in ${home.DATA_DIR}`)
    expect((await call(server.url, 'GET', '/health')).body).toEqual({ status: 'ok', version })
    expect((await call(server.url, 'GET', '/ready')).body).toEqual({
      status: 'ready',
      store: onMongo ? 'mongodb' : 'sqlite',
    })
    server.process.kill()
    expect(await server.process.exited).toBe(0)
  })

  test.each([
    [{ PORT: 'eighty' }, 78, 'PORT must be a whole number'],
    [{ SECRET_KEY: 'short' }, 78, 'SECRET_KEY must be at least 32 bytes'],
    [{ LOG_LEVEL: 'loud' }, 78, 'LOG_LEVEL must be one of'],
    [{ CORS_ORIGINS: 'example' }, 78, 'CORS_ORIGINS must be'],
    [{ NATTER_PORT: '80' }, 78, 'NATTER_PORT is not a setting'],
    [{ MONGO_URI: 'localhost' }, 78, 'MONGO_URI must be an address'],
    [{ MONGODB_URL: 'mongodb://localhost/natter' }, 78, 'SECRET_KEY is required with MONGODB_URL'],
    [{ ADMIN_USER: 'root' }, 78, 'ADMIN_PASS is required'],
    [{ ADMIN_USER: 'root@x.example', ADMIN_PASS: 'long enough here' }, 78, 'ADMIN_USER'],
    [{ ADMIN_USER: 'root', ADMIN_PASS: 'password123' }, 78, 'ADMIN_PASS'],
    [{ VAPID_PUBLIC_KEY: 'short' }, 78, 'VAPID_PUBLIC_KEY must be a key'],
    [{ VAPID_PRIVATE_KEY: 'A'.repeat(42) + 'E' }, 78, 'are set together'],
    [
      { VAPID_PUBLIC_KEY: 'B'.repeat(87), VAPID_PRIVATE_KEY: 'A'.repeat(42) + 'E' },
      78,
      'VAPID_PUBLIC_KEY is not the one',
    ],
    [{ VAPID_SUBJECT: 'me' }, 78, 'VAPID_SUBJECT must be an address'],
    [{ HOST: 'no such host' }, 69, 'HOST'],
    [{ MONGODB_URL: 'mongodb://joe:pa55word@127.0.0.1:1/x', SECRET_KEY: 'x'.repeat(32) }, 69, 'MONGODB_URL'],
    [{ DATA_DIR: '/proc/none' }, 69, 'DATA_DIR'],
  ])(
    'with %p ends with %p and one line: %s',
    async (settings, code, line) => {
      await using home = await newHome()
      const { DATA_DIR } = home
      const ended = await runToEnd({ PORT: '0', ...(DATA_DIR && { DATA_DIR }), ...settings } as Record<
        string,
        string
      >)
      expect(ended.printed).toContain(line)
      expect(ended.printed.trim().split('\n')).toHaveLength(1)
      expect(ended.printed).not.toContain('pa55word')
      expect(ended.code).toBe(code)
    },
    20_000,
  )

  test('on a port in use says so', async () => {
    await using home = await newHome()
    await using other = await newHome()
    const server = await start(home)
    const ended = await runToEnd({ ...other, PORT: new URL(server.url).port })
    expect([ended.code, ended.printed]).toEqual([69, expect.stringContaining('PORT is in use')])
    server.process.kill()
    await server.process.exited
  })

  test('--help and --version need no database; an unknown option is refused', async () => {
    const broken = { MONGODB_URL: 'mongodb://127.0.0.1:1/x', SECRET_KEY: 'x'.repeat(32) }
    expect(await runToEnd(broken, '--version')).toEqual({ code: 0, printed: `${version}\n` })
    expect((await runToEnd(broken, '--help')).printed).toContain('ACCESS_TOKEN_MINUTES')
    expect((await runToEnd(broken, '--port')).code).toBe(2)
  })

  test.skipIf(onMongo)('a second process on the same data is refused', async () => {
    await using home = await newHome()
    const server = await start(home)
    const second = await runToEnd({ ...home, PORT: '0' })
    expect([second.code, second.printed]).toEqual([69, expect.stringContaining('DATA_DIR')])
    expect((await call(server.url, 'GET', '/ready')).status).toBe(200)
    server.process.kill('SIGKILL')
    await server.process.exited
    const third = await start(home)
    third.process.kill()
    expect(await third.process.exited).toBe(0)
    const modes = await Promise.all(
      ['', 'natter.db', 'secret.key'].map(name => stat(join(home.DATA_DIR as string, name))),
    )
    expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['700', '600', '600'])
  })

  test('makes the administrator of the settings, and brings the password up to date', async () => {
    await using home = await newHome()
    for (const ADMIN_PASS of ['first password here', 'second password here']) {
      const server = await start({ ...home, ADMIN_USER: 'root', ADMIN_PASS, ADMIN_EMAIL: 'root@example.com' })
      const { body } = await call(server.url, 'POST', '/auth/login', {
        json: { username: 'root', password: ADMIN_PASS },
      })
      expect(body.user).toMatchObject({ username: 'root', role: 'admin', email: 'root@example.com' })
      server.process.kill()
      await server.process.exited
    }
  })

  test('makes an administrator again who has deleted their account, as somebody new', async () => {
    await using home = await newHome()
    const settings = { ...home, ADMIN_USER: 'Root', ADMIN_PASS: 'first password here' }
    const ids: string[] = []
    while (ids.length < 2) {
      const server = await start(settings)
      const json = { username: 'root', password: settings.ADMIN_PASS }
      const { body } = await call(server.url, 'POST', '/auth/login', { json })
      expect(body.user).toMatchObject({ username: 'Root', role: 'admin' })
      ids.push(body.user.id)
      const token = body.access_token
      expect((await call(server.url, 'DELETE', '/users/me', { token })).status).toBe(200)
      const taken = await call(server.url, 'POST', '/auth/register', { json })
      expect([taken.status, taken.body.code]).toEqual([409, 'username_taken'])
      server.process.kill()
      await server.process.exited
    }
    expect(ids[0]).not.toBe(ids[1])
  }, 20_000)
})

describe('a stop', () => {
  test('and a start: everything is still there, and everyone still signed in', async () => {
    await using home = await newHome()
    const first = await start(home)
    const [ann, bob] = [await arrive(first.url, 'ann'), await arrive(first.url, 'bob')]
    const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
    for (const content of ['one', 'two']) await ann.api.chats({ id: chat!.id }).messages.post({ content })
    await bob.api.chats({ id: chat!.id }).read.post({ seq: 1 })
    first.process.kill()
    expect(await first.process.exited).toBe(0)

    const second = await start(home)
    const list = await call(second.url, 'GET', '/chats', { token: bob.token })
    expect(list.body.items).toMatchObject([
      { unread_count: 1, last_message: { content: 'two' }, my: { read_seq: 1 } },
    ])
    const again = await signIn(second.url, { name: 'ann', password: PASSWORD })
    const { data } = await again.api.chats({ id: chat!.id }).messages.post({ content: 'three' })
    expect(data?.seq).toBe(3)
    second.process.kill()
    await second.process.exited
  })

  test('closes sockets with 1012 after saying bye, under load, and loses nothing acknowledged', async () => {
    await using home = await newHome()
    const first = await start(home)
    const ann = await arrive(first.url, 'ann')
    const { data: chat } = await ann.api.chats.post({ participants: [ann.id] })
    const line = await connect(first.url, ann.token)
    for (let i = 0; i < 300; i++)
      line.say({ type: 'send', id: i, chat_id: chat!.id, content: `${i}`, client_id: `${i}` })
    await line.hears('ack', frame => frame.id === 20)
    first.process.kill('SIGTERM')
    expect(await line.closed).toBe(1012)
    expect(line.heard.at(-1)).toMatchObject({ type: 'bye', code: 1012, retry: true })
    expect(await first.process.exited).toBe(0)
    const acked = line.of('ack').map(({ message }) => message.client_id)

    const second = await start(home)
    const stored = new Set<string>()
    for (let after: number | null = 0; after !== null;) {
      const { body } = await call(second.url, 'GET', `/chats/${chat!.id}/messages?limit=100&after=${after}`, {
        token: ann.token,
      })
      for (const message of body.items) stored.add(message.client_id)
      after = body.after
    }
    expect(acked.length).toBeGreaterThan(20)
    expect(acked.filter(client_id => !stored.has(client_id))).toEqual([])
    second.process.kill()
    await second.process.exited
  })

  test('the log has one JSON line per request, with its id, and no secrets', async () => {
    await using home = await newHome()
    const server = await start(home)
    const ann = await arrive(server.url, 'ann')
    const ticket = await call(server.url, 'POST', '/auth/ticket', { token: ann.token })
    await call(server.url, 'GET', `/ws?ticket=${ticket.body.ticket}`)
    const { headers } = await call(server.url, 'GET', '/nope?password=hunter2')
    server.process.kill()
    await server.process.exited
    // What was printed last may still be on its way through the pipe.
    for (let i = 0; i < 100 && !server.printed().includes('"stopped"'); i++) await Bun.sleep(20)
    const lines = server
      .printed()
      .split('\n')
      .filter(line => line.startsWith('{'))
    const log = lines.map(line => JSON.parse(line))
    expect(
      log.filter(({ msg }) => msg === 'request').map(({ method, path, status }) => [method, path, status]),
    ).toEqual([
      ['POST', '/auth/register', 201],
      ['POST', '/auth/ticket', 200],
      ['GET', '/ws', 426],
      ['GET', '/nope', 404],
    ])
    expect(log.find(({ path }) => path === '/nope').request_id).toBe(headers.get('x-request-id'))
    expect(log.find(({ path }) => path === '/nope').address).toBe('127.0.0.1')
    for (const secret of [ann.token, ann.refreshToken, PASSWORD, ticket.body.ticket, 'hunter2', 'eyJ']) {
      expect(server.printed()).not.toContain(secret)
    }
  })
})
