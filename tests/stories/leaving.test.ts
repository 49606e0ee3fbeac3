// Leaving for good: what goes, what stays, and what others may still do.
import { describe, expect, test } from 'bun:test'
import { groupChat, history, message, people, privateChat, say } from '../support/chats'
import { uploaded } from '../support/files'
import { makeKey, root } from '../support/keys'
import { lineOf } from '../support/line'
import { api, PASSWORD, type Person } from '../support/people'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const three = async (w: World) => (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]

const gone = async ({ stores }: World) => {
  while ((await stores.departures.unfinished()).length > 0) await Bun.sleep(1)
}

describe('a private chat whose other person has left', () => {
  test('stays to be read, and takes nothing new', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await privateChat(ann, bob)
    const first = await say(ann, id, 'Goodbye')
    const mine = await say(bob, id, 'Farewell')
    const line = await bob.online()
    await bob.api
      .chats({ id })
      .scheduled.post({ content: 'late', send_at: new Date(Date.now() + 60_000).toISOString() })
    await ann.api.users.me.delete({ password: PASSWORD })

    const { error } = await bob.api.chats({ id }).messages.post({ content: 'Are you there?' })
    expect(error?.value).toMatchObject({ status: 403, code: 'user_deleted' })
    expect(await line.ask({ type: 'send', chat_id: id, content: 'Hello?' })).toMatchObject({
      type: 'error',
      code: 'user_deleted',
    })
    expect((await message(bob, id, mine.id).patch({ content: 'Changed' })).status).toBe(403)
    expect(
      (
        await message(bob, id, first.id)
          .reactions({ emoji: encodeURIComponent('👍') })
          .put()
      ).status,
    ).toBe(403)
    await w.services.schedule.sendDue(new Date(Date.now() + 90_000).toISOString())
    expect((await bob.api.users.me.scheduled.get()).data?.items).toMatchObject([{ failed: 'user_deleted' }])
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['Goodbye', 'Farewell'])
    expect((await bob.api.chats({ id }).read.post({ seq: 2 })).status).toBe(200)
    expect((await message(bob, id, mine.id).delete({}, { query: {} })).status).toBe(200)
    expect((await bob.api.chats.post({ participants: [ann.id] })).status).toBe(404)
    expect((await cleo.api.chats({ id }).messages.get({ query: {} })).status).toBe(404)
    expect(
      (await bob.api.chats({ id: await privateChat(bob, cleo) }).messages.post({ content: 'Hi' })).status,
    ).toBe(201)
  })

  test('goes when the other one leaves too, and so do own notes', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const [id, notes] = [await privateChat(ann, bob), await privateChat(ann, ann)]
    await say(ann, notes, 'for me alone')
    await say(bob, id, 'Hello')
    await ann.api.users.me.delete({ password: PASSWORD })
    expect(await w.stores.chats.memberships([id, notes])).toHaveLength(1)
    await bob.api.users.me.delete({ password: PASSWORD })
    expect(await w.stores.chats.memberships([id, notes])).toEqual([])
  })
})

describe('asked to take my messages along', () => {
  test('tombstones take their place everywhere, live, also in groups that I had left', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [id, group, left] = [
      await privateChat(ann, bob),
      await groupChat(bob, ann),
      await groupChat(cleo, ann, bob),
    ]
    const mine = await say(ann, id, 'secret one')
    await message(ann, id, mine.id).patch({ content: 'secret two' })
    await say(bob, id, 'an answer', { reply_to: mine.id })
    const root = await say(bob, group, 'a thread')
    await say(ann, group, 'secret three', { thread_of: root.id })
    await say(ann, left, 'secret four')
    const taken = await say(ann, left, 'taken back')
    await message(ann, left, taken.id).delete({}, { query: {} })
    await ann.api.chats({ id: left }).leave.post()
    expect((await message(bob, group, root.id).get()).data?.thread?.reply_count).toBe(1)
    const line = await bob.online()

    expect(
      (await call(w.url, 'DELETE', '/users/me', { token: ann.token, json: { messages: 'some' } })).status,
    ).toBe(422)
    expect((await ann.api.users.me.delete({ password: PASSWORD, messages: 'delete' })).status).toBe(200)
    for (const chat of [id, group, left]) {
      await line.hears(
        'message',
        ({ message }) => message.chat_id === chat && message.delete_reason === 'deleted',
      )
    }
    await gone(w)
    for (const chat of [id, group, left]) {
      const left = (await history(bob, chat)).filter(({ sender_id }) => sender_id === ann.id)
      expect(left.length).toBeGreaterThan(0)
      for (const one of left)
        expect(one).toMatchObject({ content: '', delete_reason: 'deleted', reactions: [] })
    }
    expect((await history(bob, id)).at(-1)?.quote).toMatchObject({ content: '', sender_id: ann.id })
    expect((await message(bob, id, mine.id).edits.get()).data?.items).toEqual([])
    expect((await message(bob, group, root.id).get()).data?.thread).toBeUndefined()
    expect((await bob.api.messages.search.get({ query: { q: 'secret' } })).data?.items).toEqual([])
    expect((await bob.api.chats({ id }).get()).data?.unread_count).toBe(0)
  })

  test('what a crash has left is taken up, and a repeat does no harm', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    await say(ann, id, 'secret')
    await ann.api.chats({ id }).draft.put({ content: 'more' })
    const begun_at = new Date().toISOString()
    await w.stores.departures.begin({ user_id: ann.id, messages: 'delete', begun_at })
    await w.services.leaving.takeUp()
    await w.services.leaving.takeUp()
    expect((await ann.api.auth.me.get()).status).toBe(401)
    expect(await history(bob, id)).toMatchObject([{ content: '', sender_id: ann.id }])
    expect((await bob.api.chats({ id }).get()).data).toMatchObject({ my: { role: 'owner' }, member_count: 1 })
    expect(await w.stores.departures.unfinished()).toEqual([])
  })
})

