// Changing what was said: editing, deleting for everyone, deleting for me.
import { describe, expect, test } from 'bun:test'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import { connect, type Frame } from '../support/line'
import { signIn, type Person } from '../support/people'
import { world } from '../support/world'

const three = async (w: Parameters<typeof people>[0]) =>
  (await people(w, 'ann', 'bob', 'mallory')) as [Person, Person, Person]

describe('editing', () => {
  test('the author changes the text; everyone hears it, under the next rev, and the former text is kept', async () => {
    await using w = await world()
    const [ann, bob, mallory] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Helo')
    const line = await bob.online()
    const { data } = await message(ann, id, mid).patch({ content: 'Hello' })
    expect(data).toMatchObject({ content: 'Hello', seq: 1, rev: 2, edited_at: expect.any(String) })
    const heard = await line.hears('message')
    expect(heard.message).toMatchObject({ id: mid, content: 'Hello', rev: 2 })
    expect((await message(bob, id, mid).edits.get()).data?.items.map(({ content }) => content)).toEqual([
      'Helo',
    ])

    expect((await message(bob, id, mid).patch({ content: 'Mine' })).error?.value).toMatchObject({
      status: 403,
      code: 'not_the_author',
    })
    expect((await message(mallory, id, mid).patch({ content: 'Mine' })).status).toBe(404)
    expect((await message(mallory, id, mid).edits.get()).status).toBe(404)
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['Hello'])
  })

  test('the same text again changes nothing, and takes no rev', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Hello')
    expect((await message(ann, id, mid).patch({ content: 'Hello' })).data).toMatchObject({
      rev: 1,
      edited_at: null,
    })
    expect((await chatOf(bob, id)).rev).toBe(1)
  })

  test('a repeated send of an edited message is still the first one', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Helo', { client_id: 'x' })
    await message(ann, id, mid).patch({ content: 'Hello' })
    const again = await ann.api.chats({ id }).messages.post({ content: 'Helo', client_id: 'x' })
    expect([again.status, again.data?.id, again.data?.content]).toEqual([200, mid, 'Hello'])
  })

  test('fifty edits at once: each takes a rev of its own, and the last stands', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'v0')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => message(ann, id, mid).patch({ content: `v${i + 1}` })),
    )
    expect(answers.map(({ data }) => data!.rev).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 2),
    )
    const last = answers.find(({ data }) => data!.rev === 51)!.data!
    expect((await history(bob, id))[0]).toMatchObject({ content: last.content, rev: 51 })
  })
})

describe('deleting for everyone', () => {
  test('leaves a tombstone that keeps its place and says nothing more', async () => {
    await using w = await world()
    const [ann, bob, mallory] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Oops')
    await say(ann, id, 'Hello')
    const line = await bob.online()
    expect((await message(bob, id, mid).delete({}, { query: {} })).status).toBe(403)
    expect((await message(mallory, id, mid).delete({}, { query: {} })).status).toBe(404)
    const { data } = await message(ann, id, mid).delete({}, { query: { for: 'everyone' } })
    expect(data).toMatchObject({
      seq: 1,
      rev: 3,
      content: '',
      delete_reason: 'deleted',
      deleted_at: expect.any(String),
    })
    expect((await line.hears('message')).message).toMatchObject({ id: mid, content: '', rev: 3 })
    expect((await history(bob, id)).map(({ seq, content }) => [seq, content])).toEqual([
      [1, ''],
      [2, 'Hello'],
    ])
    expect(await chatOf(bob, id)).toMatchObject({ unread_count: 1, last_message: { content: 'Hello' } })
    expect((await message(bob, id, mid).edits.get()).data?.items).toEqual([])
    expect((await message(ann, id, mid).patch({ content: 'Back' })).status).toBe(409)
    expect((await message(ann, id, mid).delete({}, { query: {} })).data?.rev).toBe(3)
  })

  test('an admin of a group deletes what others wrote; a member does not', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
    const id = await groupChat(ann, bob, cleo)
    const { id: mid } = await say(bob, id, 'Spam')
    expect((await message(cleo, id, mid).delete({}, { query: {} })).status).toBe(403)
    expect((await message(ann, id, mid).delete({}, { query: {} })).status).toBe(200)
    expect(await chatOf(cleo, id)).toMatchObject({ unread_count: 0 })
  })
})

