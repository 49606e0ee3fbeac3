// One service behind all of them: what is said through one API is heard and read through the others.
import { expect, test } from 'bun:test'
import { message, privateChat, say } from '../support/chats'
import { uploaded } from '../support/files'
import { lineOf } from '../support/line'
import { makeKey, root } from '../support/keys'
import { call } from '../support/raw'
import { world } from '../support/world'

test('a message sent by the aws API is heard on both sockets and read through every API', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const native = await bob.online()
  const older = lineOf(
    new WebSocket(`${w.url.replace('http', 'ws')}/compat/react/ws/chat?token=${bob.token}`),
  )
  await new Promise(resolve => older.socket.addEventListener('open', resolve))
  const get = async (path: string) => (await call(w.url, 'GET', path, { token: bob.token })).body

  const json = { sender: ann.id, receiver: bob.id, content: 'Hello everywhere' }
  const { body: sent } = await call(w.url, 'POST', '/compat/aws/messages/', { token: ann.token, json })

  const { message } = await native.hears('message')
  expect(message).toMatchObject({ id: sent.id, content: 'Hello everywhere', sender_id: ann.id })
  const chat = message.chat_id
  expect(await get(`/chats/${chat}/messages/${sent.id}`)).toEqual(message)
  const shown = [{ id: sent.id }]
  expect(await get(`/compat/chatnest/messages/${chat}`)).toMatchObject(shown)
  expect(await get(`/compat/messaging/get_chats?room_id=${chat}`)).toMatchObject([
    { sender: 'ann', ...shown[0] },
  ])
  expect(await get(`/compat/react/chats/${bob.id}`)).toMatchObject(shown)
  expect((await get(`/compat/aws/chat-history/${bob.id}/${ann.id}`)).messageList).toEqual([sent])
  const heard = await until(() => older.heard[0])
  expect(heard).toMatchObject({ id: sent.id, chat_id: chat, content: 'Hello everywhere' })
  older.close()
})

test('a message that only shows a file is told by what the file is called', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const older = lineOf(
    new WebSocket(`${w.url.replace('http', 'ws')}/compat/react/ws/chat?token=${bob.token}`),
  )
  await new Promise(resolve => older.socket.addEventListener('open', resolve))
  const id = await privateChat(ann, bob)
  const file_id = await uploaded(w, ann, 'ten', 'ten.txt')
  await say(ann, id, '', { attachments: [{ file_id }] })
  await say(ann, id, '', { attachments: [{ file_id, caption: 'My notes' }] })
  const taken = await say(ann, id, '', { attachments: [{ file_id, caption: 'Taken back' }] })
  const told = [{ content: 'ten.txt' }, { content: 'My notes' }]
  await until(() => older.heard[2])
  expect(older.heard).toMatchObject([...told, { content: 'Taken back' }])
  await message(ann, id, taken.id).delete()
  const get = async (path: string) => (await call(w.url, 'GET', path, { token: bob.token })).body
  const named = told.map(({ content }) => ({ message: content }))
  expect(await get(`/compat/chatnest/messages/${id}`)).toMatchObject(told)
  expect(await get(`/compat/messaging/get_chats?room_id=${id}`)).toMatchObject(named)
  expect(await get(`/compat/react/chats/${bob.id}`)).toMatchObject(told)
  expect((await get(`/compat/aws/chat-history/${bob.id}/${ann.id}`)).messageList).toMatchObject(told)
  older.close()
})

test('a message said on the react socket, by a group of the messaging API, is heard on /ws once', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const json = { group_members: ['bob'] }
  const { body } = await call(w.url, 'POST', '/compat/messaging/create-group', { token: ann.token, json })
  const line = await bob.online()
  const older = lineOf(
    new WebSocket(`${w.url.replace('http', 'ws')}/compat/react/ws/chat?token=${ann.token}`),
  )
  await new Promise(resolve => older.socket.addEventListener('open', resolve))
  for (const content of ['one', 'two']) older.say(JSON.stringify({ chat_id: body.room_id, content }))
  await line.hears('message', ({ message }) => message.content === 'two')
  expect(line.of('message').map(({ message }) => message.content)).toEqual(['one', 'two'])
  older.close()
})

test('every API answers pages of other origins, and errors in its own form', async () => {
  await using w = await world()
  const paths = [
    '/users',
    '/compat/aws/users/',
    '/compat/messaging/profile',
    '/compat/chatnest/messages/',
    '/compat/react/chats',
  ]
  for (const path of paths) {
    const origin = 'https://app.example.com'
    const preflight = await fetch(w.url + path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    })
    expect([path, preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      path,
      204,
      '*',
    ])
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    const { headers } = await call(w.url, 'GET', path, { headers: { origin } })
    expect([path, headers.get('access-control-allow-origin')]).toEqual([path, '*'])
  }
  const { key } = await makeKey(w.url, await root(w))
  const gone = await call(w.url, 'GET', '/compat/aws/nothing', { token: key })
  expect([gone.status, gone.body]).toEqual([404, { detail: 'No such route.' }])
  const wrong = await call(w.url, 'DELETE', '/compat/aws/users')
  expect([wrong.status, Object.keys(wrong.body), wrong.headers.get('allow')]).toEqual([
    405,
    ['detail'],
    'GET, HEAD, POST',
  ])
})

async function until<T>(look: () => T | undefined): Promise<T | undefined> {
  for (let tries = 0; look() === undefined && tries < 5_000; tries++) await Bun.sleep(2)
  return look()
}
