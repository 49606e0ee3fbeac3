// Blocking people: from then on the two are apart, over every door, and the other learns nothing of it.
import { describe, expect, spyOn, test } from 'bun:test'
import { toCursor } from '../../src/lib/cursors'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import type { Frame } from '../support/line'
import { signIn, type Person } from '../support/people'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const QUICK = { graceMs: 200, tellMs: 10, typingMs: 200 }
const UNKNOWN = '0'.repeat(24)

/** Ann has a private chat with Bob, and with Cleo, who knows Bob from a group. */
async function neighbours(w: World) {
  const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
  return { ann, bob, cleo, id: await privateChat(ann, bob), group: await groupChat(cleo, ann, bob) }
}

const block = (who: Person, whom: Person) => who.api.users.me.blocks({ id: whom.id }).put()
const unblock = (who: Person, whom: Person) => who.api.users.me.blocks({ id: whom.id }).delete()

const problemOf = ({ error }: { error: unknown }) => ({
  ...(error as { value: object }).value,
  request_id: '',
})

describe('somebody who is blocked', () => {
  test('finds the blocker nowhere, as if there were no such person', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, cleo } = await neighbours(w)
    await ann.api.users.me.patch({ full_name: 'Ann Smith', email: 'ann@example.com' })
    expect((await block(ann, bob)).status).toBe(200)
    for (const id of [ann.id, '@ann']) {
      const [theirs, nobody] = [await bob.api.users({ id }).get(), await bob.api.users({ id: UNKNOWN }).get()]
      expect(theirs.status).toBe(404)
      expect(problemOf(theirs)).toEqual(problemOf(nobody))
    }
    for (const q of ['ann', 'smith', 'ann@example.com'])
      expect((await bob.api.users.get({ query: { q } })).data?.items).toEqual([])
    for (const person of [ann, bob, cleo]) {
      const pages: string[][] = []
      for (let cursor: string | undefined; ;) {
        const { data } = await person.api.users.get({ query: { limit: 1, ...(cursor && { cursor }) } })
        pages.push(data!.items.map(({ username }) => username))
        if (!data?.next) break
        cursor = data.next
      }
      const all = [['ann'], ['bob'], ['cleo']]
      expect(pages).toEqual(person === bob ? all.slice(1) : all)
    }
    expect((await cleo.api.users({ id: ann.id }).get()).status).toBe(200)
    expect((await ann.api.users({ id: bob.id }).get()).status).toBe(200)
    const rename = await bob.api.users.me.patch({ username: 'ann' })
    expect(rename.status).toBe(409)
  })

  test('cannot open a private chat, nor add the blocker to a group, nor mention them', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, group } = await neighbours(w)
    const own = await groupChat(bob)
    await block(ann, bob)
    const opening = (participants: string[], more: object = {}) =>
      bob.api.chats.post({ participants, ...more } as never)
    for (const answer of [await opening([ann.id]), await opening(['@ann'])]) {
      expect(answer.status).toBe(404)
      expect(problemOf(answer)).toEqual(problemOf(await opening([UNKNOWN])))
    }
    const asGroup = { chat_type: 'group', group_name: 'Us' }
    expect((await opening([ann.id], asGroup)).status).toBe(404)
    expect((await bob.api.chats({ id: own }).members.post({ participants: [ann.id] })).status).toBe(404)
    const { mentions } = await say(bob, group, 'dear @ann and @cleo')
    expect(mentions).toHaveLength(1)
    expect((await say(ann, group, 'hello @bob')).mentions).toEqual([bob.id])
  })

  test('can write, react, edit and delete in the private chat no more, over no door', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, id, group } = await neighbours(w)
    const before = await say(bob, id, 'before')
    const hers = await say(ann, id, 'hers')
    const elsewhere = await say(bob, group, 'elsewhere')
    const send_at = new Date(Date.now() + 60_000).toISOString()
    const scheduled = await bob.api.chats({ id }).scheduled.post({ content: 'later', send_at })
    expect(scheduled.status).toBe(201)
    const bobLine = await bob.online()
    await block(ann, bob)

    const chat = bob.api.chats({ id })
    const unknown = bob.api.chats({ id: UNKNOWN })
    const forward = { chat_id: group, message_id: elsewhere.id }
    const refused = [
      await chat.messages.post({ content: 'hello?' }),
      await chat.messages.post({ content: 'hello?', reply_to: hers.id }),
      await chat.messages.post({ content: 'hello?', thread_of: hers.id }),
      await chat.messages.post({ forward }),
      await chat.scheduled.post({ content: 'later still', send_at }),
      await message(bob, id, before.id).patch({ content: 'after' }),
      await message(bob, id, before.id).delete({}, { query: {} }),
      await message(bob, id, hers.id).pin.put(),
      await message(bob, id, hers.id).reactions({ emoji: '👍' }).put(),
    ]
    const nobody = problemOf(await unknown.messages.post({ content: 'hello?' }))
    for (const answer of refused) {
      expect(answer.status).toBe(404)
      expect(problemOf(answer)).toEqual(nobody)
    }
    expect(await bobLine.ask({ type: 'send', chat_id: id, content: 'hello?' })).toMatchObject({
      status: 404,
      code: 'not_found',
    })
    await w.services.schedule.sendDue(new Date(Date.parse(send_at) + 1).toISOString())
    expect((await bob.api.users.me.scheduled.get()).data?.items).toMatchObject([{ failed: 'not_found' }])
    // What is there stays readable, and what is one's own is.
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['before', 'hers'])
    expect((await chatOf(bob, id)).last_message?.content).toBe('hers')
    expect((await message(bob, id, hers.id).delete({}, { query: { for: 'me' } })).status).toBe(200)
    expect((await history(ann, id)).map(({ content }) => content)).toEqual(['before', 'hers'])
  })

  test('is told of no presence, typing or reading; groups stay as they are', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, id, group } = await neighbours(w)
    await say(bob, id, 'read me')
    const [bobLine, annLine] = [await bob.online(), await ann.online()]
    const phone = await (await signIn(w.url, ann)).online()
    await bobLine.hears(['presence', 'presences'])
    await block(ann, bob)
    await bobLine.hears('presence', ({ user_id, presence }) => user_id === ann.id && presence === 'offline')
    const heard = bobLine.heard.length

    await annLine.ask({ type: 'typing', chat_id: id, on: true })
    await annLine.ask({ type: 'read', chat_id: id, seq: 1 })
    expect((await phone.hears('my')).my).toMatchObject({ read_seq: 1 })
    await annLine.ask({ type: 'delivered', chat_id: id, seq: 1 })
    await ann.api.users.me.patch({ full_name: 'Ann Smith' })
    await phone.hears('user')
    annLine.close()
    const { data: members } = await bob.api.chats({ id: group }).members.get({ query: {} })
    expect(members?.items.find(({ user_id }) => user_id === ann.id)).toMatchObject({
      presence: null,
      last_seen: null,
    })
    await say(ann, group, 'hello all')
    await bobLine.hears('message', frame => frame.message.content === 'hello all')
    expect(bobLine.heard.slice(heard).map(({ type }) => type)).toEqual(['message'])
    expect((await say(bob, group, 'hello Ann')).content).toBe('hello Ann')
  })

  test('hears nothing at all where they share no chat', async () => {
    await using w = await world({}, { times: QUICK })
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const [bobLine, annLine] = [await bob.online(), await ann.online()]
    await block(ann, bob)
    const id = await privateChat(bob, await w.as('cleo'))
    await say(bob, id, 'fence')
    await bobLine.hears('message')
    expect(bobLine.heard.map(({ type }) => type)).not.toContain('presence')
    expect(annLine.heard.map(({ type }) => type)).toEqual(['hello', 'block'])
  })
})

