// What guessing passwords comes to: it is counted, and it holds nobody up.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { arrive, PASSWORD } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const login = (url: string, username: string, password: string, headers?: Record<string, string>) =>
  call(url, 'POST', '/auth/login', { json: { username, password }, headers })

describe('14: guessing', () => {
  test('14: the eleventh failure for one account from one address waits, and the right password from elsewhere works', async () => {
    await using w = await world({ RATE_LIMITS: true, TRUST_PROXY: true })
    await w.as('alice')
    const from = (address: string) => ({ 'x-forwarded-for': address })
    for (let i = 0; i < 10; i++)
      expect((await login(w.url, 'alice', `guess number ${i}`, from('10.0.0.1'))).status).toBe(401)
    const refused = await login(w.url, 'ALICE', 'guess number 11', from('10.0.0.1'))
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeWithin(1, 181)
    expect((await login(w.url, 'alice', PASSWORD, from('10.0.0.1'))).status).toBe(429)
    expect((await login(w.url, 'alice', PASSWORD, from('10.0.0.2'))).status).toBe(200)
  })

  test('14: doors count together, and attempts at once do not slip by', async () => {
    await using w = await world({ RATE_LIMITS: true })
    await w.as('alice')
    const doors = ['/auth/login', '/auth/token', '/compat/messaging/login', '/compat/react/login']
    const attempts = Array.from({ length: 40 }, (_, i) =>
      call(w.url, 'POST', doors[i % 4] as string, {
        json: { username: 'alice', password: `guess number ${i}` },
      }),
    )
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    expect(statuses.filter(status => status === 401).length).toBeLessThanOrEqual(10)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
  })
})

test('15: 200 sign-ins at once hold nobody up: those too many are 503 at once, others go on', async () => {
  await using home = await newHome()
  const server = await start({ ...home, RATE_LIMITS: 'off', LOG_LEVEL: 'silent' })
  const alice = await arrive(server.url, 'alice')
  let left = 200
  const attempts = Array.from({ length: 200 }, (_, i) =>
    login(server.url, `nobody${i}`, PASSWORD).finally(() => left--),
  )
  const waits: number[] = []
  while (left > 0) {
    const begun = performance.now()
    expect((await alice.api.auth.me.get()).status).toBe(200)
    waits.push(performance.now() - begun)
  }
  const answers = await Promise.all(attempts)
  server.process.kill()
  await server.process.exited
  const busy = answers.filter(({ status }) => status === 503)
  expect(busy.length).toBeGreaterThan(0)
  for (const { headers } of busy) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(200 - busy.length)
  // One after the other behind the sign-ins there would be room for a handful.
  expect(waits.length).toBeGreaterThan(50)
})
