// Passwords: which are taken, how they are kept, and what guessing them costs.
import { describe, expect, setDefaultTimeout, spyOn, test } from 'bun:test'
import { HASHING } from '../../src/auth/hashing'
import { arrive, PASSWORD } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const register = (url: string, username: string, password: string, path = '/auth/register') =>
  call(url, 'POST', path, { json: { username, password } })

const login = (url: string, username: string, password: string, headers?: Record<string, string>) =>
  call(url, 'POST', '/auth/login', { json: { username, password }, headers })

describe('11: passwords', () => {
  test('11: too short, too common or too long are 422 at every door, before anything is hashed', async () => {
    await using w = await world({ RATE_LIMITS: false })
    using hashed = spyOn(Bun.password, 'hash')
    const bad = [
      'sevench',
      '12345678',
      'qwertyuiop',
      'password1',
      'iloveyou',
      'Password123',
      'x'.repeat(1025),
    ]
    bad.push('ä'.repeat(600), ' '.repeat(3))
    for (const path of ['/auth/register', '/compat/messaging/signup', '/compat/react/register'])
      for (const password of bad)
        expect([path, password, (await register(w.url, 'alice', password, path)).status]).toEqual([
          path,
          password,
          422,
        ])
    expect(hashed).not.toHaveBeenCalled()
  })

  test('11: 64 characters and more, with spaces and any script, are taken as they are', async () => {
    await using w = await world({ RATE_LIMITS: false })
    const good = [
      'x y '.repeat(16) + '!',
      'ключ от квартиры где деньги лежат',
      '🔑'.repeat(20),
      'z'.repeat(1024),
    ]
    for (const [i, password] of good.entries()) {
      expect((await register(w.url, `alice${i}`, password)).status).toBe(201)
      expect((await login(w.url, `alice${i}`, password)).status).toBe(200)
      expect((await login(w.url, `alice${i}`, `no${password.slice(2)}`)).status).toBe(401)
    }
  })

  test('11: passwords given to sign in are bounded too', async () => {
    await using w = await world({ RATE_LIMITS: false })
    using verified = spyOn(Bun.password, 'verify')
    const json = { username: 'alice', password: 'x'.repeat(1025) }
    for (const path of ['/auth/login', '/auth/token', '/compat/messaging/login', '/compat/react/login'])
      expect([path, (await call(w.url, 'POST', path, { json })).status]).toEqual([path, 422])
    expect(verified).not.toHaveBeenCalled()
  })
})

describe('12: an unknown name and a wrong password', () => {
  test('12: get the same answer after the same work, at every door', async () => {
    await using w = await world({ RATE_LIMITS: false })
    await w.as('alice')
    using verified = spyOn(Bun.password, 'verify')
    for (const path of ['/auth/login', '/auth/token', '/compat/messaging/login', '/compat/react/login']) {
      const attempt = (username: string) =>
        call(w.url, 'POST', path, { json: { username, password: 'not the right one' } })
      verified.mockClear()
      const known = await attempt('alice')
      expect(verified).toHaveBeenCalledTimes(1)
      for (const name of ['nobody', 'nobody@example.com']) {
        const unknown = await attempt(name)
        const [a, b] = [known, unknown].map(({ status, body }) => [status, { ...body, request_id: '' }])
        expect([path, b]).toEqual([path, a])
      }
      expect(verified).toHaveBeenCalledTimes(3)
      const { memoryCost: m, timeCost: t } = HASHING
      expect(verified.mock.calls[1]?.[1]).toStartWith(`$argon2id$v=19$m=${m},t=${t},p=1$`)
    }
  })

  test('12: take the same time, as far as a busy machine lets one tell', async () => {
    await using home = await newHome()
    const server = await start({ ...home, RATE_LIMITS: 'off', LOG_LEVEL: 'silent' })
    await arrive(server.url, 'alice')
    const times = { alice: [] as number[], nobody: [] as number[] }
    for (let i = 0; i < 25; i++)
      for (const name of ['alice', 'nobody'] as const) {
        const begun = performance.now()
        expect((await login(server.url, name, 'not the right one')).status).toBe(401)
        times[name].push(performance.now() - begun)
      }
    server.process.kill()
    await server.process.exited
    const median = (all: number[]) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] as number
    expect(median(times.alice) / median(times.nobody)).toBeWithin(0.6, 1.7)
  })
})

test('13: a stored hash is argon2id with at least 19 MiB and two passes, its own salt each', async () => {
  await using w = await world({ RATE_LIMITS: false })
  const { createPasswords } = await import('../../src/auth/passwords')
  const { hash } = createPasswords()
  const [one, other] = await Promise.all([hash(PASSWORD), hash(PASSWORD)])
  expect(one).toStartWith('$argon2id$v=19$m=19456,t=2,p=1$')
  expect(one).not.toBe(other)
  const { id } = await w.as('alice')
  expect((await w.stores.users.byId(id))?.password_hash).toStartWith('$argon2id$v=19$')
})