test('while a block stands neither learns how far the other has read, by no list and no sync', async () => {
  await using w = await world({}, { times: QUICK })
  const { ann, bob, id, group } = await neighbours(w)
  const { id: mid } = await say(bob, id, 'read me')
  const hers = await say(ann, id, 'and me')
  const inGroup = await say(bob, group, 'and this')
  await block(ann, bob)
  await ann.api.chats({ id }).read.post({ seq: 2 })
  await bob.api.chats({ id }).read.post({ seq: 2 })
  await ann.api.chats({ id: group }).read.post({ seq: inGroup.seq })

  const asSeenBy = async (who: Person, other: Person, said: string) => {
    const { data: members } = await who.api.chats({ id }).members.get({ query: {} })
    const { data: receipts } = await message(who, id, said).receipts.get({ query: {} })
    const line = await who.online()
    line.say({ type: 'sync', chats: { [id]: 0, [group]: 0 }, at: 0 })
    await line.hears('synced')
    const { read_seq, delivered_seq } = members!.items.find(({ user_id }) => user_id === other.id)!
    const isOther = ({ user_id, chat_id }: Frame) => user_id === other.id && chat_id === id
    const shown = [
      (await history(who, id)).find(one => one.id === said),
      (await message(who, id, said).get()).data,
      line
        .of('changes')
        .flatMap(({ items }) => items as Frame[])
        .find(one => one.id === said),
    ]
    return {
      read_seq,
      delivered_seq,
      receipt: receipts!.items.find(({ user_id }) => user_id === other.id),
      told: [...line.of('read'), ...line.of('delivered')].filter(isOther).length,
      inGroup: line.of('read').filter(frame => frame.user_id === other.id && frame.chat_id === group).length,
      is_read: shown.map(one => one?.is_read),
    }
  }
  const nothing = { read_seq: 0, delivered_seq: 0, told: 0, is_read: [false, false, false] }
  expect(await asSeenBy(bob, ann, mid)).toEqual({
    ...nothing,
    receipt: { user_id: ann.id, read: false, delivered: false },
    inGroup: 1,
  })
  expect(await asSeenBy(ann, bob, hers.id)).toMatchObject(nothing)
  expect((await chatOf(ann, id)).unread_count).toBe(0)
  await unblock(ann, bob)
  expect(await asSeenBy(bob, ann, mid)).toEqual({
    read_seq: 2,
    delivered_seq: 2,
    receipt: { user_id: ann.id, read: true, delivered: true },
    told: 1,
    inGroup: 1,
    is_read: [true, true, true],
  })
})

