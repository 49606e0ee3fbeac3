// Mallory at the other doors: the older APIs, and somebody else’s name in a header.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { privateChat, say } from '../support/chats'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

describe('a stranger', () => {
  test('17: gets no further by the older APIs, nor by naming somebody else there', async () => {
    await using w = await freely()
    const { alice, bob, mallory, c1 } = await settle(w)
    const pair = await privateChat(alice, bob)
    await say(alice, pair, 'a secret')
    const ask = (method: string, path: string, json?: object) =>
      call(w.url, method, `/compat${path}`, { token: mallory.token, json })
    const answers = [
      await ask('GET', `/messaging/get_chats?room_id=${pair}`),
      await ask('GET', `/messaging/get_chats_group?group_id=${c1}`),
      await ask('POST', '/messaging/send-message', { room_id: pair, message: 'Boo' }),
      await ask('POST', '/messaging/send-message-group', { room_id: c1, message: 'Boo' }),
      await ask('GET', `/chatnest/messages/${c1}`),
      await ask('POST', '/chatnest/messages', { user_id: mallory.id, content: 'Boo', conversation_id: c1 }),
      await ask('POST', '/chatnest/messages', { user_id: alice.id, content: 'Boo', conversation_id: c1 }),
      await ask('POST', '/chatnest/conversations', { user_ids: [alice.id, bob.id] }),
      await ask('GET', `/chatnest/conversations/${alice.id}`),
      await ask('POST', '/aws/messages', { sender: alice.id, receiver: bob.id, content: 'Boo' }),
      await ask('GET', `/aws/chat-history/${alice.id}/${bob.id}`),
      await ask('GET', `/aws/chat-list/${alice.id}`),
      await ask('GET', `/react/chats/${alice.id}`),
    ]
    const statuses = answers.map(({ status }) => status)
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 403, 403, 403])
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain('a secret')
    for (const path of ['/messaging/get_room', '/react/chats'])
      expect((await ask('GET', path)).body).toEqual([])
  })

  test('17: is nobody else by X-Acting-User, with a token or with a key that is nobody’s', async () => {
    await using w = await freely()
    const { alice, mallory, c1 } = await settle(w)
    const { key } = await makeKey(w.url, await root(w))
    const headers = { 'x-acting-user': alice.id }
    const as = async (token: string) => (await call(w.url, 'GET', `/chats/${c1}`, { token, headers })).status
    expect(await as(mallory.token)).toBe(404)
    expect(await as(`${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`)).toBe(401)
    expect(await as(key)).toBe(200)
    // A key acts for whom it names, with no more rights than they have.
    const forMallory = { token: key, headers: { 'x-acting-user': mallory.id } }
    expect((await call(w.url, 'GET', `/chats/${c1}`, forMallory)).status).toBe(404)
  })
})
