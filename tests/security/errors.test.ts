// What an error says: where and what, in one shape, and nothing of the inside.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { hearing, polling, post } from '../support/doors'
import { everyOperation } from '../support/operations'
import { call, type Answer } from '../support/raw'
import { exchange, headOf } from '../support/tcp'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

const INSIDE =
  /E11000|SQLITE|MongoServer|\bat .*\.ts|node_modules|\/src\/|Error:|SELECT |INSERT |natter\.db|hunter2/i

/** A problem of RFC 9457; under /compat the `detail` that those clients know (documented there). */
function isTold(name: string, { status, headers, body }: Answer, isOlder: boolean) {
  const type = isOlder ? 'application/json' : 'application/problem+json'
  expect([name, headers.get('content-type')]).toEqual([name, type])
  if (isOlder) expect([name, Object.keys(body)]).toEqual([name, ['detail']])
  else
    expect(body).toMatchObject({
      status,
      title: expect.any(String),
      code: expect.any(String),
      detail: expect.any(String),
    })
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{24}$/)
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(JSON.stringify(body)).not.toMatch(INSIDE)
}

test('51: every refusal of every operation is a problem, and says nothing of the inside or of what was sent', async () => {
  await using w = await freely()
  const { mallory } = await settle(w)
  let refused = 0
  for (const { name, method, path, asked } of await everyOperation(w)) {
    const headers = { 'content-type': 'application/json' }
    const ask = (options: object, at = asked.path) => call(w.url, method, at, { headers, ...options })
    const { token } = mallory
    const isReading = method === 'GET'
    const answers = [await ask({ json: isReading ? undefined : asked.json })]
    if (path !== '/users/me' && path !== '/auth/logout')
      answers.push(await ask({ token, json: isReading ? undefined : asked.json }))
    if (!isReading)
      answers.push(
        await ask({ token, body: '{"hunter2' }),
        await ask({ token, body: '{"hunter2":"hunter2"}' }),
      )
    answers.push(
      await ask(
        { token, body: isReading ? undefined : '{}' },
        `${asked.path.split('?')[0]}?hunter2[$gt]=hunter2`,
      ),
    )
    if (path.includes('{'))
      answers.push(
        await ask(
          { token, body: isReading ? undefined : '{}' },
          path.replace(/\{\w+\}/g, 'hunter2'.repeat(9)),
        ),
      )
    for (const answer of answers) {
      expect(answer.status, name).toBeLessThan(500)
      if (answer.status < 400) continue
      refused++
      isTold(name, answer, path.startsWith('/compat/'))
    }
  }
  expect(refused).toBeGreaterThan(300)
})

describe('51: what goes wrong inside', () => {
  const CAUSE =
    'E11000 duplicate key error collection: natter.users dup key: { email: "hunter2" } at /srv/natter/src/x.ts:1:1'

  test('51: is a 500 with the id of the request, at every door', async () => {
    await using w = await freely()
    const { alice, c1 } = await settle(w)
    const line = await alice.online()
    const sid = await polling(w.url, alice.token)
    const fail = async () => {
      throw Object.assign(new Error(CAUSE), { code: 11000, errmsg: CAUSE })
    }
    w.services.messages.send = fail
    w.services.messages.history = fail
    const asked = { token: alice.token, json: { content: 'x' } }
    const answers = [
      ['POST', `/chats/${c1}/messages`, asked],
      ['GET', `/chats/${c1}/messages`, { token: alice.token }],
      ['POST', '/compat/messaging/send-message', { token: alice.token, json: { room_id: c1, message: 'x' } }],
      [
        'POST',
        '/compat/chatnest/messages',
        { token: alice.token, json: { user_id: alice.id, conversation_id: c1, content: 'x' } },
      ],
    ] as const
    for (const [method, path, options] of answers) {
      const answer = await call(w.url, method, path, options as object)
      expect([path, answer.status]).toEqual([path, 500])
      isTold(path, answer, path.startsWith('/compat/'))
    }
    const error = await line.ask({ type: 'send', chat_id: c1, content: 'x' })
    expect(error).toMatchObject({ type: 'error', status: 500, code: 'internal' })
    await post(w.url, sid, `421["send",{"chat_id":"${c1}","content":"x"}]`)
    const told = await hearing(w.url, sid, 'status')
    expect(told).toContain('internal')
    expect(JSON.stringify(error) + told).not.toMatch(INSIDE)
    expect((await line.ask({ type: 'ping' })).type).toBe('pong')
  })
})

test('51: Bun’s own refusals of what is no request have no body at all', async () => {
  await using w = await freely()
  for (const [lines, statuses] of [
    [['GET /x', `X-Long: ${'x'.repeat(20_000)}`], [431]],
    [['GET /x', ...Array.from({ length: 250 }, (_, i) => `X-${i}: y`)], [431]],
    [['GET /x', 'Content-Length: x'], [400]],
  ] as [string[], number[]][]) {
    const [first = '', ...headers] = lines
    const { status, text } = await exchange(w.url, headOf(w.url, first, ...headers))
    expect(statuses).toContain(status)
    expect(text).not.toMatch(INSIDE)
  }
})