test('two who have blocked each other hear nothing when one of them blocks or unblocks', async () => {
  await using w = await world({}, { times: QUICK })
  const { ann, bob, cleo } = await neighbours(w)
  const [bobLine, annLine] = [await bob.online(), await ann.online()]
  await bobLine.hears(['presence', 'presences'])
  await block(bob, ann)
  for (const line of [bobLine, annLine]) await line.hears('presence', frame => frame.presence === 'offline')
  const [heardByBob, heardByAnn] = [bobLine.heard.length, annLine.heard.length]
  await block(ann, bob)
  await unblock(ann, bob)
  // What a block has to tell is told in the order of the blocks: once Cleo's is told, nothing of those waits.
  await cleo.online()
  await bobLine.hears('presence', ({ user_id }) => user_id === cleo.id)
  await block(cleo, bob)
  await bobLine.hears('presence', ({ user_id, presence }) => user_id === cleo.id && presence === 'offline')
  const told = ({ type, user_id }: Frame) => type.startsWith('presence') && user_id !== cleo.id
  expect(bobLine.heard.slice(heardByBob).filter(told)).toEqual([])
  expect(annLine.heard.slice(heardByAnn).filter(told)).toEqual([])
})

test('sends look blocks up in memory', async () => {
  await using w = await world({}, { times: QUICK })
  const { ann, bob, id } = await neighbours(w)
  await say(ann, id, 'first')
  await say(bob, id, 'first')
  const reads = spyOn(w.stores.blocks, 'around')
  for (let i = 0; i < 20; i++) await Promise.all([say(ann, id, `${i}`), say(bob, id, `${i}`)])
  expect(reads).not.toHaveBeenCalled()
  reads.mockRestore()
})

