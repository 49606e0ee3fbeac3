// A client of the older "aws" API, written from its README; and strangers who try it.
import { describe, expect, test } from 'bun:test'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const BASE = '/compat/aws'

interface User {
  id: string
  name: string
  email: string
  profile_pic: string
  token: string
}

async function join({ url }: World, name: string): Promise<User> {
  const email = `${name.toLowerCase()}@example.com`
  const { status, body } = await call(url, 'POST', `${BASE}/users/`, { json: { name, email } })
  const { access_token, ...user } = body
  expect([status, user]).toEqual([
    201,
    { id: expect.any(String), _id: user.id, name, email, profile_pic: expect.stringContaining(user.id) },
  ])
  return { ...user, token: access_token }
}

/** What is drawn, whatever its colour. */
const shapesOf = (svg: string) => [...svg.matchAll(/ d="([^"]+)"/g)].map(([, shape]) => shape)

/** A backend that asks with this token, as the older one did. */
const asking = (url: string, token?: string) => ({
  get: (path: string) => call(url, 'GET', BASE + path, { token }),
  post: (path: string, json: object) => call(url, 'POST', BASE + path, { token, json }),
})

describe('the aws API', () => {
  test('two users write to each other and read it back', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await join(w, 'Ann'), await join(w, 'Bob'), await join(w, 'Cleo')]
    const [asAnn, asBob] = [asking(w.url, ann.token), asking(w.url, bob.token)]
    const first = await asAnn.post('/messages/', { sender: ann.id, receiver: bob.id, content: 'Hi Bob' })
    expect([first.status, first.body]).toEqual([
      201,
      {
        id: expect.any(String),
        _id: first.body.id,
        sender: ann.id,
        receiver: bob.id,
        content: 'Hi Bob',
        created_at: expect.any(String),
      },
    ])
    const long = 'Hi Ann! '.repeat(100)
    const second = await asBob.post('/messages', { sender: bob.id, receiver: ann.id, content: long })
    const history = await asAnn.get(`/chat-history/${ann.id}/${bob.id}`)
    const { email, token: _, ...seen } = { ...bob, _id: bob.id }
    expect(history.body).toEqual({ contactUser: seen, messageList: [first.body, second.body] })
    await asAnn.post('/messages/', { sender: ann.id, receiver: cleo.id, content: 'Hi Cleo' })
    const list = await asAnn.get(`/chat-list/${ann.id}`)
    expect(list.body.map(({ user, last_message }: any) => [user.name, last_message.content])).toEqual([
      ['Cleo', 'Hi Cleo'],
      ['Bob', long],
    ])
    expect(email).toBe('bob@example.com')
  })

  test('a history is whole, however long, and empty where nothing was said', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'Ann'), await join(w, 'Bob')]
    const [asAnn, asBob] = [asking(w.url, ann.token), asking(w.url, bob.token)]
    const none = await asAnn.get(`/chat-history/${ann.id}/${bob.id}`)
    expect([none.status, none.body.contactUser.name, none.body.messageList]).toEqual([200, 'Bob', []])
    expect((await call(w.url, 'GET', '/chats', { token: ann.token })).body.items).toEqual([])
    expect((await asAnn.get(`/chat-list/${ann.id}`)).body).toEqual([])
    for (let i = 1; i <= 230; i++)
      await asAnn.post('/messages/', { sender: ann.id, receiver: bob.id, content: `Number ${i}` })
    const { body } = await asBob.get(`/chat-history/${bob.id}/${ann.id}`)
    expect(body.messageList.map(({ content }: { content: string }) => content)).toEqual(
      Array.from({ length: 230 }, (_, i) => `Number ${i + 1}`),
    )
  }, 60_000)

  test('users are listed whole; emails are told to their owners, to look-ups by them and to service keys', async () => {
    await using w = await world()
    const people: User[] = []
    for (let i = 0; i < 105; i++) people.push(await join(w, `Person ${i}`.replace(' ', '')))
    const [ann, bob] = people as [User, User]
    const asAnn = asking(w.url, ann.token)
    const { body: seen } = await asAnn.get('/users/')
    expect(seen.map(({ id }: User) => id).toSorted()).toEqual(people.map(({ id }) => id).toSorted())
    expect(seen.filter((user: User) => user.email).map(({ id }: User) => id)).toEqual([ann.id])
    const found = await asAnn.get(`/users/${bob.email.toUpperCase()}`)
    expect(found.body).toEqual({
      id: bob.id,
      _id: bob.id,
      name: bob.name,
      email: bob.email,
      profile_pic: bob.profile_pic,
    })
    expect((await asAnn.get('/users/person1')).status).toBe(404)
    const { key } = await makeKey(w.url, await root(w))
    const { body: all } = await asking(w.url, key).get('/users')
    expect(all.filter((user: User) => user.email)).toHaveLength(105)
  }, 60_000)

  test('who is blocked finds the other neither by email nor in the list, and learns of no block', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'Ann'), await join(w, 'Bob')]
    const asBob = asking(w.url, bob.token)
    expect((await asBob.get(`/chat-history/${bob.id}/${ann.id}`)).status).toBe(200)
    await call(w.url, 'PUT', `/users/me/blocks/${bob.id}`, { token: ann.token })
    const nobody = await asBob.get('/users/nobody@example.com')
    expect(await asBob.get(`/users/${ann.email}`)).toMatchObject({ status: 404, body: nobody.body })
    expect((await asBob.get(`/chat-history/${bob.id}/${ann.id}`)).status).toBe(404)
    const message = { sender: bob.id, receiver: ann.id, content: 'Hi' }
    expect((await asBob.post('/messages/', message)).status).toBe(404)
    expect((await asBob.get('/users/')).body.map(({ id }: User) => id)).toEqual([bob.id])
    expect((await asking(w.url, ann.token).get(`/users/${bob.email}`)).body.id).toBe(bob.id)
  })

  test('an email is taken without regard to case; what is missing is named', async () => {
    await using w = await world()
    await join(w, 'Ann')
    const { post } = asking(w.url)
    const taken = await post('/users/', { name: 'Annie', email: 'ANN@example.com' })
    expect([taken.status, taken.body]).toEqual([409, { detail: 'This email is already in use.' }])
    expect((await post('/users/', { name: 'Ann', email: 'ann@example.org' })).status).toBe(201)
    const atOnce = await Promise.all(
      Array.from({ length: 10 }, (_, i) => post('/users/', { name: 'Dan', email: `dan@host${i}.example` })),
    )
    expect(atOnce.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 201))
    const missing = await post('/users/', { name: 'Bob' })
    expect([missing.status, missing.body]).toEqual([
      422,
      { detail: [{ loc: ['body', 'email'], msg: 'Field required', type: 'missing' }] },
    ])
  })

  test('an account made here has no password until it sets one', async () => {
    await using w = await world()
    const ann = await join(w, 'Ann')
    const login = (password: string) =>
      call(w.url, 'POST', '/auth/login', { json: { email: ann.email, password } })
    expect((await login('')).status).toBe(401)
    const json = { new_password: 'a long way to Tipperary' }
    expect((await call(w.url, 'PUT', '/auth/password', { token: ann.token, json })).status).toBe(200)
    expect((await login(json.new_password)).status).toBe(200)
    expect((await call(w.url, 'PUT', '/auth/password', { token: ann.token, json })).status).toBe(422)
  })

  test('every user has a picture from the beginning', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'Ann'), await join(w, 'Bob')]
    const pictureOf = async ({ profile_pic }: User) =>
      (await call(w.url, 'GET', `/static/${profile_pic}`)).body
    expect(shapesOf(await pictureOf(ann))).not.toEqual(shapesOf(await pictureOf(bob)))
    for (const path of [
      `/static/${ann.profile_pic}`,
      `${BASE}/static/${ann.profile_pic}`,
      `/static/${ann.id}.jpg`,
    ]) {
      const { status, headers, body } = await call(w.url, 'GET', path)
      expect([status, headers.get('content-type'), headers.get('x-content-type-options')]).toEqual([
        200,
        'image/svg+xml',
        'nosniff',
      ])
      expect(headers.get('cache-control')).toContain('immutable')
      expect(body).toStartWith('<svg')
    }
    for (const file of ['nobody.svg', `${ann.id}.html`, `${ann.id.toUpperCase()}.svg`, `${ann.id}.svg.exe`])
      expect((await call(w.url, 'GET', `/static/${file}`)).status).toBe(404)
  })

  test('nobody acts for somebody else, but for a service key, whose use is logged', async () => {
    await using w = await world()
    const [ann, bob, mallory] = [await join(w, 'Ann'), await join(w, 'Bob'), await join(w, 'Mallory')]
    const message = { sender: ann.id, receiver: bob.id, content: 'Send me money' }
    const paths = [`/chat-history/${ann.id}/${bob.id}`, `/chat-list/${ann.id}`]
    const [nobody, evil] = [asking(w.url), asking(w.url, mallory.token)]
    for (const path of [...paths, '/users/', `/users/${ann.email}`])
      expect((await nobody.get(path)).status).toBe(401)
    expect((await nobody.post('/messages/', message)).status).toBe(401)
    for (const path of paths) expect((await evil.get(path)).status).toBe(403)
    const refused = await evil.post('/messages/', message)
    expect([refused.status, refused.body]).toEqual([403, { detail: 'This token is for somebody else.' }])
    expect((await asking(w.url, 'natter_key_made_up').get(paths[0] as string)).status).toBe(401)

    const admin = await root(w)
    const { key } = await makeKey(w.url, admin)
    const backend = asking(w.url, key)
    expect((await backend.post('/messages/', message)).status).toBe(201)
    expect((await backend.get(`/chat-list/${bob.id}`)).body).toHaveLength(1)
    expect((await backend.get(`/chat-list/${'f'.repeat(24)}`)).status).toBe(404)
    const audit = await call(w.url, 'GET', '/admin/audit', { token: admin })
    expect(audit.body.items.map(({ user_id, action }: any) => [user_id, action])).toEqual([
      [bob.id, `GET ${BASE}/chat-list/${bob.id}`],
      [ann.id, `POST ${BASE}/messages/`],
    ])
  })

  test('a look at everybody by a service key, or at one by their email, is logged without the email', async () => {
    await using w = await world()
    const [ann, admin] = [await join(w, 'Ann'), await root(w)]
    const backend = asking(w.url, (await makeKey(w.url, admin)).key)
    await backend.get('/users/')
    await backend.get(`/users/${ann.email}`)
    const { body } = await call(w.url, 'GET', '/admin/audit', { token: admin })
    expect(body.items.map(({ user_id, action }: any) => [user_id, action])).toEqual([
      [null, `GET ${BASE}/users/:email`],
      [null, `GET ${BASE}/users`],
    ])
  })

  test('service keys are told emails in histories and lists of contacts too', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'Ann'), await join(w, 'Bob')]
    const asAnn = asking(w.url, ann.token)
    await asAnn.post('/messages/', { sender: ann.id, receiver: bob.id, content: 'Hello' })
    const backend = asking(w.url, (await makeKey(w.url, await root(w))).key)
    for (const [who, email] of [
      [asAnn, undefined],
      [backend, bob.email],
    ] as const) {
      const { body: history } = await who.get(`/chat-history/${ann.id}/${bob.id}`)
      expect(history.contactUser.email).toBe(email)
      expect((await who.get(`/chat-list/${ann.id}`)).body[0].user.email).toBe(email)
    }
  })

  test('strange input is refused', async () => {
    await using w = await world()
    const ann = await join(w, 'Ann')
    const { get, post } = asking(w.url, ann.token)
    const send = (fields: object) => post('/messages/', { sender: ann.id, receiver: ann.id, ...fields })
    expect((await send({ content: '  ' })).status).toBe(422)
    expect((await send({ content: { $gt: '' } })).status).toBe(422)
    expect((await send({ content: 'x', receiver: 'bob' })).status).toBe(422)
    expect((await send({ content: 'x', receiver: 'f'.repeat(24) })).status).toBe(404)
    expect((await get(`/chat-history/${ann.id}/${'f'.repeat(24)}`)).status).toBe(404)
    const bad = await get('/chat-list/ann')
    expect([bad.status, bad.body.detail[0].loc]).toEqual([422, ['path', 'user_id']])
    expect((await get(`/chat-list/${ann.id}`)).body).toEqual([])
    expect((await send({ content: 'A note to myself' })).status).toBe(201)
    expect((await get(`/chat-list/${ann.id}`)).body[0].user.id).toBe(ann.id)
  })
})
