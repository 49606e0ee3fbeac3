// What members may not do to each other, and what nobody may make of themself.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { message, say } from '../support/chats'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

test('18: a member changes nobody else’s message, not even an admin its words, and no chat has another’s', async () => {
  await using w = await freely()
  const { alice, bob, c1, message: mid } = await settle(w)
  expect((await message(bob, c1, mid).patch({ content: 'Mine' })).status).toBe(403)
  expect((await message(bob, c1, mid).delete({}, { query: {} })).status).toBe(403)
  const bobs = await say(bob, c1, 'by Bob')
  expect((await message(alice, c1, bobs.id).patch({ content: 'by Alice' })).status).toBe(403)
  const { data: own } = await alice.api.chats.post({ participants: ['me'] })
  const elsewhere = message(alice, own!.id, mid)
  expect((await elsewhere.patch({ content: 'moved' })).status).toBe(404)
  expect((await elsewhere.get()).status).toBe(404)
  expect((await elsewhere.pin.put()).status).toBe(404)
  expect((await elsewhere.reactions({ emoji: '👍' }).put()).status).toBe(404)
  expect((await elsewhere.delete({}, { query: {} })).status).toBe(404)
  expect((await message(bob, c1, mid).get()).data).toMatchObject({ content: 'a secret', edited_at: null })
})

test('19: fields that are not for oneself to set stay as they are, at every door', async () => {
  await using w = await freely()
  const { alice } = await settle(w)
  const before = (await alice.api.auth.me.get()).data
  const kept = (({ id, role, email, created_at }) => ({ id, role, email, created_at }))(before!)
  const forged = {
    role: 'admin',
    emailVerified: true,
    passwordHash: 'x',
    password_hash: 'x',
    created_at: 'x',
    deleted_at: 'x',
  }
  const token = alice.token
  for (const [method, path] of [
    ['PATCH', '/users/me'],
    ['PUT', '/users/me'],
    ['PUT', '/users/me/presence'],
  ] as const) {
    const { status, body } = await call(w.url, method, path, {
      token,
      json: { ...forged, id: 'f'.repeat(24) },
    })
    expect([200, 422]).toContain(status)
    if (status === 200) expect(body).toMatchObject(kept)
  }
  expect((await alice.api.auth.me.get()).data).toMatchObject(kept)
  expect((await call(w.url, 'GET', '/admin/keys', { token })).status).toBe(403)
  for (const path of ['/auth/register', '/compat/react/register', '/compat/messaging/signup']) {
    const json = { ...forged, username: `eve${path.length}`, password: alice.password }
    await call(w.url, 'POST', path, { json })
    const signedIn = await call(w.url, 'POST', '/auth/login', { json })
    expect(signedIn.body.user.role).toBe('user')
  }
})

test('20: a person is shown with these keys and no others: no email, hash, token or address', async () => {
  await using w = await freely()
  const { alice, bob } = await settle(w)
  await call(w.url, 'PATCH', '/users/me', { token: alice.token, json: { email: 'alice@example.com' } })
  const keys = [
    'avatar',
    'bio',
    'created_at',
    'full_name',
    'id',
    'last_seen',
    'presence',
    'status',
    'status_expires_at',
    'updated_at',
    'username',
  ]
  const get = async (path: string) => (await call(w.url, 'GET', path, { token: bob.token })).body
  const shown = [await get(`/users/${alice.id}`), await get('/users/@alice')]
  for (const path of ['/users', '/users?q=alice', '/users?q=alice@example.com', '/users/search/alice'])
    shown.push(...(await get(path)).items.filter(({ id }: any) => id === alice.id))
  expect(shown.length).toBeGreaterThan(5)
  for (const user of shown) expect(Object.keys(user).sort()).toEqual(keys)
  const older = [
    await get('/compat/aws/users'),
    await get('/compat/react/chats'),
    await get('/compat/messaging/get_room'),
  ]
  const whole = JSON.stringify([shown, older, await get('/chats')])
  expect(whole).not.toMatch(/alice@example|argon2|password|hash|token|127\.0\.0\.1/)
})

describe('21: roles', () => {
  test('21: a member calls no route for administrators, and has no say over who owns', async () => {
    await using w = await freely()
    const { alice, bob, mallory, c1 } = await settle(w)
    const { id: key } = await makeKey(w.url, await root(w))
    const ask = async (method: string, path: string, json?: object) =>
      (await call(w.url, method, path, { token: bob.token, json })).status
    const admin = [
      ['POST', '/admin/keys'],
      ['GET', '/admin/keys'],
      ['DELETE', `/admin/keys/${key}`],
      ['GET', '/admin/audit'],
    ] as const
    for (const [method, path] of admin)
      expect([path, await ask(method, path, method === 'POST' ? { name: 'x' } : undefined)]).toEqual([
        path,
        403,
      ])
    const c = `/chats/${c1}`
    expect(await ask('DELETE', `${c}/members/${alice.id}`)).toBe(403)
    expect(await ask('PATCH', `${c}/members/${alice.id}`, { role: 'member' })).toBe(403)
    expect(await ask('PATCH', `${c}/members/${bob.id}`, { role: 'owner' })).toBe(403)
    expect(await ask('POST', `${c}/owner`, { user_id: bob.id })).toBe(403)
    expect(await ask('POST', `${c}/members`, { participants: [mallory.id] })).toBe(403)
    expect(await ask('POST', `${c}/invites`, {})).toBe(403)
    expect(await ask('PATCH', c, { group_name: 'Bob’s' })).toBe(403)
    expect(await ask('DELETE', `${c}?for=everyone`)).toBe(403)
    expect((await alice.api.chats({ id: c1 }).leave.post()).error?.status as number).toBe(409)
  })

  test('21: an administrator of the service reads no chat that is not theirs', async () => {
    await using w = await freely()
    const { c1, message: mid, file } = await settle(w)
    const token = await root(w)
    for (const path of [
      `/chats/${c1}`,
      `/chats/${c1}/messages`,
      `/chats/${c1}/messages/${mid}`,
      `/files/${file}`,
    ])
      expect([path, (await call(w.url, 'GET', path, { token })).status]).toEqual([path, 404])
  })
})
