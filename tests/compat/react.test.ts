// A client of the older "react" API, written from its README.
import { describe, expect, test } from 'bun:test'
import { lineOf, type Line } from '../support/line'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const BASE = '/compat/react'
const PASSWORD = 'a long way to Tipperary'

interface User {
  id: string
  token: string
}

async function join({ url }: World, username: string): Promise<User> {
  const json = {
    username,
    password: PASSWORD,
    email: `${username}@example.com`,
    gender: 'x',
    timezone: 'UTC',
  }
  const registered = await call(url, 'POST', `${BASE}/register`, { json })
  const { user_id } = registered.body
  expect([registered.status, registered.body]).toEqual([
    200,
    { user_id, user: username, message: 'User registered successfully', status: 'success' },
  ])
  const form = { grant_type: 'password', username, password: PASSWORD, scope: '', client_id: '' }
  const login = await call(url, 'POST', `${BASE}/login`, { body: new URLSearchParams(form) })
  expect([login.status, login.body]).toEqual([
    200,
    { access_token: expect.any(String), token_type: 'bearer', user_id, username },
  ])
  return { id: user_id, token: login.body.access_token }
}

async function openChat({ url }: World, { token }: User, ...participants: string[]): Promise<string> {
  const chat_type = participants.length > 1 ? 'group' : 'private'
  const group_name = participants.length > 1 ? 'Friends' : undefined
  const { body } = await call(url, 'POST', '/chats', { token, json: { chat_type, participants, group_name } })
  return body.id
}

