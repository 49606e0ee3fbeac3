// Opening sockets: by whom, from where, and until when.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { handshake, hearing, poll, polling, post, socketIoOpening, socketIoStatus } from '../support/doors'
import { connect, lineOf } from '../support/line'
import { call } from '../support/raw'
import { exchange, openingOf, upgradeTo } from '../support/tcp'
import { claimsOf, forge } from '../support/tokens'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const SOCKETS = ['/ws', '/ws/chat', '/compat/react/ws/chat']
const freely = (changed = {}) => world({ RATE_LIMITS: false, ...changed })
const bearer = (token: string) => `Authorization: Bearer ${token}`

describe('39: the upgrade', () => {
  test('39: without a token or with an expired one is 401, with a good one 101, wherever sockets open', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    const expired = forge(
      { alg: 'HS256' },
      { ...claimsOf(alice.token), exp: Math.floor(Date.now() / 1000) - 1 },
    )
    for (const path of SOCKETS) {
      expect([path, await openingOf(w.url, path)]).toEqual([path, 401])
      expect([path, await openingOf(w.url, path, bearer(expired))]).toEqual([path, 401])
      expect([path, await openingOf(w.url, path, bearer(alice.token))]).toEqual([path, 101])
      const { text } = await exchange(w.url, upgradeTo(w.url, path), true)
      expect(text.toLowerCase()).toContain('www-authenticate: bearer')
    }
  })

  test('39: from a page that is not on the list is 403; without an Origin, and from one that is, 101', async () => {
    await using w = await freely({ CORS_ORIGINS: ['https://chat.example'] })
    const { token } = await w.as('alice')
    const evil = [
      'https://evil.example',
      'null',
      'https://chat.example.evil.example',
      'http://chat.example',
      'file://',
      'toString',
      'constructor',
    ]
    for (const path of SOCKETS) {
      for (const origin of evil)
        expect([path, origin, await openingOf(w.url, path, bearer(token), `Origin: ${origin}`)]).toEqual([
          path,
          origin,
          403,
        ])
      expect(await openingOf(w.url, path, bearer(token), 'Origin: https://chat.example')).toBe(101)
      expect(await openingOf(w.url, path, bearer(token))).toBe(101)
    }
    for (const origin of evil) expect(await socketIoOpening(w.url, `Origin: ${origin}`)).toBe(403)
    expect(await socketIoOpening(w.url, 'Origin: https://chat.example')).toBe(101)
  })

  test('39: of Socket.IO opens a line on which nothing is said before the sign-in; that of another protocol is 426', async () => {
    await using w = await freely()
    expect(await socketIoOpening(w.url)).toBe(101)
    expect(await socketIoStatus(w.url, {})).toBe(401)
    for (const upgrade of ['foo', 'h2c', 'websocket']) {
      const headers = { connection: 'upgrade', upgrade }
      const path = '/socket.io/?EIO=4&transport=websocket'
      expect((await call(w.url, 'GET', path, { headers })).status).toBe(426)
      expect((await call(w.url, 'POST', path, { headers, body: 'x' })).status).toBe(426)
    }
  })
})

describe('41: before the sign-in', () => {
  test('41: a native socket does not exist; one of Socket.IO that says nothing is closed in 10 seconds', async () => {
    await using w = await freely()
    const socket = new WebSocket(`${w.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    const begun = performance.now()
    await new Promise(closed => (socket.onclose = closed))
    expect((performance.now() - begun) / 1000).toBeWithin(5, 40)
  })

  test('41: what is said on one before is not done, and ends it', async () => {
    await using w = await freely()
    const alice = await w.as('alice')
    const { data } = await alice.api.chats.post({ participants: ['me'] })
    const send = `42["send",{"chat_id":"${data!.id}","content":"early"}]`
    for (const body of [send, `${send}\x1e40${JSON.stringify({ token: alice.token })}`]) {
      const sid = await handshake(w.url)
      await post(w.url, sid, body)
      expect(JSON.stringify(await poll(w.url, sid))).not.toContain('ack')
    }
    const sid = await handshake(w.url)
    await post(w.url, sid, `40${JSON.stringify({ token: 'not good' })}\x1e${send}`)
    expect((await alice.api.chats({ id: data!.id }).messages.get({ query: {} })).data?.items).toEqual([])
  })

  test('41: one connection takes one seat, and no request brings endless packets or bytes', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    const sid = await handshake(w.url)
    await post(
      w.url,
      sid,
      Array(200)
        .fill(`40${JSON.stringify({ token })}`)
        .join('\x1e'),
    )
    expect(await hearing(w.url, sid, 'hello')).toContain('seat_taken')
    expect(w.services.hub.size).toBe(1)
    const packets = Array(2_000).fill('40').join('\x1e')
    expect((await post(w.url, await handshake(w.url), packets)).body.code).toBe('too_many_packets')
    const endless = new ReadableStream({ pull: stream => stream.enqueue(new Uint8Array(65_536).fill(0x20)) })
    const answer = await post(w.url, await handshake(w.url), endless).catch(() => ({ status: 413 }))
    expect(answer.status).toBe(413)
  })
})

test('42: a socket is closed with 4401 when the token it was opened with ends, at every door', async () => {
  await using w = await freely()
  const alice = await w.as('alice')
  const exp = Math.floor(Date.now() / 1000) + 8
  const short = forge({ alg: 'HS256' }, { ...claimsOf(alice.token), exp })
  const { ticket } = (await call(w.url, 'POST', '/auth/ticket', { token: short })).body
  const byTicket = lineOf(new WebSocket(`${w.url.replace('http', 'ws')}/ws?ticket=${ticket}`))
  const lines = [await connect(w.url, short), await connect(w.url, short, '/ws/chat'), byTicket]
  const sid = await polling(w.url, short)
  for (const { closed } of lines) expect(await closed).toBe(4401)
  expect(Date.now() / 1000).toBeWithin(exp, exp + 25)
  expect(await hearing(w.url, sid, '"code":4401')).toMatch(/4401|Session ID unknown/)
})