test('the email is free at once, the username after 30 days', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const bob = await w.as('bob')
  await ann.api.users.me.patch({ email: 'ann@example.com' })
  await ann.api.users.me.delete({ password: PASSWORD })
  expect((await bob.api.users.me.patch({ email: 'ann@example.com' })).status).toBe(200)
  const register = () => api(w.url).auth.register.post({ username: 'Ann', password: PASSWORD })
  const DAY = 86_400_000
  await w.services.leaving.freeNames(Date.now() + 29 * DAY)
  expect((await register()).status).toBe(409)
  await w.services.leaving.freeNames(Date.now() + 31 * DAY)
  const { data } = await register()
  expect(data?.user.username).toBe('Ann')
  expect(data?.user.id).not.toBe(ann.id)
  expect((await bob.api.users({ id: ann.id }).get()).data?.username).toBe('deleted_user')
})

test('closes sockets that a service key has opened for the person, and ends its tickets', async () => {
  await using w = await world()
  const [ann, bob] = await three(w)
  const { key } = await makeKey(w.url, await root(w))
  const headers = { 'x-acting-user': ann.id }
  const ticketFor = async (json: object) =>
    (await call(w.url, 'POST', '/auth/ticket', { token: key, headers, json })).body.ticket as string
  const wsUrl = w.url.replace('http', 'ws') + '/ws'
  const lines = [
    lineOf(new WebSocket(wsUrl, { headers: { ...headers, authorization: `Bearer ${key}` } } as never)),
    lineOf(new WebSocket(`${wsUrl}?ticket=${await ticketFor({})}`)),
  ]
  for (const line of lines) await line.hears('hello')
  const file = await uploaded(w, ann, 'hello', 'hello.txt')
  const [early, fetching] = [await ticketFor({}), await ticketFor({ for: 'files' })]
  const mine = () => call(w.url, 'GET', `/files/${file}?ticket=${fetching}`)
  expect((await mine()).status).toBe(200)
  await privateChat(ann, bob)
  const bobLine = await bob.online()
  const others = { ...headers, 'x-acting-user': bob.id }
  const stranger = lineOf(
    new WebSocket(wsUrl, { headers: { ...others, authorization: `Bearer ${key}` } } as never),
  )
  await stranger.hears('hello')

  expect((await ann.api.users.me.delete({ password: PASSWORD })).status).toBe(200)
  for (const line of lines) expect(await line.closed).toBe(4401)
  expect((await mine()).status).toBe(401)
  expect(
    (await call(w.url, 'GET', `/ws?ticket=${early}`, { headers: { upgrade: 'websocket' } })).status,
  ).toBe(401)
  expect(await stranger.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  const { user } = await bobLine.hears('user', frame => frame.user.id === ann.id)
  expect(user).toMatchObject({ username: 'deleted_user', presence: null, last_seen: null, avatar: null })
  for (const line of [...lines, stranger]) line.close()
})

test('those who share a private chat hear it live, and of no last visit', async () => {
  await using w = await world({}, { times: { graceMs: 50, tellMs: 10, typingMs: 200 } })
  const [ann, bob, cleo] = await three(w)
  await privateChat(ann, bob)
  const [bobLine, cleoLine] = [await bob.online(), await cleo.online()]
  await ann.online()
  await bobLine.hears(['presence', 'presences'])
  await ann.api.users.me.delete({ password: PASSWORD })
  await bobLine.hears('user', frame => frame.user.username === 'deleted_user')
  const gone = await bobLine.hears('presence', frame => frame.presence === 'offline')
  expect(gone).toMatchObject({ user_id: ann.id, last_seen: null })
  expect((await bob.api.users({ id: ann.id }).get()).data).toMatchObject({ presence: null, last_seen: null })
  while (w.services.presence.isHere(ann.id)) await Bun.sleep(1)
  expect(bobLine.of('presence').every(({ last_seen }) => last_seen === null)).toBeTrue()
  expect(cleoLine.heard.map(({ type }) => type)).toEqual(['hello'])
})
