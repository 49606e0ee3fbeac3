// Limits of how often and how much, over every door. Numbers are those of the security checklist.
import { describe, expect, test } from 'bun:test'
import { io } from 'socket.io-client'
import { createHashing } from '../../src/auth/hashing'
import type { Config } from '../../src/config'
import { makeKey, root } from '../support/keys'
import { socketsThatFit } from '../../src/ops/openfiles'
import { createLog } from '../../src/ops/log'
import { connect, lineOf } from '../support/line'
import { PASSWORD, type Person } from '../support/people'
import { call, type Answer } from '../support/raw'
import { world, type World } from '../support/world'

/** Some of these ask hundreds of times, or wait for ten seconds: on a busy machine that takes a while. */
const PATIENCE_MS = 120_000

/** A world in which nobody may be too fast, whose clock stands still until a test moves it. */
async function strictWorld(changed: Partial<Config> = {}) {
  const clock = { ms: 1_000_000 }
  const w = await world({ RATE_LIMITS: true, TRUST_PROXY: true, ...changed }, { now: () => clock.ms })
  const pass = (seconds: number) => void (clock.ms += seconds * 1000)
  return Object.assign(w, { pass })
}

const from = (address: string) => ({ 'x-forwarded-for': address })

const login = (w: World, username: string, password: string, address: string) =>
  call(w.url, 'POST', '/auth/login', { json: { username, password }, headers: from(address) })

const me = (w: World, token: string) => call(w.url, 'GET', '/auth/me', { token })

/** The answers to the same again and again, as long as there are none of 429. */
async function untilRefused(
  most: number,
  ask: () => Promise<Answer>,
): Promise<{ good: Answer[]; refused: Answer }> {
  const good: Answer[] = []
  for (let i = 0; i <= most; i++) {
    const answer = await ask()
    if (answer.status === 429) return { good, refused: answer }
    good.push(answer)
  }
  throw new Error(`nothing was refused among ${most + 1}`)
}

function isRefusal({ status, headers, body }: Answer, policy: string, code = `too_many_${policy}`) {
  expect(status).toBe(429)
  expect(headers.get('content-type')).toBe('application/problem+json')
  const wait = Number(headers.get('retry-after'))
  expect(wait).toBeGreaterThan(0)
  expect(headers.get('ratelimit-policy')).toMatch(new RegExp(`^"${policy}";q=\\d+;w=\\d+$`))
  expect(headers.get('ratelimit')).toBe(`"${policy}";r=0;t=${wait}`)
  expect(body).toMatchObject({
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    status: 429,
    code,
    'violated-policies': [policy],
  })
  return wait
}

const privateChat = async (ann: Person, bob: Person) =>
  (await ann.api.chats.post({ participants: [bob.id] })).data?.id as string

describe('who was sent away because all places were taken', () => {
  test(
    'has used up nothing of what their address may ask',
    async () => {
      await using w = await strictWorld()
      const register = (username: string) =>
        call(w.url, 'POST', '/auth/register', { json: { username, password: PASSWORD } })
      let isFull = true
      const turn = () => new Promise<void>(resolve => setImmediate(resolve))
      const others = Array.from({ length: 150 }, async () => {
        while (isFull) await w.services.passwords.hash(PASSWORD).catch(turn)
      })
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => register(`ann${i}`)))
      expect(answers.map(({ status }) => status)).toContain(503)
      isFull = false
      await Promise.all(others)
      const arrived = answers.filter(({ status }) => status === 201).length
      const { status, headers } = await register('bob')
      expect(status).toBe(201)
      expect(headers.get('ratelimit')).toStartWith(`"registrations";r=${599 - arrived};`)
    },
    PATIENCE_MS,
  )
})

