// What strangers put into bodies: operators of databases, and keys that every object has.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { ANN, BOB, CHAT, everyOperation, MESSAGE } from '../support/operations'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

describe('27: operators of a database', () => {
  test('27: where a word belongs are 422 at every door, and never said back', async () => {
    await using w = await freely()
    await w.as('alice')
    for (const operator of [
      { $ne: null },
      { $gt: '' },
      { $regex: '.*' },
      { $where: 'hunter2' },
      ['hunter2'],
      true,
      7,
    ]) {
      const json = { username: operator, password: operator, email: operator, refresh_token: operator }
      for (const path of [
        '/auth/login',
        '/auth/token',
        '/auth/refresh',
        '/auth/register',
        '/compat/messaging/login',
        '/compat/messaging/signup',
        '/compat/react/login',
        '/compat/react/register',
        '/compat/aws/users',
      ]) {
        const { status, body } = await call(w.url, 'POST', path, { json })
        expect([path, status]).toEqual([path, 422])
        expect(JSON.stringify(body)).not.toMatch(/\$|hunter2|regex/)
      }
    }
  })

  test('27: in forms mean nothing either', async () => {
    await using w = await freely()
    await w.as('alice')
    for (const fields of [
      { 'username[$ne]': 'x', 'password[$ne]': 'x' },
      { username: '[object Object]', password: '{"$ne":null}' },
    ])
      for (const path of ['/auth/login', '/auth/token', '/compat/messaging/login', '/compat/react/login'])
        expect(
          (await call(w.url, 'POST', path, { body: new URLSearchParams(fields as never) })).status,
        ).toBeOneOf([401, 422])
  })

  test('27: in every field of every operation are refused, and change nothing', async () => {
    await using w = await freely()
    const { alice, bob, c1, message } = await settle(w)
    const real = new Map([
      [ANN, alice.id],
      [BOB, bob.id],
      [CHAT, c1],
      [MESSAGE, message],
    ])
    for (const { name, method, asked } of await everyOperation(w, real)) {
      if (asked.json === undefined) continue
      for (const field of Object.keys(asked.json)) {
        const isObject = typeof asked.json[field] === 'object' && !Array.isArray(asked.json[field])
        if (isObject) continue
        const json = { ...asked.json, [field]: { $gt: '' } }
        const { status, body } = await call(w.url, method, asked.path, { token: bob.token, json })
        expect([name, field, status]).toEqual([name, field, 422])
        expect(JSON.stringify(body)).not.toContain('$gt')
      }
    }
  })
})

describe('29: keys that every object has', () => {
  const polluting = [
    '{"__proto__":{"admin":true}}',
    '{"a":{"__proto__":{"admin":true}}}',
    '{"\\u005f_proto__":{"admin":true}}',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"c\\u006fnstructor":{"prototype":{"admin":true}}}',
  ]

  test('29: are 422 in the body of every operation, and no object has more than before', async () => {
    await using w = await freely()
    const { alice } = await settle(w)
    for (const { name, method, asked, requestBody } of await everyOperation(w)) {
      if (!requestBody?.content['application/json']) continue
      for (const body of polluting) {
        const headers = { 'content-type': 'application/json' }
        const { status } = await call(w.url, method, asked.path, { token: alice.token, body, headers })
        expect([name, body, status]).toEqual([name, body, 422])
      }
    }
    expect(({} as any).admin).toBeUndefined()
    expect(([] as any).admin).toBeUndefined()
  })

  test('29: in queries, forms and frames neither', async () => {
    await using w = await freely()
    const { alice } = await settle(w)
    const line = await alice.online()
    for (const text of polluting) {
      line.say(text)
      line.say(`{"type":"status","status":"x",${text.slice(1)}`)
    }
    await line.ask({ type: 'ping' })
    expect(line.of('error')).toHaveLength(2 * polluting.length)
    const query = '__proto__[admin]=true&constructor.prototype.admin=true&__proto__=x&constructor=x'
    expect((await call(w.url, 'GET', `/chats?${query}`, { token: alice.token })).status).toBe(422)
    expect(
      (await call(w.url, 'GET', '/chats?__proto__=x&constructor=x', { token: alice.token })).status,
    ).toBeOneOf([200, 422])
    const body = new URLSearchParams({
      __proto__: 'x',
      constructor: 'x',
      username: 'alice',
      password: 'x',
    } as never)
    expect((await call(w.url, 'POST', '/auth/login', { body })).status).toBe(401)
    expect(({} as any).admin).toBeUndefined()
  })
})