describe('deleting for me', () => {
  test('hides a message from me alone, takes no rev, and reaches my other device', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'one')
    await say(ann, id, 'two')
    const [line, phone] = [await bob.online(), await (await signIn(w.url, bob)).online()]
    expect((await message(bob, id, mid).delete({}, { query: { for: 'me' } })).status).toBe(200)
    expect(await phone.hears('hidden')).toEqual({ type: 'hidden', chat_id: id, message_id: mid, seq: 1 })
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['two'])
    expect((await history(ann, id)).map(({ content }) => content)).toEqual(['one', 'two'])
    expect((await message(bob, id, mid).get()).status).toBe(404)
    expect(await chatOf(bob, id)).toMatchObject({ unread_count: 1, rev: 2 })
    expect((await bob.api.chats({ id }).changes.get({ query: { since: 0 } })).data).toMatchObject({
      rev: 2,
      items: [{ content: 'two' }],
    })
    expect(line.of('message')).toEqual([])
  })

  test('what becomes of the message is not told to me, nor quoted; live, waiting or anew', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await groupChat(ann, bob, cleo)
    const { id: mid } = await say(ann, id, 'one')
    const { id: answer } = await say(ann, id, 'yes', { reply_to: mid })
    await message(bob, id, mid).delete({}, { query: { for: 'me' } })
    const [live, other] = [await bob.online(), await cleo.online()]
    const waiting = await connect(w.url, bob.token, '/ws?sync=1')
    await message(ann, id, mid).patch({ content: 'Secret' })
    await message(ann, id, answer).patch({ content: 'no' })
    await say(cleo, id, 'well', { reply_to: mid, thread_of: mid })
    await message(ann, id, mid).delete({}, { query: {} })
    await say(ann, id, 'last')
    waiting.say({ type: 'sync', chats: { [id]: 2 } })
    await waiting.hears('synced')
    const late = await bob.online()
    await message(ann, id, answer).patch({ content: 'never' })
    const isTold = (frame: Frame) => frame.message.content === 'never'
    for (const line of [live, other, waiting, late]) await line.hears('message', isTold)

    expect(JSON.stringify([...live.heard, ...waiting.heard, ...late.heard])).not.toMatch(/Secret|quote/)
    expect(live.heard.flatMap(({ type, rev }) => (type === 'passed' ? [rev] : []))).toEqual([3, 6, 7])
    const revs = live.heard.flatMap(({ type, rev, message }) =>
      type === 'message' || type === 'passed' ? [rev ?? message.rev] : [],
    )
    expect(revs).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect(other.of('passed')).toEqual([])
    expect(other.of('message')[0]?.message.content).toBe('Secret')
  })

  test('who has left since hears nothing of it at all', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [id, elsewhere] = [await groupChat(ann, bob, cleo), await groupChat(ann, bob)]
    const { id: mid } = await say(ann, id, 'one')
    await message(bob, id, mid).delete({}, { query: { for: 'me' } })
    const line = await bob.online()
    await bob.api.chats({ id }).leave.post()
    await message(ann, id, mid).patch({ content: 'two' })
    await say(ann, id, 'three')
    await say(ann, elsewhere, 'last')
    await line.hears('message', frame => frame.message.content === 'last')
    expect(line.heard.map(({ type }) => type)).toEqual(['hello', 'chat_gone', 'message'])
  })

  test('the newest one hidden: the list shows the one before', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    await say(ann, id, 'one')
    const { id: mid } = await say(ann, id, 'two')
    await message(bob, id, mid).delete({}, { query: { for: 'me' } })
    expect(await chatOf(bob, id)).toMatchObject({ unread_count: 1, last_message: { content: 'one' } })
    expect(await chatOf(ann, id)).toMatchObject({ last_message: { content: 'two' } })
  })
})