describe('failed sign-ins', () => {
  test(
    '14: the 11th for one account from 11 addresses is 429; the right password from a clean address is let in',
    async () => {
      await using w = await strictWorld()
      await w.as('ann')
      for (let i = 1; i <= 10; i++) expect((await login(w, 'ann', 'not it', `10.0.0.${i}`)).status).toBe(401)
      isRefusal(await login(w, 'ann', 'not it', '10.0.0.11'), 'sign-in', 'too_many_attempts')
      // Not even the right one is looked at where somebody has failed for her.
      expect((await login(w, 'ann', PASSWORD, '10.0.0.3')).status).toBe(429)
      expect((await login(w, 'ANN', PASSWORD, '10.0.0.11')).status).toBe(429)
      expect((await login(w, 'ann', PASSWORD, '10.0.0.12')).status).toBe(200)
      w.pass(181)
      expect((await login(w, 'ann', PASSWORD, '10.0.0.3')).status).toBe(200)
    },
    PATIENCE_MS,
  )

  test(
    '14: the 11th of one address for 11 accounts is 429; who has signed in there before is let in',
    async () => {
      await using w = await strictWorld()
      for (const name of ['ann', 'bob']) await w.as(name)
      expect((await login(w, 'ann', PASSWORD, '10.0.0.1')).status).toBe(200)
      for (let i = 1; i <= 10; i++)
        expect((await login(w, `somebody${i}`, 'not it', '10.0.0.1')).status).toBe(401)
      isRefusal(await login(w, 'somebody11', 'not it', '10.0.0.1'), 'sign-in', 'too_many_attempts')
      expect((await login(w, 'bob', PASSWORD, '10.0.0.1')).status).toBe(429)
      expect((await login(w, 'bob', PASSWORD, '10.0.0.2')).status).toBe(200)
      expect((await login(w, 'ann', PASSWORD, '10.0.0.1')).status).toBe(200)
    },
    PATIENCE_MS,
  )

  test(
    '14: people who do not exist are refused as those who do',
    async () => {
      await using w = await strictWorld()
      await w.as('ann')
      const answers = async (name: string, net: string) => {
        const told: unknown[] = []
        for (let i = 0; i < 25; i++) {
          const { status, headers, body } = await login(w, name, 'not it', `${net}.${i % 13}`)
          told.push({ status, retry: headers.get('retry-after'), ...body, request_id: '' })
        }
        return told
      }
      expect(await answers('ann', '10.0.1')).toEqual(await answers('nobody', '10.0.2'))
    },
    PATIENCE_MS,
  )

  test(
    '14: it is counted alike over every door, and by the /64 of IPv6',
    async () => {
      await using w = await strictWorld()
      await w.as('ann')
      const form = new URLSearchParams({ username: 'ann', password: 'not it' })
      const json = { username: 'ann', password: 'not it' }
      const doors: [string, Parameters<typeof call>[3]][] = [
        ['/auth/login', { json }],
        ['/auth/login', { body: form }],
        ['/auth/token', { body: form }],
        ['/compat/messaging/login', { body: form }],
        ['/compat/react/login', { body: form }],
      ]
      const at = (i: number, address: string) => {
        const [path, how] = doors[i % doors.length] as (typeof doors)[number]
        return call(w.url, 'POST', path, { ...how, headers: from(address) })
      }
      for (let i = 0; i < 10; i++) expect((await at(i, `2001:db8::${i + 1}`)).status).toBe(401)
      for (let i = 0; i < doors.length; i++) {
        const { status, headers } = await at(i, '2001:db8::ffff:1')
        expect([status, Number(headers.get('retry-after'))]).toEqual([429, 180])
      }
      // Another network has one try, which is looked at, and so is IPv4 in the form of IPv6.
      expect((await login(w, 'ann', PASSWORD, '2001:db8:0:1::1')).status).toBe(200)
      expect((await login(w, 'bob', 'not it', '::ffff:10.0.0.1')).status).toBe(401)
    },
    PATIENCE_MS,
  )

  test(
    '14: a password given again counts by the session: a thief of one locks out nobody else',
    async () => {
      await using w = await strictWorld()
      const ann = await w.as('ann')
      const { body } = await login(w, 'ann', PASSWORD, '10.0.0.1')
      const change = (token: string, current_password: string) =>
        call(w.url, 'PUT', '/auth/password', {
          token,
          json: { current_password, new_password: 'a still longer way to Tipperary' },
        })
      for (let i = 0; i < 10; i++) expect((await change(ann.token, 'not it')).status).toBe(403)
      isRefusal(await change(ann.token, PASSWORD), 'sign-in', 'too_many_attempts')
      const leave = await call(w.url, 'DELETE', '/users/me', {
        token: ann.token,
        json: { password: PASSWORD },
      })
      expect(leave.status).toBe(429)
      expect((await change(body.access_token, PASSWORD)).status).toBe(200)
    },
    PATIENCE_MS,
  )

  test(
    '15: of 200 sign-ins at once those beyond the queue are 503 with Retry-After, and others are served meanwhile',
    async () => {
      await using w = await world({}, { hashing: createHashing() })
      const ann = await w.as('ann')
      let answered = 0
      const attempts = Array.from({ length: 200 }, () =>
        login(w, 'ann', PASSWORD, '10.0.0.1').finally(() => answered++),
      )
      for (let i = 0; i < 20; i++) expect((await me(w, ann.token)).status).toBe(200)
      expect(answered).toBeLessThan(200)
      const answers = await Promise.all(attempts)
      const refused = answers.filter(({ status }) => status !== 200)
      expect(refused.length).toBeWithin(1, 100)
      for (const { status, headers, body } of refused) {
        expect([status, body.code]).toEqual([503, 'busy'])
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      }
    },
    PATIENCE_MS,
  )

  test(
    '37: X-Forwarded-For of somebody who is no proxy changes nothing',
    async () => {
      await using w = await strictWorld({ TRUST_PROXY: false })
      await w.as('ann')
      for (let i = 0; i < 10; i++) expect((await login(w, 'ann', 'not it', `10.0.0.${i}`)).status).toBe(401)
      expect((await login(w, 'ann', 'not it', '10.0.0.99')).status).toBe(429)
    },
    PATIENCE_MS,
  )

  test(
    '37: behind a proxy the last address counts, and what is none is passed over',
    async () => {
      await using w = await strictWorld()
      const fail = (i: number, address: string) => login(w, `somebody${i}`, 'not it', address)
      for (let i = 0; i < 10; i++) expect((await fail(i, `1.2.3.${i}, 10.0.0.1`)).status).toBe(401)
      expect((await fail(10, '1.2.3.99, 10.0.0.1:4711')).status).toBe(429)
      expect((await fail(11, '10.0.0.1, 10.0.0.2')).status).toBe(401)
      for (let i = 0; i < 10; i++) expect((await fail(20 + i, `garbage ${i}`)).status).toBe(401)
      expect((await fail(30, 'more garbage')).status).toBe(429)
    },
    PATIENCE_MS,
  )
})

