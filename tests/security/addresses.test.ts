// What strangers put into addresses: numbers that are none, words that are patterns, ids that are paths.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { say } from '../support/chats'
import { ANN, CHAT, everyOperation, MESSAGE } from '../support/operations'
import { call } from '../support/raw'
import { exchange, headOf } from '../support/tcp'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

test('28: a limit that is no plain number from 1 to 100 is 422 on every list', async () => {
  await using w = await freely()
  const { alice, c1, message } = await settle(w)
  const real = new Map([
    [ANN, alice.id],
    [CHAT, c1],
    [MESSAGE, message],
  ])
  const lists = (await everyOperation(w, real)).filter(({ parameters }) =>
    parameters?.some(({ name }: any) => name === 'limit'),
  )
  expect(lists.length).toBeGreaterThan(15)
  const odd = [
    'limit=-5',
    'limit=101',
    'limit=0',
    'limit=1e3',
    'limit=0x10',
    'limit=Infinity',
    'limit=NaN',
    'limit=',
  ]
  odd.push(
    'limit=1.5',
    'limit=+5',
    'limit=%205',
    'limit=007',
    'limit=१',
    'limit[$gt]=1',
    'limit%5B$gt%5D=1',
    'limit[]=1',
    '$where=1',
  )
  for (const { name, asked } of lists)
    for (const query of odd) {
      const path = `${asked.path}${asked.path.includes('?') ? '&' : '?'}${query}`
      const { status, body } = await call(w.url, 'GET', path, { token: alice.token })
      expect([name, query, status]).toEqual([name, query, 422])
      expect(JSON.stringify(body)).not.toContain('Infinity')
    }
})

test('33: words of a search are only words, however they look, and cost no more', async () => {
  await using w = await freely()
  const { alice, c1 } = await settle(w)
  await say(alice, c1, `${'a'.repeat(4_000)}!`)
  await say(alice, c1, 'costs $where and (a+)+$ and 100%_done')
  const ask = async (path: string) => await call(w.url, 'GET', path, { token: alice.token })
  const odd = [
    '.*(a+)+$',
    '$where',
    '{"$gt":""}',
    '%',
    '_',
    '"',
    "' OR 1=1 --",
    '*',
    'NEAR(a b)',
    'a AND NOT b',
    '(',
    '\\',
    '-',
    'a:b',
    '^',
    `${'a'.repeat(200)}!`,
    `${'"'.repeat(200)}`,
    `${'* '.repeat(100)}`,
  ]
  for (const words of odd) {
    const q = encodeURIComponent(words)
    for (const path of [
      `/messages/search?q=${q}`,
      `/users?q=${q}`,
      `/users/search/${q}`,
      `/chats/${c1}/members?q=${q}`,
    ]) {
      const { status } = await ask(path)
      expect([200, 422], `${path} ${status}`).toContain(status)
    }
  }
  const found = async (path: string) =>
    (await ask(path)).body.items.map(({ message, username }: any) => username ?? message.content)
  expect(await found('/messages/search?q=%24where')).toEqual(['costs $where and (a+)+$ and 100%_done'])
  expect(await found('/messages/search?q=.*z%2B%24')).toEqual([])
  expect(await found('/users?q=%24where')).toEqual([])
  expect(await found('/users?q=al%25ce')).toEqual([])
})

test('34: ids that are paths, bytes or endless are refused everywhere, and put nothing into the answer’s head', async () => {
  await using w = await freely()
  const { alice } = await settle(w)
  const nasty = [
    '..%2f..%2fetc%2fpasswd',
    '%00',
    '%0d%0aX-Evil:%201',
    '%2e%2e',
    '..',
    'x'.repeat(10_000),
    '%ff%fe',
    '%',
    '%zz',
    'constructor',
    '__proto__',
    '-1',
    "'",
    '%F0%9F%92%A9',
  ]
  for (const { name, method, path, asked } of await everyOperation(w)) {
    const places = [...(path as string).matchAll(/\{\w+\}/g)].map(([place]) => place)
    for (const place of places)
      for (const id of nasty) {
        const filled = (path as string).replace(place, id).replace(/\{\w+\}/g, 'f'.repeat(24))
        const body = asked.json === undefined ? '' : JSON.stringify(asked.json)
        const head = headOf(
          w.url,
          `${method} ${filled}`,
          `Authorization: Bearer ${alice.token}`,
          'Content-Type: application/json',
          `Content-Length: ${Buffer.byteLength(body)}`,
          'Connection: close',
        )
        const { status, text } = await exchange(w.url, head + body)
        const head_ = text.slice(0, text.indexOf('\r\n\r\n'))
        expect(head_.toLowerCase()).not.toContain('x-evil')
        const isName = /\{(emoji|query|email|file)\}/.test(place)
        expect(status, `${name} ${id.slice(0, 30)}`).toBeLessThan(500)
        if (!isName && id !== '..')
          expect([400, 403, 404, 405, 414, 422, 431], `${name} ${id.slice(0, 30)} ${status}`).toContain(
            status,
          )
      }
  }
})
