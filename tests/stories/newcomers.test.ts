// What newcomers see of a group that shows only what comes after their joining: by every door, and live.
import { describe, expect, test } from 'bun:test'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import type { Line } from '../support/line'
import type { Person } from '../support/people'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const SECRET = 'sesame'

interface Scene {
  ann: Person
  bob: Person
  cleo: Person
  id: string
  /** Said before Cleo came, and what was said since. */
  old: string
}

/** Ann and Bob have spoken of something; then Cleo joined. */
async function scene(w: World): Promise<Scene> {
  const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
  const id = await groupChat(ann, bob)
  const { id: old } = await say(ann, id, `Open ${SECRET} @cleo @all`)
  await say(bob, id, `In the thread of ${SECRET}`, { thread_of: old })
  await message(ann, id, old).pin.put()
  const set = await ann.api.chats({ id }).patch({ history_for_newcomers: 'joined' })
  expect(set.data?.history_for_newcomers).toBe('joined')
  await ann.api.chats({ id }).members.post({ participants: [cleo.id] })
  return { ann, bob, cleo, id, old }
}

/** Nothing that was heard tells of it. */
const heardNothing = (line: Line) => expect(JSON.stringify(line.heard)).not.toContain(SECRET)

describe('a newcomer', () => {
  test('reads nothing from before by any route', async () => {
    await using w = await world()
    const { ann, cleo, id, old } = await scene(w)
    const own = await privateChat(cleo, ann)
    const quoting = await say(ann, id, 'As I said', { reply_to: old })
    const inThread = await say(ann, id, 'And more', { thread_of: old })
    const get = (path: string) => call(w.url, 'GET', path, { token: cleo.token })
    const at = `/chats/${id}`
    const answers = await Promise.all([
      get('/chats'),
      get(at),
      get(`${at}/messages`),
      get(`${at}/messages?before=3`),
      get(`${at}/messages?after=0`),
      get(`${at}/messages?around=1`),
      get(`${at}/messages/${quoting.id}`),
      get(`${at}/messages/${inThread.id}`),
      get(`${at}/messages/${old}/thread`),
      get(`${at}/changes?since=0`),
      get(`${at}/pins`),
      get('/messages/search?q=ses'),
      get(`/messages/search?q=ses&chat_id=${id}`),
      get('/users/me/mentions'),
      get('/users/me/saved'),
    ])
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(JSON.stringify(body)).not.toContain(SECRET)
    }
    for (const path of ['', '/edits', '/reactions', '/receipts'])
      expect((await get(`${at}/messages/${old}${path}`)).status).toBe(404)
    const act = (method: string, path: string, json?: object) =>
      call(w.url, method, path, { token: cleo.token, json })
    const refused = await Promise.all([
      act('PUT', `${at}/messages/${old}/reactions/${encodeURIComponent('👍')}`),
      act('PUT', `${at}/messages/${old}/read`),
      act('DELETE', `${at}/messages/${old}?for=me`),
      act('PUT', `/users/me/saved/${old}`),
      act('POST', `${at}/messages`, { content: 'This?', reply_to: old }),
      act('POST', `${at}/messages`, { content: 'This?', thread_of: old }),
      act('POST', `/chats/${own}/messages`, { forward: { chat_id: id, message_id: old } }),
    ])
    expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404, 422, 422, 422])
    expect((await history(cleo, id)).map(({ seq }) => seq)).toEqual([3, 4])
    expect(await chatOf(cleo, id)).toMatchObject({ unread_count: 2, unread_mentions: 0 })
    expect((await history(ann, id)).length).toBe(4)
  }, 60_000)

  test('hears nothing of old messages that are edited, reacted to, pinned, deleted or quoted; others do', async () => {
    await using w = await world()
    const { ann, bob, cleo, id, old } = await scene(w)
    const [cleos, bobs] = [await cleo.online(), await bob.online()]
    await message(ann, id, old).patch({ content: `Still ${SECRET}` })
    await message(bob, id, old)
      .reactions({ emoji: encodeURIComponent('👍') })
      .put()
    await message(ann, id, old).pin.delete()
    const reply = await say(bob, id, 'Quite', { reply_to: old })
    await say(bob, id, 'Yes', { thread_of: old })
    await message(bob, id, reply.id).patch({ content: 'Quite so' })
    await cleos.hears('message', ({ message }) => message.content === 'Quite so')
    await bobs.hears('message', ({ message }) => message.content === 'Quite so')
    heardNothing(cleos)
    expect(cleos.of('message').map(({ message }) => [message.seq, message.quote])).toEqual([
      [3, undefined],
      [4, undefined],
      [3, undefined],
    ])
    expect(
      bobs.of('message').find(({ message }) => message.id === reply.id)?.message.quote.content,
    ).toContain(SECRET)
    const revs = (line: Line) =>
      line.heard.flatMap(frame =>
        frame.type === 'message' ? frame.message.rev : frame.type === 'passed' ? frame.rev : [],
      )
    expect(revs(cleos)).toEqual(revs(bobs))
    await message(ann, id, old).delete({}, { query: {} })
    await bobs.hears('message', ({ message }) => message.id === old && message.deleted_at !== null)
    heardNothing(cleos)
  }, 60_000)

  test('catches up on nothing from before, and what waits meanwhile tells nothing either', async () => {
    await using w = await world()
    const { ann, cleo, id, old } = await scene(w)
    const { connect } = await import('../support/line')
    const line = await connect(w.url, cleo.token, '/ws?sync=1')
    await message(ann, id, old).patch({ content: `Held back: ${SECRET}` })
    await say(ann, id, 'New', { reply_to: old })
    await line.ask({ type: 'sync', chats: { [id]: 0 } })
    await line.hears('synced')
    await say(ann, id, 'Newer')
    await line.hears('message', ({ message }) => message.content === 'Newer')
    heardNothing(line)
    const again = await cleo.online()
    await again.ask({ type: 'sync', chats: {} })
    await message(ann, id, old).patch({ content: `Again: ${SECRET}` })
    await again.hears('passed')
    heardNothing(again)
    for (const each of [line, again]) each.close()
  }, 60_000)

  test('who is online when added hears nothing from before either; nor one who left and came back', async () => {
    await using w = await world()
    const { ann, bob, cleo, id, old } = await scene(w)
    await bob.api.chats({ id }).leave.post()
    const line = await bob.online()
    await ann.api.chats({ id }).members.post({ participants: [bob.id] })
    await line.hears('chat', ({ chat }) => chat.id === id)
    await message(ann, id, old).patch({ content: `Psst: ${SECRET}` })
    await say(ann, id, 'Hello again')
    await line.hears('message', ({ message }) => message.content === 'Hello again')
    heardNothing(line)
    expect((await history(bob, id)).map(({ seq }) => seq)).toEqual([3])
    await ann.api.chats({ id }).patch({ history_for_newcomers: 'all' })
    await cleo.api.chats({ id }).leave.post()
    await ann.api.chats({ id }).members.post({ participants: [cleo.id] })
    expect((await history(cleo, id)).map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect((await history(bob, id)).map(({ seq }) => seq)).toEqual([3])
  }, 60_000)

  test('sees the same whichever way they came: added, by link, or let in', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
    const { data } = await ann.api.chats.post({
      chat_type: 'group',
      group_name: 'HQ',
      participants: [],
      history_for_newcomers: 'joined',
    })
    const id = data!.id
    await say(ann, id, SECRET)
    const open = (await ann.api.chats({ id }).invites.post({})).data!.code
    const closed = (await ann.api.chats({ id }).invites.post({ needs_approval: true })).data!.code
    expect((await bob.api.invites({ code: open }).post()).data).toMatchObject({ last_message: null })
    await cleo.api.invites({ code: closed }).post()
    await ann.api.chats({ id })['join-requests']({ user_id: cleo.id }).approve.post()
    for (const who of [bob, cleo]) expect(await history(who, id)).toEqual([])
  }, 60_000)
})

test('what I cleared of a private chat does not come back by live frames', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  const id = await privateChat(ann, bob)
  const { id: old } = await say(ann, id, SECRET)
  const line = await bob.online()
  await bob.api.chats({ id }).delete({}, { query: {} })
  await message(ann, id, old).patch({ content: `Edited ${SECRET}` })
  await say(ann, id, 'New', { reply_to: old })
  await line.hears('message', ({ message }) => message.content === 'New')
  heardNothing(line)
}, 60_000)