describe('requests', () => {
  test(
    '53: too many of one person are refused with how long to wait, then go on; others are not touched',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const { good, refused } = await untilRefused(600, () => me(w, ann.token))
      expect(good).toHaveLength(500)
      const wait = isRefusal(refused, 'requests')
      expect((await me(w, bob.token)).status).toBe(200)
      expect((await call(w.url, 'GET', '/health')).status).toBe(200)
      w.pass(wait)
      const again = await untilRefused(60, () => me(w, ann.token))
      expect(again.good).toHaveLength(50)
    },
    PATIENCE_MS,
  )

  test(
    '53: the fields may be read by pages of other origins',
    async () => {
      await using w = await strictWorld()
      const { headers } = await call(w.url, 'GET', '/health', { headers: { origin: 'https://a.example' } })
      const exposed = (headers.get('access-control-expose-headers') ?? '').split(/, ?/)
      expect(exposed).toContain('retry-after')
      expect(exposed).toContain('ratelimit')
      expect(exposed).toContain('ratelimit-policy')
    },
    PATIENCE_MS,
  )

  test(
    'searches tell how many are left; looking up emails is slower, by any way',
    async () => {
      await using w = await strictWorld()
      const ann = await w.as('ann')
      const search = () => call(w.url, 'GET', '/messages/search?q=hello', { token: ann.token })
      const first = await search()
      expect(first.headers.get('ratelimit-policy')).toBe('"searches";q=50;w=10')
      expect(first.headers.get('ratelimit')).toBe('"searches";r=49;t=1')
      const people = () => call(w.url, 'GET', '/users/search/bob', { token: ann.token })
      const { good, refused } = await untilRefused(60, people)
      expect(good).toHaveLength(49)
      isRefusal(refused, 'searches')

      const ways = [
        (email: string) => call(w.url, 'GET', `/users?q=${email}`, { token: ann.token }),
        (email: string) => call(w.url, 'GET', `/users?q=${email}&query=bob&email=bob`, { token: ann.token }),
        (email: string) => call(w.url, 'GET', `/users/search/${email}`, { token: ann.token }),
        (email: string) => call(w.url, 'GET', `/compat/aws/users/${email}`, { token: ann.token }),
        (email: string) => call(w.url, 'PATCH', '/users/me', { token: ann.token, json: { email } }),
      ]
      for (let i = 0; i < 60; i++) {
        const { status } = await (ways[i % 5] as (typeof ways)[number])(`person${i}@example.com`)
        expect([200, 404]).toContain(status)
      }
      for (const way of ways) expect((await way('bob@example.com')).status).toBe(429)
      for (const way of ways.slice(0, 4)) expect((await way('bob%40example.com')).status).toBe(429)
      expect((await people()).status).toBe(429)
      w.pass(1)
      expect((await people()).status).toBe(200)
    },
    PATIENCE_MS,
  )

  test(
    'links, tickets, uploads and exports have limits of their own',
    async () => {
      await using w = await strictWorld()
      const ann = await w.as('ann')
      const { token } = ann
      const link = () => call(w.url, 'GET', `/invites/${'x'.repeat(24)}`, { token })
      expect((await untilRefused(60, link)).good.map(({ status }) => status)).toEqual(Array(60).fill(404))
      isRefusal(
        (await untilRefused(100, () => call(w.url, 'POST', '/auth/ticket', { token }))).refused,
        'tickets',
      )
      const body = () => {
        const form = new FormData()
        form.append('file', new File(['hello'], 'hello.txt'))
        return form
      }
      const upload = () => call(w.url, 'POST', '/files', { token, body: body() })
      const { good, refused } = await untilRefused(100, upload)
      expect(good.map(({ status }) => status)).toEqual(Array(100).fill(201))
      isRefusal(refused, 'uploads')
      const take = () => call(w.url, 'GET', '/users/me/export', { token })
      const wait = isRefusal((await untilRefused(5, take)).refused, 'exports')
      expect(wait).toBe(60)
    },
    PATIENCE_MS,
  )

  test(
    'bad tokens are counted by address, and keep nobody else there out',
    async () => {
      await using w = await strictWorld({ TRUST_PROXY: false })
      const ann = await w.as('ann')
      const { good, refused } = await untilRefused(650, () => me(w, 'nonsense'))
      expect(good.length).toBe(600)
      isRefusal(refused, 'signed_out')
      expect((await me(w, ann.token)).status).toBe(200)
      expect((await call(w.url, 'POST', '/auth/login', { json: {} })).status).toBe(429)
      expect(
        (await call(w.url, 'GET', '/ws?ticket=nonsense', { headers: { upgrade: 'websocket' } })).status,
      ).toBe(429)
    },
    PATIENCE_MS,
  )

  test(
    'new accounts are counted by address, over all four doors',
    async () => {
      await using w = await strictWorld()
      const doors = [
        '/auth/register',
        '/compat/messaging/signup',
        '/compat/react/register',
        '/compat/aws/users',
      ]
      const open = (path: string, address: string, token?: string) =>
        call(w.url, 'POST', path, { json: {}, token, headers: from(address) })
      for (let i = 0; i < 600; i++) expect((await open(doors[i % 4] as string, '10.0.0.1')).status).toBe(422)
      for (const path of doors) expect((await open(path, '10.0.0.1')).status).toBe(429)
      expect((await open('/auth/register', '10.0.0.2')).status).toBe(422)
      const { key } = await makeKey(w.url, await root(w))
      expect((await open('/compat/aws/users', '10.0.0.1', key)).status).toBe(422)
      expect((await open('/compat/aws/users', '10.0.0.1', `${key}x`)).status).toBe(401)
    },
    PATIENCE_MS,
  )

  test(
    'a service key is never limited, whomever it acts for',
    async () => {
      await using w = await strictWorld()
      const ann = await w.as('ann')
      await untilRefused(600, () => me(w, ann.token))
      const { key } = await makeKey(w.url, await root(w))
      const headers = { 'x-acting-user': ann.id }
      const { body } = await call(w.url, 'POST', '/chats', {
        token: key,
        headers,
        json: { participants: ['me'] },
      })
      for (let i = 0; i < 210; i++) {
        const sent = { token: key, headers, json: { content: `${i}` } }
        expect((await call(w.url, 'POST', `/chats/${body.id}/messages`, sent)).status).toBe(201)
      }
    },
    PATIENCE_MS,
  )

  test(
    'with RATE_LIMITS=off nobody is refused, and `hello` says so',
    async () => {
      await using w = await world()
      const ann = await w.as('ann')
      for (let i = 0; i < 12; i++) expect((await login(w, 'ann', 'not it', '10.0.0.1')).status).toBe(401)
      const search = await call(w.url, 'GET', '/messages/search?q=hello', { token: ann.token })
      expect(search.headers.get('ratelimit')).toBeNull()
      const { limits } = await (await ann.online()).hears('hello')
      expect(limits).toMatchObject({ messages_burst: 0, messages_per_minute: 0, sockets_per_person: 50 })
    },
    PATIENCE_MS,
  )
})