describe('the blocker', () => {
  test('does not write to them either until they are unblocked; then all is as before', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, id } = await neighbours(w)
    await block(ann, bob)
    for (const answer of [
      await ann.api.chats({ id }).messages.post({ content: 'hello' }),
      await ann.api.chats.post({ participants: [bob.id] }),
    ]) {
      expect(answer.status).toBe(403)
      expect(problemOf(answer)).toMatchObject({ code: 'blocked' })
    }
    expect((await unblock(bob, ann)).status).toBe(200)
    expect((await ann.api.chats({ id }).messages.post({ content: 'hello' })).status).toBe(403)
    expect((await unblock(ann, bob)).status).toBe(200)
    expect((await unblock(ann, bob)).status).toBe(200)
    await say(ann, id, 'hello again')
    await say(bob, id, 'hello')
    expect((await bob.api.chats.post({ participants: ['@ann'] })).data?.id).toBe(id)
  })

  test('hears of it on all devices, and finds the list there, newest first', async () => {
    await using w = await world({}, { times: QUICK })
    const [ann, bob, cleo, dan] = (await people(w, 'ann', 'bob', 'cleo', 'dan')) as [
      Person,
      Person,
      Person,
      Person,
    ]
    const line = await ann.online()
    for (const person of [bob, cleo, dan]) await block(ann, person)
    expect((await line.hears('block', frame => frame.blocked_id === dan.id)).on).toBeTrue()
    await block(ann, bob)
    await block(dan, ann)
    const first = (await ann.api.users.me.blocks.get({ query: { limit: 2 } })).data!
    expect(first.items).toMatchObject([
      { user_id: dan.id, user: null },
      { user_id: cleo.id, user: { username: 'cleo', presence: null } },
    ])
    const rest = await ann.api.users.me.blocks.get({ query: { limit: 2, cursor: first.next as string } })
    expect(rest.data).toMatchObject({ items: [{ user_id: bob.id }], next: null })
    expect((await bob.api.users.me.blocks.get({ query: {} })).data?.items).toEqual([])
    await unblock(ann, cleo)
    expect((await line.hears('block', frame => !frame.on)).blocked_id).toBe(cleo.id)
    line.say({ type: 'sync', chats: {} })
    expect(((await line.hears('synced')).blocked as string[]).toSorted()).toEqual([bob.id, dan.id].toSorted())
  })

  test('cannot block themself, and learns nothing of those who have blocked them', async () => {
    await using w = await world({}, { times: QUICK })
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const put = (id: string) => call(w.url, 'PUT', `/users/me/blocks/${id}`, { token: ann.token })
    expect((await put('me')).body).toMatchObject({ status: 409, code: 'oneself' })
    for (const id of ['@nobody', 'nobody', '@all']) expect((await put(id)).status).toBe(404)
    await block(bob, ann)
    expect((await put('@bob')).status).toBe(404)
    for (const id of [bob.id, UNKNOWN]) expect((await put(id)).status).toBe(200)
    const { data } = await ann.api.users.me.blocks.get({ query: {} })
    expect(data?.items.map(({ user }) => user)).toEqual([null, null])
    for (const id of ['%00', 'x'.repeat(65)]) expect((await put(id)).status).toBeOneOf([404, 422])
    expect((await call(w.url, 'PUT', `/users/me/blocks/${bob.id}`)).status).toBe(401)
    expect((await call(w.url, 'DELETE', '/users/me/blocks/x', { token: ann.token })).status).toBe(422)
    for (const cursor of ['x', toCursor('never', bob.id), toCursor(new Date().toISOString(), 'x')]) {
      const bad = await call(w.url, 'GET', `/users/me/blocks?cursor=${cursor}`, { token: ann.token })
      expect(bad.body).toMatchObject({ status: 400, code: 'bad_cursor' })
    }
  })

  test('deleting the account takes the blocks along', async () => {
    await using w = await world({}, { times: QUICK })
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    await block(bob, ann)
    await ann.api.users.me.delete({ password: ann.password })
    expect((await bob.api.users.me.blocks.get({ query: {} })).data?.items).toEqual([])
  })
})
