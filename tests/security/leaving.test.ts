// What ends with a membership, and with an account.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { say } from '../support/chats'
import { knock } from '../support/doors'
import { statusOf, uploaded } from '../support/files'
import { makeKey, root } from '../support/keys'
import { lineOf } from '../support/line'
import { call } from '../support/raw'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

test('22: who was removed hears, reads and fetches nothing more, over every door that was open', async () => {
  await using w = await freely()
  const { alice, bob, c1, file } = await settle(w)
  const line = await bob.online()
  const react = lineOf(
    new WebSocket(`${w.url.replace('http', 'ws')}/compat/react/ws/chat?token=${bob.token}`),
  )
  await new Promise(opened => (react.socket.onopen = opened))
  const held = lineOf(
    new WebSocket(`${w.url.replace('http', 'ws')}/ws?sync=1`, {
      headers: { authorization: `Bearer ${bob.token}` },
    } as never),
  )
  await held.hears('hello')
  const ticket = (await call(w.url, 'POST', '/auth/ticket', { token: bob.token, json: { for: 'files' } }))
    .body.ticket
  expect(await statusOf(w, null, `${file}?ticket=${ticket}`)).toBe(200)
  await alice.api.chats({ id: c1 }).members({ user_id: bob.id }).delete()
  await line.hears('chat_gone')
  const after = await uploaded(w, alice, 'later')
  await say(alice, c1, 'without Bob', { attachments: [{ file_id: after }] })
  for (const type of ['read', 'typing', 'send', 'delivered'])
    expect(await line.ask({ type, chat_id: c1, seq: 1, on: true, content: 'Hi' })).toMatchObject({
      code: 'not_found',
    })
  await held.ask({ type: 'sync', chats: { [c1]: 0 }, mine: 0, at: 0 })
  await held.hears('synced')
  react.say(JSON.stringify({ chat_id: c1, content: 'Hi' }))
  await react.hears('error')
  for (const { heard } of [line, react, held]) expect(JSON.stringify(heard)).not.toContain('without Bob')
  expect(JSON.stringify(held.heard)).not.toContain('a secret')
  for (const id of [file, after]) {
    expect(await statusOf(w, bob, id)).toBe(404)
    expect(await statusOf(w, null, `${id}?ticket=${ticket}`)).toBe(404)
  }
  for (const path of ['', '/messages', '/members', '/changes?since=0', '/files', '/pins'])
    expect((await call(w.url, 'GET', `/chats/${c1}${path}`, { token: bob.token })).status).toBe(404)
})

test('26: a deleted account: no token, socket, ticket or private file of it is good, and its name is kept', async () => {
  await using w = await freely()
  const { alice, bob, c1, file } = await settle(w)
  const line = await alice.online()
  const own = await uploaded(w, alice, 'for me alone')
  const { body } = await call(w.url, 'POST', '/auth/ticket', { token: alice.token })
  const { key } = await makeKey(w.url, await root(w))
  expect(
    (await call(w.url, 'DELETE', '/users/me', { token: alice.token, json: { password: alice.password } }))
      .status,
  ).toBe(200)
  expect(await line.closed).toBe(4401)
  const { ticket: _, ...doors } = await knock(w.url, alice.token)
  expect(new Set(Object.values(doors))).toEqual(new Set([401]))
  expect((await knock(w.url, body.ticket)).ticket).toBe(401)
  const acted = await call(w.url, 'GET', '/chats', { token: key, headers: { 'x-acting-user': alice.id } })
  expect(acted.status).toBe(404)
  const json = { username: 'alice', password: alice.password }
  expect((await call(w.url, 'POST', '/auth/login', { json })).status).toBe(401)
  expect((await call(w.url, 'POST', '/auth/register', { json })).status).toBe(409)
  expect(await statusOf(w, bob, own)).toBe(404)
  // What is shown in a chat stays with its message, as that of a deleted user.
  expect(await statusOf(w, bob, file)).toBe(200)
  const profile = (await call(w.url, 'GET', `/users/${alice.id}`, { token: bob.token })).body
  expect(profile).toMatchObject({ username: 'deleted_user', full_name: 'Deleted user', bio: null })
  expect((await bob.api.chats({ id: c1 }).get()).data?.participants).not.toContain(alice.id)
})
