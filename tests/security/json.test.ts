// JSON that is deep, or no JSON: at every route, and over every socket.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { hearing, polling, post } from '../support/doors'
import { takingJson } from '../support/operations'
import { arrive } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })
const JSON_TYPE = { 'content-type': 'application/json' }

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
const NASTY = [
  nested(40),
  nested(30_000),
  '['.repeat(60_000),
  '{"a":'.repeat(9_000) + '1' + '}'.repeat(9_000),
]

describe('30: nesting', () => {
  test('30: is 422 at every route that takes JSON', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    const operations = await takingJson(w)
    expect(operations.length).toBeGreaterThan(30)
    for (const { name, method, asked } of operations)
      for (const body of [...NASTY, `{"content":${nested(40)}}`]) {
        const { status } = await call(w.url, method, asked.path, { token, body, headers: JSON_TYPE })
        expect([name, body.length, status]).toEqual([name, body.length, 422])
      }
  })

  test('30: is an error over every socket, which stays open', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    const line = await alice.online()
    const sid = await polling(w.url, alice.token)
    for (const nasty of NASTY.filter(({ length }) => length <= 60_000)) {
      line.say(nasty)
      if (nasty.endsWith(']')) {
        await post(w.url, sid, `421["send",{"content":${nasty}}]`)
        await hearing(w.url, sid, '"status":422')
      }
    }
    expect((await line.ask({ type: 'ping' })).type).toBe('pong')
    expect(line.of('error').map(({ status }) => status)).toEqual(
      NASTY.filter(({ length }) => length <= 60_000).map(() => 422),
    )
  })

  test('30: holds others up no more than honest bodies of the same size', async () => {
    await using home = await newHome()
    const server = await start({ ...home, LOG_LEVEL: 'silent', RATE_LIMITS: 'off' })
    const { token } = await arrive(server.url, 'alice')
    const honest = JSON.stringify({ bio: 'x'.repeat(59_000) })
    const nasty = `{"bio":${nested(30_000)}}`

    /** The longest that anybody else waits while 40 of these are answered. */
    async function worstWait(body: string): Promise<number> {
      let left = 40
      const send = () => call(server.url, 'PATCH', '/users/me', { token, body, headers: JSON_TYPE })
      const sent = Promise.all(Array.from({ length: left }, () => send().finally(() => left--)))
      let worst = 0
      while (left > 0) {
        const begun = performance.now()
        expect((await call(server.url, 'GET', '/health')).status).toBe(200)
        worst = Math.max(worst, performance.now() - begun)
      }
      await sent
      return worst
    }

    await worstWait(honest)
    const [usual, meanwhile] = [await worstWait(honest), await worstWait(nasty)]
    server.process.kill()
    await server.process.exited
    // One body that was parsed, checked and said back would take a second or more.
    expect(meanwhile).toBeLessThan(5 * usual + 300)
  })
})

test('32: a page’s form or plain text is no JSON: 415 at every route, but where forms are meant', async () => {
  await using w = await freely()
  const { token } = await w.as('alice')
  const FORMS = ['/auth/login', '/auth/token', '/compat/messaging/login', '/compat/react/login']
  const form = new FormData()
  form.set('content', 'x')
  for (const { name, method, path, asked } of await takingJson(w)) {
    const text = JSON.stringify(asked.json ?? {})
    const ask = async (body: BodyInit, type?: string) =>
      (await call(w.url, method, asked.path, { token, body, headers: type ? { 'content-type': type } : {} }))
        .status
    expect([name, await ask(text, 'text/plain')]).toEqual([name, 415])
    expect([name, await ask(text, 'text/plain; application/json')]).toEqual([name, 415])
    expect([name, await ask(text, 'application/xml')]).toEqual([name, 415])
    if (FORMS.includes(path)) continue
    expect([name, await ask(text, 'application/x-www-form-urlencoded')]).toEqual([name, 415])
    expect([name, await ask(form)]).toEqual([name, 415])
  }
})