describe('messages', () => {
  test(
    'over sockets, REST and the older APIs they come out of one bucket; a refused one is not stored',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const chat_id = await privateChat(ann, bob)
      const line = await ann.online()
      const rest = (n: number) =>
        call(w.url, 'POST', `/chats/${chat_id}/messages`, { token: ann.token, json: { content: `${n}` } })
      const aws = (n: number) =>
        call(w.url, 'POST', '/compat/aws/messages', {
          token: ann.token,
          json: { sender: ann.id, receiver: bob.id, content: `${n}` },
        })
      const nest = (n: number) =>
        call(w.url, 'POST', '/compat/chatnest/messages', {
          token: ann.token,
          json: { user_id: ann.id, conversation_id: chat_id, content: `${n}` },
        })
      const room = (n: number) =>
        call(w.url, 'POST', '/compat/messaging/send-message', {
          token: ann.token,
          json: { room_id: chat_id, message: `${n}` },
        })
      const doors = [rest, aws, nest, room]
      for (let n = 0; n < 100; n++) {
        const { status } = await (doors[n % 4] as typeof rest)(n)
        expect([200, 201]).toContain(status)
        expect((await line.ask({ type: 'send', chat_id, content: `socket ${n}` })).type).toBe('ack')
      }
      isRefusal(await rest(100), 'messages')
      for (const door of [aws, nest, room]) {
        const { status, headers } = await door(100)
        expect([status, headers.get('retry-after')]).toEqual([429, '1'])
      }
      const frame = { type: 'send', chat_id, content: 'again', client_id: 'again' }
      expect(await line.ask(frame)).toMatchObject({
        type: 'error',
        status: 429,
        code: 'too_many_messages',
        retry_after: 1,
      })
      const read = await call(w.url, 'GET', `/chats/${chat_id}`, { token: ann.token })
      expect(read.body.last_seq).toBe(200)
      w.pass(1)
      expect(await line.ask(frame)).toMatchObject({ type: 'ack', message: { seq: 201, content: 'again' } })
      expect(await line.ask({ ...frame })).toMatchObject({ type: 'ack', message: { seq: 201 } })
      // Bob has a bucket of his own.
      const { status } = await call(w.url, 'POST', `/chats/${chat_id}/messages`, {
        token: bob.token,
        json: { content: 'hi' },
      })
      expect(status).toBe(201)
    },
    PATIENCE_MS,
  )

  test(
    'edits, reactions and pins are messages too',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const chat_id = await privateChat(ann, bob)
      const { body } = await call(w.url, 'POST', `/chats/${chat_id}/messages`, {
        token: ann.token,
        json: { content: 'hi' },
      })
      const at = `/chats/${chat_id}/messages/${body.id}`
      const change = (i: number) =>
        [
          () => call(w.url, 'PUT', `${at}/reactions/👍`, { token: ann.token }),
          () => call(w.url, 'DELETE', `${at}/reactions/👍`, { token: ann.token }),
          () => call(w.url, 'PUT', `${at}/pin`, { token: ann.token }),
          () => call(w.url, 'DELETE', `${at}/pin`, { token: ann.token }),
        ][i % 4]!()
      for (let i = 0; i < 199; i++) expect((await change(i)).status).toBe(200)
      for (let i = 0; i < 4; i++) isRefusal(await change(i), 'messages')
      isRefusal(await call(w.url, 'PATCH', at, { token: ann.token, json: { content: 'ho' } }), 'messages')
      isRefusal(await call(w.url, 'DELETE', at, { token: ann.token }), 'messages')
    },
    PATIENCE_MS,
  )
})

