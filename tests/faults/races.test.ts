// Two things at once, of which each alone is harmless.
import { expect, test } from 'bun:test'
import { chatOf, groupChat, people, privateChat, say } from '../support/chats'
import { api, PASSWORD, signIn, type Person } from '../support/people'
import { call } from '../support/raw'
import { world } from '../support/world'

test('the sole owner and the only member leave at once: the group is never lost to the one who was refused', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  for (let round = 0; round < 25; round++) {
    const id = await groupChat(ann, bob)
    const [owner, member] = await Promise.all([
      ann.api.chats({ id }).leave.post(),
      bob.api.chats({ id }).leave.post(),
    ])
    expect(member.status).toBe(200)
    expect(owner.status).toBeOneOf([200, 409])
    expect((await ann.api.chats({ id }).get()).status).toBe(owner.status === 409 ? 200 : 404)
  }
}, 120_000)

test('a sign-in under way ends with the password it was made with', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const json = { username: 'ann', password: PASSWORD }
  const logins = Array.from({ length: 12 }, () => call(w.url, 'POST', '/auth/login', { json }))
  await ann.api.auth.password.put({ current_password: PASSWORD, new_password: 'quite another one' })
  for (const { status, body } of await Promise.all(logins)) {
    if (status === 200) expect((await api(w.url, body.access_token).auth.me.get()).status).toBe(401)
    else expect(status).toBeOneOf([401, 429])
  }
}, 120_000)

test('an account that is deleted while it signs in, makes groups and is added is nowhere in the end', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  const group = await groupChat(bob)
  const busy = Array.from({ length: 10 }, (_, i) => [
    call(w.url, 'POST', '/auth/login', { json: { username: 'ann', password: PASSWORD } }),
    ann.api.chats.post({ chat_type: 'group', group_name: `g${i}`, participants: [] }),
    bob.api.chats({ id: group }).members.post({ participants: [ann.id] }),
  ]).flat()
  await ann.api.users.me.delete({ password: PASSWORD })
  for (const answer of await Promise.all(busy)) {
    const token = (answer as { body?: { access_token?: string } }).body?.access_token
    if (token) expect((await api(w.url, token).auth.me.get()).status).toBe(401)
  }
  expect(await w.stores.chats.chatIdsOf(ann.id)).toEqual([])
  expect((await chatOf(bob, group)).member_count).toBe(1)
}, 120_000)

test('the ack comes before one’s own message, whatever happens in other chats', async () => {
  await using w = await world()
  const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
  const id = await privateChat(ann, bob)
  const line = await ann.online()
  let busy = true
  const comings = (async () => {
    while (busy) {
      const other = await groupChat(bob, cleo, ann)
      await cleo.api.chats({ id: other }).leave.post()
    }
  })()
  for (let i = 0; i < 150; i++)
    await line.ask({ type: 'send', chat_id: id, content: `${i}`, client_id: `c${i}` })
  busy = false
  await comings
  await line.hears('message', ({ message }) => message.client_id === 'c149')
  const order = line.heard.flatMap(({ type, message }) =>
    message?.chat_id === id ? `${type} ${message.client_id}` : [],
  )
  for (let i = 0; i < 150; i++)
    expect(order.indexOf(`ack c${i}`)).toBeLessThan(order.indexOf(`message c${i}`))
}, 120_000)

test('those who are added while messages flow and others leave miss nothing after their chat frame', async () => {
  await using w = await world()
  const crowd = await people(w, ...Array.from({ length: 10 }, (_, i) => `p${i}`))
  const [ann, leaver, ...others] = crowd as [Person, Person, ...Person[]]
  const id = await groupChat(ann)
  const lines = await Promise.all(others.map(person => person.online()))
  let busy = true
  const talk = (async () => {
    while (busy) await say(ann, id, 'x')
  })()
  const added = ann.api.chats({ id }).members.post({ participants: crowd.map(person => person.id) })
  await Promise.all([added, leaver.api.chats({ id }).leave.post()])
  expect((await added).status).toBe(200)
  await Bun.sleep(50)
  busy = false
  await talk
  const { rev } = await say(ann, id, 'the last')
  for (const line of lines) {
    await line.hears('message', ({ message }) => message.rev === rev)
    const chat = await line.hears('chat')
    const heard = line.of('message').map(({ message }) => message.rev as number)
    const after = heard.filter(seen => seen > chat.chat.rev)
    expect(after).toEqual(Array.from({ length: rev - chat.chat.rev }, (_, i) => chat.chat.rev + 1 + i))
  }
}, 120_000)

test('a removed device that signs in again does not bring the old socket back', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const lines = await Promise.all(Array.from({ length: 20 }, async () => (await signIn(w.url, ann)).online()))
  await ann.api.auth.sessions.delete()
  expect(await Promise.all(lines.map(line => line.closed))).toEqual(Array(20).fill(4401))
}, 120_000)
