// Clients of Socket.IO hear and say what sockets do, by polling, by WebSocket, and from one to the other.
import { describe, expect, test } from 'bun:test'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { arrive } from '../support/people'
import { privateChat as opened } from '../support/chats'
import { world } from '../support/world'

type Options = Partial<ManagerOptions & SocketOptions>

const WAYS: [string, Options][] = [
  ['polling', { transports: ['polling'] }],
  ['WebSocket', { transports: ['websocket'] }],
  ['polling, then WebSocket', {}],
]

/** A client of this person, open and greeted. */
async function online(url: string, token: string, options: Options = {}) {
  const socket = io(url, { auth: { token }, forceNew: true, ...options })
  const hello = await hears(socket, 'hello')
  return Object.assign(socket, { hello, [Symbol.dispose]: () => socket.disconnect() })
}

/** The next event of this name that fits. */
const hears = (socket: Socket, name: string, fits: (frame: any) => boolean = () => true) =>
  new Promise<any>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`waited for ${name}`)), 10_000)
    const listen = (frame: any) => {
      if (!fits(frame)) return
      clearTimeout(timer)
      socket.off(name, listen)
      resolve(frame)
    }
    socket.on(name, listen)
    socket.on('connect_error', error => name !== 'connect_error' && !socket.active && reject(error))
  })

describe.each(WAYS)('over %s', (_, options) => {
  test('people talk with those on /ws, with acknowledgements', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const chat = await opened(ann, bob)
    const line = await bob.online()
    using client = await online(w.url, ann.token, options)
    expect(client.hello).toMatchObject({ user_id: ann.id, limits: { content_length: 8000 } })

    const own = hears(client, 'message')
    const answer = await client.emitWithAck('send', { chat_id: chat, content: 'Hello', client_id: 'a1' })
    expect(answer).toMatchObject({ type: 'ack', message: { content: 'Hello', seq: 1 } })
    expect((await own).message.id).toBe(answer.message.id)
    expect((await line.hears('message')).message).toEqual(answer.message)

    const heard = hears(client, 'message', ({ message }) => message.content === 'Hi')
    await line.ask({ type: 'send', chat_id: chat, content: 'Hi' })
    expect((await heard).message.sender_id).toBe(bob.id)
    expect(await client.emitWithAck('read', { chat_id: chat, seq: 2 })).toEqual({ type: 'ack', seq: 2 })
    await line.hears('read', ({ user_id, seq }) => user_id === ann.id && seq === 2)
    client.emit('typing', { chat_id: chat, on: true })
    await line.hears('typing', ({ user_id }) => user_id === ann.id)
    const changes = hears(client, 'changes')
    const synced = hears(client, 'synced')
    await client.emitWithAck('sync', { chats: { [chat]: 0 } })
    expect((await changes).items).toHaveLength(2)
    await synced
  }, 20_000)

  test('mistakes are told, and the client stays', async () => {
    await using w = await world()
    const [ann, bob, mallory] = [await w.as('ann'), await w.as('bob'), await w.as('mallory')]
    const chat = await opened(ann, bob)
    using client = await online(w.url, mallory.token, options)
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`
    for (const [event, fields, code] of [
      ['send', { chat_id: chat, content: 'Boo' }, 'not_found'],
      ['send', { chat_id: chat }, 'not_found'],
      ['dance', {}, 'invalid'],
      ['send', 'what', 'invalid'],
      ['send', { content: JSON.parse(deep) }, 'too_deep'],
    ] as const) {
      const answer = await client.emitWithAck(event, fields)
      expect([event, answer.type]).toEqual([event, 'error'])
      if (code !== 'too_deep')
        expect([event, answer.code]).toEqual([event, answer.status === 422 ? 'invalid' : code])
    }
    expect((await call(w.url, 'GET', `/chats/${chat}/messages`, { token: ann.token })).body.items).toEqual([])
    expect(client.connected).toBeTrue()
  }, 20_000)

  test('strangers get no further than the door, and signing out closes it', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    for (const auth of [{}, { token: 'no token' }, { ticket: 'no ticket' }, { token: 7 }]) {
      const stranger = io(w.url, { auth, forceNew: true, reconnection: false, ...options })
      const refused = await hears(stranger, 'connect_error')
      expect(refused.data).toMatchObject({ status: 401 })
      stranger.disconnect()
    }
    using client = await online(w.url, ann.token, { reconnection: false, ...options })
    const [bye, gone] = [hears(client, 'bye'), hears(client, 'disconnect')]
    await call(w.url, 'POST', '/auth/logout', { token: ann.token })
    expect((await bye).code).toBe(4401)
    await gone
  }, 20_000)

  test('a client comes back after a restart, and catches up', async () => {
    await using home = await newHome()
    const before = await start(home)
    const [ann, bob] = [await arrive(before.url, 'ann'), await arrive(before.url, 'bob')]
    const chat = await opened(ann, bob)
    using client = await online(before.url, ann.token, {
      reconnectionDelay: 50,
      reconnectionDelayMax: 100,
      ...options,
    })
    const gone = hears(client, 'disconnect')
    before.process.kill()
    await gone
    // Between two polls a client cannot be told; it comes back all the same.
    expect(client.active).toBeTrue()
    expect(await before.process.exited).toBe(0)
    const greeted = hears(client, 'hello')
    const after = await start({ ...home, PORT: new URL(before.url).port })
    await call(after.url, 'POST', `/chats/${chat}/messages`, {
      token: bob.token,
      json: { content: 'Missed me?' },
    })
    await greeted
    const changes = hears(client, 'changes')
    await client.emitWithAck('sync', { chats: { [chat]: 0 } })
    expect((await changes).items[0].content).toBe('Missed me?')
    after.process.kill()
    await after.process.exited
  }, 30_000)
})

test('tickets and service keys open the door too, and other pages do not', async () => {
  await using w = await world({ CORS_ORIGINS: ['https://chat.example'] })
  const ann = await w.as('ann')
  const { body } = await call(w.url, 'POST', '/auth/ticket', { token: ann.token })
  const client = io(w.url, { auth: { ticket: body.ticket }, forceNew: true })
  expect((await hears(client, 'hello')).user_id).toBe(ann.id)
  client.disconnect()
  const handshake = `/socket.io/?EIO=4&transport=polling`
  const elsewhere = await call(w.url, 'GET', handshake, { headers: { origin: 'https://evil.example' } })
  expect(elsewhere.status).toBe(403)
  const here = await call(w.url, 'GET', handshake, { headers: { origin: 'https://chat.example' } })
  expect(here.status).toBe(200)
  expect(here.headers.get('access-control-allow-origin')).toBe('https://chat.example')
}, 20_000)
