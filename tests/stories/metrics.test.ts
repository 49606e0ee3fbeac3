// Whoever runs the server reads what it does, and nobody else: counted where it happens, without a name in it.
import { describe, expect, test } from 'bun:test'
import { io } from 'socket.io-client'
import { privateChat } from '../support/chats'
import { readMetrics, type Metrics } from '../support/exposition'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { newHome, runToEnd, start } from '../support/server'
import { world } from '../support/world'

const TOKEN = 'a-token-of-the-collector'
const COLLECTED = { METRICS_TOKEN: TOKEN }

async function metrics(url: string, token = TOKEN): Promise<Metrics> {
  const { status, headers, body } = await call(url, 'GET', '/metrics', { token })
  expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  return readMetrics(body)
}

/** What is counted after an answer is out comes a moment later. */
async function metricsOnce(url: string, fits: (now: Metrics) => boolean): Promise<Metrics> {
  for (let tries = 0; tries < 200; tries++) {
    const now = await metrics(url)
    if (fits(now)) return now
    await Bun.sleep(10)
  }
  throw new Error(`never told: ${(await metrics(url)).text}`)
}

const SENT = 'natter_messages_sent_total'
const DELIVERED = 'natter_frames_delivered_total'
const REFUSED = 'natter_refusals_total'
const CHATS = { of: 'chats' }