/** What a page can do: no header, so the token is in the address. */
async function enter({ url }: World, { token }: User): Promise<Line> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${BASE}/ws/chat?token=${token}`)
  const line = lineOf(socket)
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  return line
}

const heardBy = async (line: Line, content: string) => {
  const until = Date.now() + 10_000
  while (!line.heard.some(frame => frame.content === content) && Date.now() < until) await Bun.sleep(2)
  return line.heard
}

describe('the react API', () => {
  test('a message said on the socket reaches every participant once, the sender too, and is kept', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await join(w, 'ann'), await join(w, 'bob'), await join(w, 'cleo')]
    const chat_id = await openChat(w, ann, '@bob', '@cleo')
    const lines = [await enter(w, ann), await enter(w, bob), await enter(w, cleo)]
    for (const content of ['one', 'two', 'three']) lines[0]?.say(JSON.stringify({ chat_id, content }))
    for (const line of lines) {
      const heard = await heardBy(line, 'three')
      expect(heard.map(({ content }) => content)).toEqual(['one', 'two', 'three'])
      expect(heard[0] as object).toEqual({
        id: expect.any(String),
        _id: expect.any(String),
        chat_id,
        sender_id: ann.id,
        content: 'one',
        timestamp: expect.any(String),
      })
    }
    const kept = await call(w.url, 'GET', `${BASE}/chats/${bob.id}`, { token: bob.token })
    expect(kept.body).toEqual(lines[1]?.heard)
    for (const line of lines) line.close()
  })

  test('edits and read positions are not told: only new messages are', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'ann'), await join(w, 'bob')]
    const chat_id = await openChat(w, ann, '@bob')
    const line = await enter(w, bob)
    const at = `/chats/${chat_id}/messages`
    const { body } = await call(w.url, 'POST', at, { token: ann.token, json: { content: 'Helo' } })
    await call(w.url, 'PATCH', `${at}/${body.id}`, { token: ann.token, json: { content: 'Hello' } })
    await call(w.url, 'PUT', `${at}/${body.id}/read`, { token: bob.token })
    await call(w.url, 'POST', at, { token: ann.token, json: { content: 'the last' } })
    const heard = await heardBy(line, 'the last')
    expect(heard.map(({ content }) => content)).toEqual(['Helo', 'the last'])
    line.close()
  })

  test('a chat opened after the socket is heard too; one that was left is not', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'ann'), await join(w, 'bob')]
    const line = await enter(w, bob)
    const group = await openChat(w, ann, '@bob', '@ann')
    await call(w.url, 'POST', `/chats/${group}/messages`, { token: ann.token, json: { content: 'here' } })
    await heardBy(line, 'here')
    await call(w.url, 'POST', `/chats/${group}/leave`, { token: bob.token })
    await call(w.url, 'POST', `/chats/${group}/messages`, { token: ann.token, json: { content: 'secret' } })
    const other = await openChat(w, ann, '@bob')
    await call(w.url, 'POST', `/chats/${other}/messages`, { token: ann.token, json: { content: 'there' } })
    const heard = await heardBy(line, 'there')
    expect(heard.map(({ content }) => content)).toEqual(['here', 'there'])
    line.close()
  })

  test('a refused send is answered by an error, and heard by nobody', async () => {
    await using w = await world()
    const [ann, bob, mallory] = [await join(w, 'ann'), await join(w, 'bob'), await join(w, 'mallory')]
    const chat_id = await openChat(w, ann, '@bob')
    const [line, evil] = [await enter(w, bob), await enter(w, mallory)]
    evil.say(JSON.stringify({ chat_id, content: 'Boo' }))
    expect(await evil.hears('error')).toMatchObject({ error: 'No such chat.', status: 404 })
    evil.say('no json')
    evil.say(JSON.stringify({ chat_id: 7, content: 'Boo' }))
    await evil.hears('error', ({ status }) => status === 400)
    await evil.hears('error', ({ status }) => status === 422)
    await call(w.url, 'POST', `/chats/${chat_id}/messages`, { token: ann.token, json: { content: 'Hi' } })
    expect((await heardBy(line, 'Hi')).map(({ content }) => content)).toEqual(['Hi'])
    expect(evil.of('error')).toHaveLength(evil.heard.length)
    line.close()
    evil.close()
  })

  test('signing out closes the socket; without a sign-in none opens', async () => {
    await using w = await world()
    const ann = await join(w, 'ann')
    const line = await enter(w, ann)
    await call(w.url, 'POST', '/auth/logout', { token: ann.token })
    expect(await line.closed).toBe(4401)
    expect(line.heard).toEqual([])
    await expect(enter(w, ann)).rejects.toBeDefined()
    const plain = await call(w.url, 'GET', `${BASE}/ws/chat?token=${ann.token}`)
    expect([plain.status, Object.keys(plain.body)]).toEqual([426, ['detail']])
  })

  test('all messages of a person, over all chats, in the order of time, however many', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'ann'), await join(w, 'bob'), await join(w, 'cleo')]
    const chats = [
      await openChat(w, ann, '@bob'),
      await openChat(w, ann, '@cleo'),
      await openChat(w, ann, '@bob', '@cleo'),
    ]
    const contents = Array.from({ length: 90 }, (_, i) => `Number ${i}`)
    for (const [i, content] of contents.entries())
      await call(w.url, 'POST', `/chats/${chats[(i * i) % 3]}/messages`, {
        token: ann.token,
        json: { content },
      })
    const all = await call(w.url, 'GET', `${BASE}/chats/${ann.id}`, { token: ann.token })
    const times = all.body.map(({ timestamp }: { timestamp: string }) => timestamp)
    expect(times).toEqual(times.toSorted())
    expect(all.body.map(({ content }: { content: string }) => content).toSorted()).toEqual(
      contents.toSorted(),
    )
    const mine = await call(w.url, 'GET', `${BASE}/chats`, { token: bob.token })
    expect(mine.body).toHaveLength(2)
    expect(mine.body[0]).toContainKeys(['user_id', 'participants', 'last_message', 'created_at'])
  }, 60_000)

  test('answers nobody else', async () => {
    await using w = await world()
    const [ann, mallory] = [await join(w, 'ann'), await join(w, 'mallory')]
    const at = (token?: string) => call(w.url, 'GET', `${BASE}/chats/${ann.id}`, { token })
    expect((await at()).status).toBe(401)
    const refused = await at(mallory.token)
    expect([refused.status, refused.body]).toEqual([403, { detail: 'This token is for somebody else.' }])
    expect((await at(ann.token)).body).toEqual([])
    const form = new URLSearchParams({ username: 'ann', password: 'wrong' })
    expect((await call(w.url, 'POST', `${BASE}/login/`, { body: form })).status).toBe(401)
  })

  test('its page is the page of Natter; the server is online', async () => {
    await using w = await world()
    for (const path of [BASE, `${BASE}/`]) {
      const { status, headers } = await fetch(w.url + path, { redirect: 'manual' })
      expect([status, headers.get('location')]).toEqual([302, '/'])
    }
    expect((await call(w.url, 'GET', `${BASE}/server_status`)).body).toEqual({ status: 'Online' })
  })

  test('the administrator of the settings signs in; gender and timezone are kept and not shown', async () => {
    await using w = await world()
    const settings = { username: 'admin', password: PASSWORD, email: 'admin@example.com' }
    for (const timezone of ['Asia/Kolkata', 'Europe/Rome'])
      await w.services.ensureAdministrator({ ...settings, gender: 'male', timezone })
    const form = new URLSearchParams({ username: 'admin', password: PASSWORD })
    const { body } = await call(w.url, 'POST', `${BASE}/login`, { body: form })
    const kept = { role: 'admin', gender: 'male', timezone: 'Europe/Rome', email: 'admin@example.com' }
    expect(await w.stores.users.byUsername('admin')).toMatchObject(kept)
    const ann = await join(w, 'ann')
    expect(await w.stores.users.byId(ann.id)).toMatchObject({ gender: 'x', timezone: 'UTC', role: 'user' })
    const seen = await call(w.url, 'GET', `/users/${ann.id}`, { token: body.access_token })
    expect(seen.body).not.toContainAnyKeys(['gender', 'timezone', 'password_hash'])
  })
})
