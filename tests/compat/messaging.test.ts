// A client of the older "messaging" API, written from its README.
import { describe, expect, test } from 'bun:test'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const BASE = '/compat/messaging'
const PASSWORD = 'a long way to Tipperary'

async function join({ url }: World, username: string): Promise<string> {
  const signup = await call(url, 'POST', `${BASE}/signup`, { json: { username, password: PASSWORD } })
  expect([signup.status, signup.body]).toEqual([200, { message: 'User created successfully' }])
  const body = new URLSearchParams({ username, password: PASSWORD })
  const login = await call(url, 'POST', `${BASE}/login`, { body })
  expect([login.status, login.body]).toEqual([
    200,
    { access_token: expect.any(String), token_type: 'bearer' },
  ])
  return login.body.access_token
}

describe('the messaging API', () => {
  test('a private room, from sign-up to history', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'ann'), await join(w, 'bob')]
    const made = await call(w.url, 'POST', `${BASE}/create-room`, { token: ann, json: { username_2: 'bob' } })
    expect(made.body).toMatchObject({ username_1: 'ann', username_2: 'bob', is_group: false })
    const { room_id } = made.body
    const sent = await call(w.url, 'POST', `${BASE}/send-message/`, {
      token: ann,
      json: { room_id, message: 'Hi Bob' },
    })
    expect(sent.body).toMatchObject({ room_id, sender: 'ann', message: 'Hi Bob' })
    const history = await call(w.url, 'GET', `${BASE}/get_chats?room_id=${room_id}`, { token: bob })
    expect(history.body).toEqual([sent.body])
    const rooms = await call(w.url, 'GET', `${BASE}/get_room`, { token: bob })
    expect(rooms.body).toEqual([
      { ...made.body, username_1: 'bob', username_2: 'ann', last_message: 'Hi Bob' },
    ])
    const me = await call(w.url, 'GET', `${BASE}/profile`, { token: ann })
    expect(me.body.username).toBe('ann')
    expect(JSON.stringify(me.body)).not.toContain('password')
  })

  test('a group, whose maker is its admin, and whose history is whole', async () => {
    await using w = await world()
    const [ann, bob] = [await join(w, 'ann'), await join(w, 'bob'), await join(w, 'cleo')]
    const json = { group_members: ['bob', 'cleo'] }
    const { body: group } = await call(w.url, 'POST', `${BASE}/create-group`, { token: ann, json })
    expect(group).toMatchObject({ is_group: true, group_admin: 'ann', group_members: ['ann', 'bob', 'cleo'] })
    const { room_id } = group
    for (let i = 1; i <= 230; i++)
      await call(w.url, 'POST', `${BASE}/send-message-group`, {
        token: i % 2 ? ann : bob,
        json: { room_id, message: `Number ${i}` },
      })
    const { body } = await call(w.url, 'GET', `${BASE}/get_chats_group?group_id=${room_id}`, { token: bob })
    expect(body.map(({ message }: { message: string }) => message)).toEqual(
      Array.from({ length: 230 }, (_, i) => `Number ${i + 1}`),
    )
    const empty = await call(w.url, 'POST', `${BASE}/create-room`, {
      token: ann,
      json: { username_2: 'bob' },
    })
    const none = await call(w.url, 'GET', `${BASE}/get_chats?room_id=${empty.body.room_id}`, { token: ann })
    expect(none.body).toEqual([])
  }, 60_000)

  test('signs in by either kind of form, for 60 minutes; a slash at the end changes nothing', async () => {
    await using w = await world()
    const ann = await join(w, 'ann')
    const fields = { username: 'ann', password: PASSWORD }
    const multipart = new FormData()
    for (const [name, value] of Object.entries(fields)) multipart.set(name, value)
    for (const body of [
      multipart,
      new URLSearchParams(fields),
      new URLSearchParams({ ...fields, scope: '' }),
    ])
      expect((await call(w.url, 'POST', `${BASE}/login/`, { body })).status).toBe(200)
    const [, claims = ''] = ann.split('.')
    const { exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect(Math.round(exp - Date.now() / 1000)).toBeWithin(3_500, 3_601)
    const wrong = await call(w.url, 'POST', `${BASE}/login`, {
      body: new URLSearchParams({ ...fields, password: 'x' }),
    })
    expect([wrong.status, wrong.body]).toEqual([401, { detail: 'The name or the password is wrong.' }])
    for (const path of ['/profile', '/get_room']) {
      const [plain, slashed] = [
        await call(w.url, 'GET', BASE + path, { token: ann }),
        await call(w.url, 'GET', `${BASE}${path}/`, { token: ann }),
      ]
      expect([slashed.status, slashed.body]).toEqual([200, plain.body])
    }
  })

  test('refuses in the words of its framework', async () => {
    await using w = await world()
    const [ann, mallory] = [await join(w, 'ann'), await join(w, 'mallory')]
    const { body } = await call(w.url, 'POST', `${BASE}/create-room`, {
      token: ann,
      json: { username_2: 'ann' },
    })
    const { room_id } = body
    const at = (token: string | undefined, path: string, json?: object) =>
      call(w.url, json ? 'POST' : 'GET', BASE + path, { token, json })
    const stranger = await at(mallory, `/get_chats?room_id=${room_id}`)
    expect([stranger.status, stranger.body]).toEqual([404, { detail: 'No such chat.' }])
    expect((await at(mallory, '/send-message', { room_id, message: 'Boo' })).status).toBe(404)
    expect((await at(undefined, `/get_chats?room_id=${room_id}`)).status).toBe(401)
    expect((await at(ann, '/create-group', { group_members: ['mallory', 'nobody'] })).status).toBe(404)
    expect((await at(ann, '/get_room')).body).toHaveLength(1)
    const taken = await at(undefined, '/signup', { username: 'ANN', password: PASSWORD })
    expect([taken.status, taken.body]).toEqual([409, { detail: 'This username is already in use.' }])
    const missing = await at(ann, '/send-message', { room_id })
    expect([missing.status, missing.body]).toEqual([
      422,
      { detail: [{ loc: ['body', 'message'], msg: 'Field required', type: 'missing' }] },
    ])
    const unknown = await at(ann, '/nothing')
    expect([unknown.status, unknown.body]).toEqual([404, { detail: 'No such route.' }])
  })
})