describe('frames', () => {
  test(
    '44: who goes on too fast is told so, frame by frame, and then closed with 4429',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const chat_id = await privateChat(ann, bob)
      const [line, other] = [await ann.online(), await ann.online()]
      for (let n = 0; n < 600; n++) line.say({ type: 'send', id: n, chat_id, content: `${n}` })
      expect(await line.closed).toBe(4429)
      expect(line.of('ack')).toHaveLength(200)
      const errors = line.of('error')
      expect(errors).toHaveLength(100)
      for (const error of errors) expect(error).toMatchObject({ status: 429, code: 'too_many_messages' })
      expect(line.of('bye')).toMatchObject([{ code: 4429, retry: true }])
      const { body } = await call(w.url, 'GET', `/chats/${chat_id}`, { token: bob.token })
      expect(body.last_seq).toBe(200)
      expect((await other.ask({ type: 'ping' })).type).toBe('pong')
    },
    PATIENCE_MS,
  )

  test(
    '44: frames that wait are bounded by their size too',
    async () => {
      await using w = await strictWorld({ RATE_LIMITS: false })
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const chat_id = await privateChat(ann, bob)
      const line = await ann.online()
      const large = JSON.stringify({
        type: 'send',
        chat_id,
        content: 'x'.repeat(8_000),
        padding: 'x'.repeat(50_000),
      })
      for (let i = 0; i < 50; i++) line.say(large)
      expect(await line.closed).toBe(4429)
    },
    PATIENCE_MS,
  )

  test(
    'other frames share the bucket of requests; typing is passed over in silence, but not for ever',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const chat_id = await privateChat(ann, bob)
      const line = await ann.online()
      await untilRefused(600, () => me(w, ann.token))
      expect(await line.ask({ type: 'ping' })).toMatchObject({
        type: 'error',
        status: 429,
        code: 'too_many_requests',
      })
      expect(await line.ask({ type: 'read', chat_id, seq: 0 })).toMatchObject({ code: 'too_many_requests' })
      expect(await line.ask({ type: 'typing', chat_id, on: true })).toMatchObject({
        code: 'too_many_requests',
      })
      line.say({ type: 'typing', chat_id, on: true })
      line.say({ type: 'presence', presence: 'away' })
      // Messages are counted apart: somebody who reads a lot may still write.
      expect(await line.ask({ type: 'send', chat_id, content: 'hello' })).toMatchObject({ type: 'ack' })
      expect(line.of('error')).toHaveLength(3)
      w.pass(1)
      expect((await line.ask({ type: 'ping' })).type).toBe('pong')
      for (let i = 0; i < 200; i++) line.say({ type: 'typing', chat_id, on: true })
      expect(await line.closed).toBe(4429)
      expect(line.of('error')).toHaveLength(3)
    },
    PATIENCE_MS,
  )

  test(
    'a sync counts as ten frames, since it reads all chats of a person',
    async () => {
      await using w = await strictWorld()
      const line = await (await w.as('ann')).online()
      // Opening the socket was a request, too.
      for (let i = 0; i < 49; i++) expect((await line.ask({ type: 'sync', chats: {} })).type).toBe('ack')
      expect(await line.ask({ type: 'sync', chats: {} })).toMatchObject({ code: 'too_many_requests' })
      expect((await line.ask({ type: 'ping' })).type).toBe('pong')
    },
    PATIENCE_MS,
  )

  test(
    'Socket.IO and the socket of an older API are counted with the rest',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const chat_id = await privateChat(ann, bob)
      const socket = io(w.url, { auth: { token: ann.token }, reconnection: false, forceNew: true })
      const react = new WebSocket(`${w.url.replace('http', 'ws')}/compat/react/ws/chat?token=${ann.token}`)
      try {
        for (let n = 0; n < 200; n++)
          expect(await socket.emitWithAck('send', { chat_id, content: `${n}` })).toHaveProperty('message')
        expect(await socket.emitWithAck('send', { chat_id, content: 'more' })).toMatchObject({
          status: 429,
          code: 'too_many_messages',
          retry_after: 1,
        })
        const { promise, resolve } = Promise.withResolvers<any>()
        react.onmessage = event => {
          const frame = JSON.parse(event.data as string)
          if (frame.type === 'error') resolve(frame)
        }
        react.send(JSON.stringify({ chat_id, content: 'and more' }))
        expect(await promise).toMatchObject({ code: 'too_many_messages', retry_after: 1 })
        const { body } = await call(w.url, 'GET', `/chats/${chat_id}`, { token: bob.token })
        expect(body.last_seq).toBe(200)
      } finally {
        socket.close()
        react.close()
      }
    },
    PATIENCE_MS,
  )
})

