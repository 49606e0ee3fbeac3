// A client of the older WhatsApp-like service, written from its README: it works at the root.
import { expect, test } from 'bun:test'
import { call } from '../support/raw'
import { connect } from '../support/line'
import { world, type World } from '../support/world'

const join = async (w: World, email: string) => {
  const { status, body } = await call(w.url, 'POST', '/auth/register', {
    json: { email, password: 'a long way to Tipperary' },
  })
  expect(status).toBe(201)
  return { id: body.user.id as string, token: body.access_token as string }
}

test('register, login, me, logout', async () => {
  await using w = await world()
  await join(w, 'ann@example.com')
  const form = new URLSearchParams({ username: 'ann@example.com', password: 'a long way to Tipperary' })
  const login = await call(w.url, 'POST', '/auth/login', { body: form })
  const token = login.body.access_token
  expect(login.body.token_type).toBe('bearer')
  expect((await call(w.url, 'GET', '/auth/me', { token })).body.email).toBe('ann@example.com')
  expect((await call(w.url, 'POST', '/auth/logout', { token })).status).toBe(200)
  expect((await call(w.url, 'GET', '/auth/me', { token })).status).toBe(401)
})

test('chats, messages, read receipts and WebSocket delivery, with trailing slashes', async () => {
  await using w = await world()
  const [ann, bob] = [await join(w, 'ann@example.com'), await join(w, 'bob@example.com')]
  const made = await call(w.url, 'POST', '/chats/', {
    token: ann.token,
    json: { participants: [ann.id, bob.id], chat_type: 'private' },
  })
  expect(made.status).toBe(201)
  const chat = made.body
  const line = await connect(w.url, bob.token, '/ws')

  for (const message_type of ['text', 'image', 'video', 'file']) {
    const json = { content: `a ${message_type}`, message_type, chat_id: chat.id, receiver_id: bob.id }
    const { status, body } = await call(w.url, 'POST', `/chats/${chat.id}/messages`, {
      token: ann.token,
      json,
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      content: `a ${message_type}`,
      message_type,
      chat_id: chat.id,
      sender_id: ann.id,
      receiver_id: bob.id,
      is_read: false,
    })
    expect(body).toContainKeys(['created_at', 'updated_at'])
    await line.hears('message', ({ message }) => message.id === body.id)
  }

  const history = await call(w.url, 'GET', `/chats/${chat.id}/messages/?limit=2`, { token: bob.token })
  expect(history.body.items.map(({ content }: { content: string }) => content)).toEqual(['a video', 'a file'])
  const last = history.body.items[1]
  const read = await call(w.url, 'PUT', `/chats/${chat.id}/messages/${last.id}/read`, { token: bob.token })
  expect([read.status, read.body.is_read]).toEqual([200, true])

  const list = await call(w.url, 'GET', '/chats/', { token: bob.token })
  expect(list.body.items[0]).toMatchObject({
    id: chat.id,
    chat_type: 'private',
    participants: [ann.id, bob.id].toSorted(),
    group_name: null,
    group_avatar: null,
    last_message: { content: 'a file' },
    last_message_time: last.created_at,
    unread_count: 0,
  })
  expect((await call(w.url, 'DELETE', `/chats/${chat.id}`, { token: bob.token })).status).toBe(200)
  expect((await call(w.url, 'GET', '/chats/', { token: bob.token })).body.items).toEqual([])
})

test('groups', async () => {
  await using w = await world()
  const [ann, bob] = [await join(w, 'ann@example.com'), await join(w, 'bob@example.com')]
  const json = {
    participants: [bob.id],
    chat_type: 'group',
    group_name: 'Friends',
    group_avatar: 'https://example.com/f.png',
  }
  const { status, body } = await call(w.url, 'POST', '/chats/', { token: ann.token, json })
  expect(status).toBe(201)
  expect(body).toMatchObject({
    group_name: 'Friends',
    group_avatar: 'https://example.com/f.png',
    chat_type: 'group',
  })
  expect((await call(w.url, 'GET', `/chats/${body.id}`, { token: bob.token })).status).toBe(200)
})

test('people: list, one, search, edit, status, delete', async () => {
  await using w = await world()
  const [ann, bob] = [await join(w, 'ann@example.com'), await join(w, 'bob@example.com')]
  const as = (token: string) => ({ token })
  expect((await call(w.url, 'GET', '/users/?limit=1', as(ann.token))).body.items).toHaveLength(1)
  expect((await call(w.url, 'GET', `/users/${bob.id}`, as(ann.token))).body.username).toBe('bob')
  expect(
    (
      await call(w.url, 'PUT', '/users/me', {
        token: bob.token,
        json: { full_name: 'Robert Miller', bio: 'hi' },
      })
    ).status,
  ).toBe(200)
  expect(
    (await call(w.url, 'PUT', '/users/me/status', { token: bob.token, json: { status: 'busy' } })).body
      .status,
  ).toBe('busy')
  for (const query of ['bob', 'bob@example.com', 'mill']) {
    const { body } = await call(w.url, 'GET', `/users/search/${encodeURIComponent(query)}`, as(ann.token))
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([bob.id])
  }
  expect((await call(w.url, 'DELETE', '/users/me', as(bob.token))).status).toBe(200)
  expect((await call(w.url, 'GET', '/users/search/bob', as(ann.token))).body.items).toEqual([])
})

test('docs at /docs and /redoc', async () => {
  await using w = await world()
  for (const path of ['/docs', '/redoc', '/docs/']) {
    const { status, headers } = await call(w.url, 'GET', path)
    expect([path, status, headers.get('content-type')]).toEqual([
      path,
      200,
      expect.stringContaining('text/html'),
    ])
  }
})
