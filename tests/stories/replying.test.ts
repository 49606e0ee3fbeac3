// Replies, forwards, mentions and threads.
import { describe, expect, test } from 'bun:test'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { world } from '../support/world'

const four = async (w: Parameters<typeof people>[0]) =>
  (await people(w, 'ann', 'bob', 'cleo', 'dan')) as [Person, Person, Person, Person]

describe('replies', () => {
  test('quote the message as it is now, also after it was edited and deleted', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Lunch?')
    const line = await ann.online()
    const reply = await say(bob, id, 'Yes', { reply_to: mid })
    expect(reply).toMatchObject({
      reply_to: mid,
      quote: { id: mid, seq: 1, sender_id: ann.id, content: 'Lunch?' },
    })
    expect((await line.hears('message')).message.quote.content).toBe('Lunch?')
    await message(ann, id, mid).patch({ content: 'Dinner?' })
    expect((await history(bob, id))[1]?.quote?.content).toBe('Dinner?')
    await message(ann, id, mid).delete({}, { query: {} })
    expect((await history(bob, id))[1]?.quote).toMatchObject({ content: '', deleted_at: expect.any(String) })
  })

  test('answer a message of the same chat only', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const [here, there] = [await privateChat(ann, bob), await privateChat(ann, cleo)]
    const { id: mid } = await say(ann, there, 'Secret')
    for (const reply_to of [mid, '0'.repeat(24)]) {
      const { error } = await bob.api.chats({ id: here }).messages.post({ content: 'Re', reply_to })
      expect(error?.value).toMatchObject({
        status: 422,
        errors: [{ path: 'body/reply_to', code: 'unknown_message' }],
      })
    }
  })
})

describe('forwards', () => {
  test('carry the text, and tell where it comes from to those who are members there', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const [from, to] = [await privateChat(ann, bob), await groupChat(bob, cleo)]
    const { id: mid } = await say(ann, from, 'Meet at eight')
    const line = await cleo.online()
    const { data } = await bob.api
      .chats({ id: to })
      .messages.post({ forward: { chat_id: from, message_id: mid } })
    expect(data).toMatchObject({ content: 'Meet at eight', sender_id: bob.id })
    expect((await history(bob, to))[0]?.forward).toEqual({
      message_id: mid,
      chat_id: from,
      sender_id: ann.id,
    })
    const untold = { message_id: null, chat_id: null, sender_id: null }
    expect((await history(cleo, to))[0]?.forward).toEqual(untold)
    expect((await line.hears('message')).message.forward).toEqual(untold)
    const stolen = await cleo.api
      .chats({ id: to })
      .messages.post({ forward: { chat_id: from, message_id: mid } })
    expect(stolen.status).toBe(404)
  })
})

describe('mentions', () => {
  test('are found by @username among the members, kept by id, listed and counted', async () => {
    await using w = await world()
    const [ann, bob, cleo, dan] = await four(w)
    const id = await groupChat(ann, bob, cleo)
    const first = await say(ann, id, 'Hi @BOB, and @dan, not bob@cleo.example, and @nobody')
    expect(first.mentions).toEqual([bob.id])
    await say(ann, id, 'nobody meant')
    expect(await chatOf(bob, id)).toMatchObject({ unread_count: 2, unread_mentions: 1 })
    expect(await chatOf(cleo, id)).toMatchObject({ unread_count: 2, unread_mentions: 0 })
    const mine = async (who: Person) =>
      (await who.api.users.me.mentions.get({ query: {} })).data?.items.map(({ seq }) => seq)
    expect([await mine(bob), await mine(cleo), await mine(dan)]).toEqual([[1], [], []])
    await bob.api.chats({ id }).read.post({ seq: 2 })
    expect((await chatOf(bob, id)).unread_mentions).toBe(0)
    await message(ann, id, first.id).patch({ content: 'Hi @cleo' })
    expect([await mine(bob), await mine(cleo)]).toEqual([[], [1]])
    expect((await chatOf(cleo, id)).unread_mentions).toBe(1)
    await message(ann, id, first.id).delete({}, { query: {} })
    expect([await mine(cleo), (await chatOf(cleo, id)).unread_mentions]).toEqual([[], 0])
  })

  test('@all calls everybody when an admin says it, and nobody otherwise', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const id = await groupChat(ann, bob, cleo)
    expect((await say(bob, id, '@all wake up')).mentions_all).toBeUndefined()
    expect((await say(ann, id, 'Meeting now, @all!')).mentions_all).toBe(true)
    expect([
      (await chatOf(bob, id)).unread_mentions,
      (await chatOf(cleo, id)).unread_mentions,
      (await chatOf(ann, id)).unread_mentions,
    ]).toEqual([1, 1, 0])
  })
})

describe('threads', () => {
  test('gather replies under their root, which counts them', async () => {
    await using w = await world()
    const [ann, bob, cleo, dan] = await four(w)
    const id = await groupChat(ann, bob, cleo)
    const root = await say(ann, id, 'Where to?')
    const line = await cleo.online()
    const one = await say(bob, id, 'Lake', { thread_of: root.id })
    const two = await say(cleo, id, 'Hills', { thread_of: one.id })
    expect([one.thread_of, two.thread_of]).toEqual([root.id, root.id])
    await line.hears(
      'message',
      ({ message: heard }) => heard.id === root.id && heard.thread?.reply_count === 2,
    )
    const thread = async (who: Person) =>
      (await message(who, id, root.id).thread.get({ query: {} })).data?.items.map(({ content }) => content)
    expect(await thread(ann)).toEqual(['Lake', 'Hills'])
    expect((await message(dan, id, root.id).thread.get({ query: {} })).status).toBe(404)
    expect((await history(bob, id))[0]?.thread).toMatchObject({ reply_count: 2, last_reply_seq: 3 })
    await message(cleo, id, two.id).delete({}, { query: {} })
    expect((await history(bob, id))[0]?.thread).toMatchObject({ reply_count: 1, last_reply_seq: 2 })
    const { data } = await bob.api.chats({ id }).changes.get({ query: { since: 0 } })
    const revs = data!.items.map(({ rev }) => rev)
    expect(revs).toEqual(revs.toSorted((a, b) => a - b))
    expect(data!.items.map(({ seq }) => seq).toSorted()).toEqual([1, 2, 3])
  })
})