describe('sockets', () => {
  const upgrade = (w: World, token: string) =>
    call(w.url, 'GET', '/ws', { token, headers: { upgrade: 'websocket', connection: 'upgrade' } })

  test(
    '44: a 51st socket of one person is 429 before the upgrade, over any door; the others stay',
    async () => {
      await using w = await strictWorld()
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const socket = io(w.url, { auth: { token: ann.token }, reconnection: false, forceNew: true })
      await new Promise<void>(resolve => socket.on('hello', () => resolve()))
      const lines = await Promise.all(Array.from({ length: 49 }, () => ann.online()))
      const { status, headers, body } = await upgrade(w, ann.token)
      expect([status, body.code]).toEqual([429, 'too_many_sockets'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      const further = io(w.url, { auth: { token: ann.token }, reconnection: false, forceNew: true })
      const error: any = await new Promise(resolve => further.on('connect_error', resolve))
      expect(error.data).toMatchObject({ status: 429, code: 'too_many_sockets', retry_after: 10 })
      expect((await (lines[0] as (typeof lines)[number]).ask({ type: 'ping' })).type).toBe('pong')
      await bob.online()
      socket.close()
      lines[1]?.close()
      await lines[1]?.closed
      await ann.online()
      further.close()
    },
    PATIENCE_MS,
  )

  test(
    '44: 80 sockets of one person at once: 50 open',
    async () => {
      await using w = await strictWorld()
      const ann = await w.as('ann')
      const outcomes = await Promise.allSettled(
        Array.from({ length: 80 }, async () => {
          const line = lineOf(
            new WebSocket(`${w.url.replace('http', 'ws')}/ws`, {
              headers: { authorization: `Bearer ${ann.token}` },
            } as never),
          )
          await Promise.race([
            line.hears('hello'),
            line.closed.then(code => Promise.reject(new Error(`${code}`))),
          ])
          return line
        }),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
      for (const each of outcomes) if (each.status === 'fulfilled') each.value.close()
    },
    PATIENCE_MS,
  )

  test(
    '44: beyond MAX_SOCKETS everybody is 503 with Retry-After before the upgrade; a ticket stays good',
    async () => {
      await using w = await strictWorld({ MAX_SOCKETS: 2 })
      const [ann, bob] = [await w.as('ann'), await w.as('bob')]
      const line = await ann.online()
      await bob.online()
      const {
        body: { ticket },
      } = await call(w.url, 'POST', '/auth/ticket', { token: bob.token })
      const { status, headers, body } = await call(w.url, 'GET', `/ws?ticket=${ticket}`, {
        headers: { upgrade: 'websocket' },
      })
      expect([status, body.code]).toEqual([503, 'too_many_connections'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      const polling = await call(w.url, 'GET', '/socket.io/?EIO=4&transport=polling')
      expect([polling.status, polling.body.code]).toEqual([503, 'too_many_connections'])
      line.close()
      await line.closed
      const again = lineOf(new WebSocket(`${w.url.replace('http', 'ws')}/ws?ticket=${ticket}`))
      expect(await again.hears('hello')).toMatchObject({ user_id: bob.id })
      again.close()
    },
    PATIENCE_MS,
  )

  test(
    'a Socket.IO client that signs out of the namespace is not kept',
    async () => {
      await using w = await strictWorld()
      const ann = await w.as('ann')
      const poll = (method: string, sid: string, body?: string) =>
        call(w.url, method, `/socket.io/?EIO=4&transport=polling${sid && `&sid=${sid}`}`, { body })
      const { sid } = JSON.parse((await poll('GET', '')).body.slice(1))
      await poll('POST', sid, `40${JSON.stringify({ token: ann.token })}`)
      expect((await poll('GET', sid)).body).toStartWith('40')
      await poll('POST', sid, '41')
      while ((await poll('GET', sid)).status === 200);
      expect(w.services.hub.size).toBe(0)
    },
    PATIENCE_MS,
  )

  test(
    'of Socket.IO so many from one address may be signing in, and each is closed after 10 seconds',
    async () => {
      await using w = await strictWorld({ TRUST_PROXY: true })
      const ann = await w.as('ann')
      const knock = (address: string) =>
        call(w.url, 'GET', '/socket.io/?EIO=4&transport=polling', { headers: from(address) })
      const first = await knock('10.0.0.1')
      expect(first.status).toBe(200)
      for (let i = 1; i < 1_000; i += 50)
        await Promise.all(Array.from({ length: Math.min(50, 1_000 - i) }, () => knock('10.0.0.1')))
      const { status, body } = await knock('10.0.0.1')
      expect([status, body.code]).toEqual([429, 'too_many_signing_in'])
      expect((await knock('10.0.0.2')).status).toBe(200)
      await connect(w.url, ann.token).then(line => line.close())
      const sid = JSON.parse(first.body.slice(1)).sid as string
      // A poll is answered when there is something to tell: that it is over, long before a ping would be due.
      await call(w.url, 'GET', `/socket.io/?EIO=4&transport=polling&sid=${sid}`)
      const gone = await call(w.url, 'GET', `/socket.io/?EIO=4&transport=polling&sid=${sid}`)
      expect(gone.status).toBe(400)
      expect((await knock('10.0.0.1')).status).toBe(200)
    },
    PATIENCE_MS,
  )

  test('44: no more sockets than the limit of open files leaves room for', () => {
    const fit = (wanted: number, openFiles: number | null) =>
      socketsThatFit(wanted, createLog('silent'), openFiles)
    expect([fit(100_000, 1_000_000), fit(100_000, null), fit(100, 1_024)]).toEqual([100_000, 100_000, 100])
    expect([fit(100_000, 20_000), fit(100_000, 1_024), fit(100_000, 256)]).toEqual([19_488, 512, 128])
  })
})

describe('exports', () => {
  test(
    'so many of all people together are under way; a further one is 503 with Retry-After',
    async () => {
      await using w = await strictWorld()
      const people = Array.from({ length: 33 }, (_, i) => ({
        user_id: `${i}`,
        session_id: `${i}`,
        until: Infinity,
      }))
      const begun = people.slice(0, 32).map(person => w.services.exports.begin(person))
      const last = people[32] as (typeof people)[number]
      expect(() => w.services.exports.begin(last)).toThrow(
        expect.objectContaining({ status: 503, code: 'busy', retryAfter: 10 }),
      )
      await Promise.all(begun.map(stream => stream.cancel()))
      await w.services.exports.begin(last).cancel()
    },
    PATIENCE_MS,
  )
})
