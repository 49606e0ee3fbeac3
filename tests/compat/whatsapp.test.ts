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

test('every route answers with and without a slash at its end', async () => {
  await using w = await world()
  const [ann, bob] = [await join(w, 'ann@example.com'), await join(w, 'bob@example.com')]
  const { token } = ann
  const { body: chat } = await call(w.url, 'POST', '/chats', { token, json: { participants: [bob.id] } })
  const at = `/chats/${chat.id}/messages`
  const { body: sent } = await call(w.url, 'POST', at, { token, json: { content: 'Hi' } })
  const credentials = { email: 'ann@example.com', password: 'a long way to Tipperary' }
  const routes: [string, string, number, object?][] = [
    ['POST', '/auth/login', 200, credentials],
    ['GET', '/auth/me', 200],
    ['POST', '/chats', 200, { participants: [bob.id] }],
    ['GET', '/chats', 200],
    ['GET', `/chats/${chat.id}`, 200],
    ['POST', at, 201, { content: 'Hi again' }],
    ['GET', at, 200],
    ['PUT', `${at}/${sent.id}/read`, 200],
    ['GET', '/users', 200],
    ['GET', `/users/${bob.id}`, 200],
    ['GET', '/users/search/bob', 200],
    ['PUT', '/users/me', 200, { bio: 'Likes long walks.' }],
    ['PUT', '/users/me/status', 200, { status: 'online' }],
    ['DELETE', `/chats/${chat.id}`, 200],
  ]
  for (const [method, path, wanted, json] of routes)
    for (const slash of ['', '/']) {
      const { status } = await call(w.url, method, path + slash, { token, json })
      expect([method, path + slash, status]).toEqual([method, path + slash, wanted])
    }
  for (const slash of ['', '/']) {
    const login = await call(w.url, 'POST', '/auth/login', { json: credentials })
    const asked = { token: login.body.access_token }
    expect((await call(w.url, 'POST', `/auth/logout${slash}`, asked)).status).toBe(200)
    expect((await call(w.url, 'GET', '/auth/me', asked)).status).toBe(401)
  }
  const register = { email: 'cleo@example.com', password: 'a long way to Tipperary' }
  expect((await call(w.url, 'POST', '/auth/register/', { json: register })).status).toBe(201)
  expect((await call(w.url, 'DELETE', '/users/me/', { token })).status).toBe(200)
})

test('people are listed page by page, and are online or offline as they say', async () => {
  await using w = await world()
  const people = []
  for (const name of ['ann', 'bob', 'cleo', 'dan', 'eve']) people.push(await join(w, `${name}@example.com`))
  const { token } = people[0] as { token: string }
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await call(w.url, 'GET', `/users/?limit=2${cursor && `&cursor=${cursor}`}`, { token })
    expect(body.items.length).toBeLessThanOrEqual(2)
    seen.push(...body.items.map(({ username }: { username: string }) => username))
    cursor = body.next
  }
  expect(seen).toEqual(['ann', 'bob', 'cleo', 'dan', 'eve'])
  for (const status of ['online', 'offline']) {
    await call(w.url, 'PUT', '/users/me/status', { token, json: { status } })
    const { body } = await call(w.url, 'GET', `/users/${people[0]?.id}`, { token: people[1]?.token })
    expect(body.status).toBe(status)
  }
})

test('an account is removed with what was its own; what it said stays, nameless', async () => {
  await using w = await world()
  const [ann, bob] = [await join(w, 'ann@example.com'), await join(w, 'bob@example.com')]
  const { body: chat } = await call(w.url, 'POST', '/chats/', {
    token: ann.token,
    json: { participants: [bob.id] },
  })
  const at = `/chats/${chat.id}/messages`
  await call(w.url, 'POST', at, { token: bob.token, json: { content: 'I was here' } })
  expect((await call(w.url, 'DELETE', '/users/me', { token: bob.token })).status).toBe(200)
  expect((await call(w.url, 'GET', '/auth/me', { token: bob.token })).status).toBe(401)
  const login = { email: 'bob@example.com', password: 'a long way to Tipperary' }
  expect((await call(w.url, 'POST', '/auth/login', { json: login })).status).toBe(401)
  const history = await call(w.url, 'GET', at, { token: ann.token })
  expect(history.body.items.map(({ content }: { content: string }) => content)).toEqual(['I was here'])
  const gone = await call(w.url, 'GET', `/users/${bob.id}`, { token: ann.token })
  expect([gone.body.username, gone.body.full_name]).toEqual(['deleted_user', 'Deleted user'])
  expect(JSON.stringify(gone.body)).not.toContain('bob')
})

test('a stranger gets nowhere', async () => {
  await using w = await world()
  const [ann, mallory] = [await join(w, 'ann@example.com'), await join(w, 'mallory@example.com')]
  const { body: chat } = await call(w.url, 'POST', '/chats/', {
    token: ann.token,
    json: { participants: [ann.id] },
  })
  const at = `/chats/${chat.id}/messages`
  const { body: sent } = await call(w.url, 'POST', at, { token: ann.token, json: { content: 'Mine' } })
  for (const [method, path] of [
    ['GET', `/chats/${chat.id}`],
    ['DELETE', `/chats/${chat.id}`],
    ['GET', at],
    ['PUT', `${at}/${sent.id}/read`],
  ] as const) {
    expect((await call(w.url, method, path)).status).toBe(401)
    expect((await call(w.url, method, path, { token: mallory.token })).status).toBe(404)
  }
  const said = await call(w.url, 'POST', at, { token: mallory.token, json: { content: 'Boo' } })
  expect([said.status, said.body.detail]).toEqual([404, 'No such chat.'])
})
