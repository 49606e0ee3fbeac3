// What Mallory learns of c1 by sockets, presence and search: nothing.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { say } from '../support/chats'
import { hearing, polling, post } from '../support/doors'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const UNKNOWN = 'f'.repeat(24)

describe('23, 24: frames of a stranger', () => {
  test('23: subscribing to a chat, a person or everything is no frame, and brings nothing', async () => {
    await using w = await world({ RATE_LIMITS: false })
    const { alice, mallory, c1 } = await settle(w)
    const line = await mallory.online()
    for (const topic of [c1, `chat:${c1}`, `user:${alice.id}`, '*', '', 'x'.repeat(10_000)])
      expect(await line.ask({ type: 'subscribe', topic, chat_id: topic })).toMatchObject({
        type: 'error',
        status: 422,
      })
    const synced = await line.ask({ type: 'sync', chats: { [c1]: 0 }, mine: 0, at: 0 })
    expect(synced.type).toBe('ack')
    await line.hears('synced')
    await say(alice, c1, 'another secret')
    expect((await line.ask({ type: 'ping' })).type).toBe('pong')
    expect(
      line.heard.filter(({ type }) => ['message', 'changes', 'chat', 'presence', 'read'].includes(type)),
    ).toEqual([])
    expect(JSON.stringify(line.heard)).not.toContain('secret')
  })

  test('24: receipts, typing and sends of a stranger are the errors of an unknown chat, over every socket', async () => {
    await using w = await world({ RATE_LIMITS: false })
    const { alice, mallory, c1 } = await settle(w)
    const [line, heard] = [await mallory.online(), await alice.online()]
    const sid = await polling(w.url, mallory.token)
    const frames = [
      { type: 'read', seq: 1 },
      { type: 'delivered', seq: 1 },
      { type: 'typing', on: true },
      { type: 'send', content: 'Boo' },
    ]
    for (const frame of frames) {
      const [real, none] = [c1, UNKNOWN].map(chat_id => line.ask({ ...frame, chat_id }))
      const [a, b] = [await real, await none].map(({ id: _, ...rest }: any) => rest)
      expect(a).toMatchObject({ type: 'error', status: 404, code: 'not_found' })
      expect(a).toEqual(b)
      const { type, ...fields } = frame
      await post(w.url, sid, `421${JSON.stringify([type, { ...fields, chat_id: c1 }])}`)
      await hearing(w.url, sid, '"status":404')
    }
    await alice.online()
    const members = (await call(w.url, 'GET', `/chats/${c1}/members`, { token: alice.token })).body.items
    expect(members.map(({ user_id, id }: any) => user_id ?? id)).not.toContain(mallory.id)
    expect(JSON.stringify(heard.heard)).not.toContain(mallory.id)
  })

  test('24: a member who names another in a frame is still taken for themself', async () => {
    await using w = await world({ RATE_LIMITS: false })
    const { alice, bob, c1 } = await settle(w)
    const [line, heard] = [await bob.online(), await alice.online()]
    const posing = { chat_id: c1, user_id: alice.id, sender_id: alice.id, from: alice.id }
    line.say({ type: 'typing', on: true, ...posing })
    expect((await heard.hears('typing')).user_id).toBe(bob.id)
    await line.ask({ type: 'read', seq: 1, ...posing })
    expect((await heard.hears('read')).user_id).toBe(bob.id)
    const answer = await line.ask({ type: 'send', content: 'Hello', ...posing })
    expect(answer.message.sender_id).toBe(bob.id)
  })
})

test('25: presence and search tell a stranger nothing of those in c1, nor of what they say', async () => {
  await using w = await world({ RATE_LIMITS: false })
  const { alice, mallory, c1 } = await settle(w)
  const line = await mallory.online()
  await alice.online()
  const get = async (path: string) => (await call(w.url, 'GET', path, { token: mallory.token })).body
  expect(await get(`/users/${alice.id}`)).toMatchObject({ presence: null, last_seen: null })
  for (const person of (await get('/users?q=alice')).items)
    expect(person).toMatchObject({ presence: null, last_seen: null })
  for (const query of ['q=secret', `q=secret&chat_id=${c1}`, `q=secret&from=${alice.id}`, 'q=plan'])
    expect((await get(`/messages/search?${query}`)).items ?? []).toEqual([])
  for (const path of ['/users/me/mentions', '/users/me/saved', '/chats', '/files'])
    expect((await get(path)).items).toEqual([])
  expect((await line.ask({ type: 'ping' })).type).toBe('pong')
  expect(line.of('presence')).toEqual([])
})