describe('metrics', () => {
  test('count ten sends as ten, and each delivery on every socket', async () => {
    await using w = await world(COLLECTED)
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const chat = await privateChat(ann, bob)
    const lines = [await ann.online(), await bob.online(), await bob.online()]
    const before = await metrics(w.url)

    for (let i = 0; i < 10; i++) await lines[0]?.ask({ type: 'send', chat_id: chat, content: `${i}` })
    for (const line of lines) await line.hears('message', ({ message }) => message.content === '9')
    const after = await metrics(w.url)
    expect(after.value(SENT) - before.value(SENT)).toBe(10)
    expect(after.value(DELIVERED, CHATS) - before.value(DELIVERED, CHATS)).toBe(30)
    expect(after.value('natter_sockets', { door: 'ws' })).toBe(3)

    const commits = (now: Metrics) => now.value('natter_commit_seconds_count')
    const writes = (now: Metrics) => now.value('natter_commit_writes_sum')
    expect(commits(after) - commits(before)).toBeGreaterThan(0)
    expect(writes(after) - writes(before)).toBeGreaterThanOrEqual(10)
  })

  test('count a repeated send, an edit and a refused one as no send', async () => {
    await using w = await world(COLLECTED)
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const chat = await privateChat(ann, bob)
    const send = () =>
      call(w.url, 'POST', `/chats/${chat}/messages`, {
        token: ann.token,
        json: { content: 'Once', client_id: 'a1' },
      })
    const { body } = await send()
    await send()
    const edited = { token: ann.token, json: { content: 'Twice' } }
    await call(w.url, 'PATCH', `/chats/${chat}/messages/${body.id}`, edited)
    await call(w.url, 'POST', `/chats/${chat}/messages`, { token: ann.token, json: { content: '' } })
    expect((await metrics(w.url)).value(SENT)).toBe(1)
  })

  test('count what waited while a socket caught up once it is given', async () => {
    await using w = await world(COLLECTED)
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const chat = await privateChat(ann, bob)
    const line = await bob.online()
    line.say({ type: 'sync', chats: {} })
    await line.hears('synced')
    await using held = await holding(w.url, bob.token)
    const before = await metrics(w.url)
    await ann.api.chats({ id: chat }).messages.post({ content: 'While you were away' })
    await line.hears('message')
    const waiting = await metrics(w.url)
    expect(waiting.value('natter_socket_frames_waiting', { queue: 'held' })).toBe(1)
    expect(waiting.value(DELIVERED, CHATS) - before.value(DELIVERED, CHATS)).toBe(1)
    await held.sync(chat)
    expect((await metrics(w.url)).value('natter_socket_frames_waiting', { queue: 'held' })).toBe(0)
  })

  test('count clients of Socket.IO like others', async () => {
    await using w = await world(COLLECTED)
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const chat = await privateChat(ann, bob)
    const client = io(w.url, { auth: { token: bob.token }, forceNew: true })
    await new Promise<void>(resolve => client.once('hello', () => resolve()))
    const before = await metrics(w.url)
    const heard = new Promise<void>(resolve => client.once('message', () => resolve()))
    await ann.api.chats({ id: chat }).messages.post({ content: 'Hello' })
    await heard
    const after = await metrics(w.url)
    expect(after.value(DELIVERED, CHATS) - before.value(DELIVERED, CHATS)).toBe(1)
    expect(after.value('natter_sockets', { door: 'socket.io' })).toBe(1)
    client.disconnect()
    await metricsOnce(w.url, now => now.value('natter_sockets', { door: 'socket.io' }) === 0)
  })

  test('count refusals by their code, over HTTP, older APIs and sockets', async () => {
    await using w = await world(COLLECTED)
    const ann = await w.as('ann')
    const line = await ann.online()
    await call(w.url, 'GET', '/chats')
    await call(w.url, 'GET', '/compat/aws/users/')
    await call(w.url, 'GET', '/no/such/thing')
    await call(w.url, 'DELETE', '/health')
    await line.ask({ type: 'send', chat_id: 'f'.repeat(24), content: 'x' })
    await line.ask({ type: 'nonsense' })
    const stranger = io(w.url, { auth: { token: 'forged' }, forceNew: true, reconnection: false })
    await new Promise<void>(resolve => stranger.once('connect_error', () => resolve()))

    const now = await metrics(w.url)
    const refused = (code: string) => now.value(REFUSED, { code })
    expect(refused('not_signed_in')).toBe(2)
    expect(refused('not_found')).toBe(2)
    expect(refused('method_not_allowed')).toBe(1)
    expect(refused('invalid')).toBe(1)
    expect(refused('bad_token')).toBe(1)
    expect(refused('internal')).toBe(0)
  })

  test('name routes as they were declared, and neither people nor chats', async () => {
    await using w = await world(COLLECTED)
    const [ann, bob] = [await w.as('annabel'), await w.as('bobadilla')]
    const chat = await privateChat(ann, bob)
    await call(w.url, 'GET', `/chats/${chat}/messages`, { token: ann.token })
    await call(w.url, 'GET', `/chats/${chat}/messages?limit=0`, { token: ann.token })
    await call(w.url, 'GET', `/users/${bob.id}`, { token: ann.token })
    await call(w.url, 'GET', `/nowhere/${bob.id}`, { token: ann.token })
    const requests = (route: string, status: string) => ({ method: 'GET', route, status })
    const REQUESTS = 'natter_http_requests_total'
    const now = await metricsOnce(w.url, each => each.value(REQUESTS, requests('none', '4xx')) === 1)
    expect(now.value(REQUESTS, requests('/chats/:id/messages', '2xx'))).toBe(1)
    expect(now.value(REQUESTS, requests('/chats/:id/messages', '4xx'))).toBe(1)
    const times = { method: 'GET', route: '/chats/:id/messages' }
    expect(now.value('natter_http_request_seconds_count', times)).toBe(2)
    for (const secret of ['annabel', 'bobadilla', ann.id, bob.id, chat, 'nowhere', ann.token, TOKEN])
      expect(now.text).not.toContain(secret)
  })

  test('are for the bearer of the token and for administrators; a stranger, a user and a key get nothing', async () => {
    await using w = await world(COLLECTED)
    const mallory = await w.as('mallory')
    const admin = await root(w)
    const { key } = await makeKey(w.url, admin)
    const asked = async (token?: string, headers?: Record<string, string>) => {
      const { status, body } = await call(w.url, 'GET', '/metrics', { token, headers })
      expect(JSON.stringify(body)).not.toContain('natter_messages')
      return [status, body.code]
    }
    expect(await asked()).toEqual([401, 'not_signed_in'])
    expect(await asked(`${TOKEN}x`)).toEqual([401, 'bad_token'])
    expect(await asked(TOKEN.slice(0, -1))).toEqual([401, 'bad_token'])
    expect(await asked(mallory.token)).toEqual([403, 'administrators_only'])
    expect(await asked(key, { 'x-acting-user': '@root' })).toEqual([403, 'not_by_key'])
    expect((await metrics(w.url, admin)).types.size).toBeGreaterThan(10)
    expect((await call(w.url, 'GET', '/chats', { token: TOKEN })).status).toBe(401)
  })

  test('without a token in the settings are for administrators alone', async () => {
    await using w = await world()
    await w.as('mallory')
    expect((await call(w.url, 'GET', '/metrics', { token: TOKEN })).status).toBe(401)
    expect((await call(w.url, 'GET', '/metrics', { token: 'null' })).status).toBe(401)
    expect((await metrics(w.url, await root(w))).types.size).toBeGreaterThan(10)
  })

  test('tell of the process: memory, files, its loop, and what runs', async () => {
    await using home = await newHome()
    const server = await start({ ...home, ...COLLECTED })
    const LATE = 'natter_event_loop_delay_seconds_count'
    const now = await metricsOnce(server.url, each => each.value(LATE) > 0)
    const store = process.env.TEST_STORE === 'mongodb' ? 'mongodb' : 'sqlite'
    const build = { version: (await import('../../package.json')).version, bun: Bun.version, store }
    expect(now.value('natter_build_info', build)).toBe(1)
    expect(now.value('process_resident_memory_bytes')).toBeGreaterThan(10e6)
    expect(now.value('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(Math.abs(now.value('process_start_time_seconds') - Date.now() / 1000)).toBeLessThan(300)
    if (process.platform === 'linux') expect(now.value('process_open_fds')).toBeGreaterThan(3)
    server.process.kill()
    await server.process.exited
  }, 30_000)

  test('want a token that nobody guesses', async () => {
    await using home = await newHome()
    const { code, printed } = await runToEnd({ ...home, METRICS_TOKEN: 'short' })
    expect([code, printed]).toEqual([78, expect.stringContaining('METRICS_TOKEN must be')])
    expect(printed).not.toContain('short')
  }, 30_000)
})

/** A socket that has opened with `?sync=1`: live frames wait until it syncs. */
async function holding(url: string, token: string) {
  const { connect } = await import('../support/line')
  const line = await connect(url, token, '/ws?sync=1')
  return {
    async sync(chat: string) {
      line.say({ type: 'sync', chats: { [chat]: 0 } })
      await line.hears('synced')
    },
    [Symbol.asyncDispose]: async () => line.close(),
  }
}
