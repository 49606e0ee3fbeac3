// Replies, forwards, mentions and threads.
import { describe, expect, test } from 'bun:test'
import { newId } from '../../src/lib/ids'
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

  test('show nobody what they deleted for themself, and cannot bring it back', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const [id, other] = [await privateChat(ann, bob), await groupChat(bob)]
    const { id: mid } = await say(ann, id, 'Secret')
    await message(bob, id, mid).delete({}, { query: { for: 'me' } })
    await say(ann, id, 'As I said', { reply_to: mid })
    const reply = (await history(bob, id)).at(-1)
    expect([reply?.reply_to, reply?.quote]).toEqual([mid, undefined])
    expect((await history(ann, id)).at(-1)?.quote?.content).toBe('Secret')
    const send = (to: string, body: object) => bob.api.chats({ id: to }).messages.post(body)
    for (const answer of [
      await send(id, { content: 'What?', reply_to: mid }),
      await send(id, { content: 'What?', thread_of: mid }),
      await send(other, { forward: { chat_id: id, message_id: mid } }),
    ])
      expect(answer.error?.value).toMatchObject({ status: 422, errors: [{ code: 'unknown_message' }] })
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
    const told = { message_id: mid, chat_id: from, sender_id: ann.id }
    expect(data).toMatchObject({ content: 'Meet at eight', sender_id: bob.id, forward: told })
    expect((await history(bob, to))[0]?.forward).toEqual(told)
    const untold = { message_id: null, chat_id: null, sender_id: null }
    expect((await history(cleo, to))[0]?.forward).toEqual(untold)
    expect((await line.hears('message')).message.forward).toEqual(untold)
    const socket = await bob.online()
    const ack = await socket.ask({ type: 'send', chat_id: to, forward: { chat_id: from, message_id: mid } })
    expect(ack.message.forward).toEqual(told)
    expect((await socket.hears('message')).message.forward).toEqual(untold)
    const onward = { chat_id: to, message_id: data!.id }
    const other = await privateChat(cleo, ann)
    const passedOn = await cleo.api.chats({ id: other }).messages.post({ forward: onward })
    expect(passedOn.data?.forward).toEqual(untold)
    const stolen = await cleo.api
      .chats({ id: to })
      .messages.post({ forward: { chat_id: from, message_id: mid } })
    expect(stolen.status).toBe(404)
  })

  test('are not edited, by whoever may edit: their words are those of somebody else', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const [from, to] = [await privateChat(ann, bob), await groupChat(ann, cleo)]
    const { id: mid } = await say(bob, from, 'I like you')
    const forward = { chat_id: from, message_id: mid }
    const { data: sent } = await ann.api.chats({ id: to }).messages.post({ forward })
    const edited = await message(ann, to, sent!.id).patch({ content: 'I hate you' })
    expect(edited.error?.value).toMatchObject({ status: 409, code: 'forwarded' })
    expect((await message(cleo, to, sent!.id).patch({ content: 'I hate you' })).status).toBe(403)
    expect((await history(cleo, to))[0]).toMatchObject({ content: 'I like you', edited_at: null })
    expect((await message(bob, from, mid).patch({ content: 'I like tea' })).status).toBe(200)
  })

  test('repeated with the same client_id are the first one, whatever became of what they carry', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const [from, to] = [await groupChat(ann, bob), await groupChat(cleo, bob)]
    const { id: mid } = await say(ann, from, 'Meet at eight')
    const { id: other } = await say(ann, from, 'Or nine')
    const send = (body: object) => bob.api.chats({ id: to }).messages.post({ client_id: 'f1', ...body })
    const forward = { chat_id: from, message_id: mid }
    const first = await send({ forward })
    const again = async () => {
      const { status, data } = await send({ forward })
      return { status, id: data?.id, content: data?.content }
    }
    const same = { status: 200, id: first.data!.id, content: 'Meet at eight' }
    await message(ann, from, mid).patch({ content: 'Meet at ten' })
    expect(await again()).toEqual(same)
    await message(ann, from, mid).delete({}, { query: {} })
    expect(await again()).toEqual(same)
    expect((await send({ forward: { ...forward, message_id: other } })).status).toBe(409)
    expect((await send({ content: 'Meet at eight' })).status).toBe(409)
    await bob.api.chats({ id: from }).leave.post()
    expect(await again()).toEqual(same)
    expect((await send({ forward, reply_to: first.data!.id })).status).toBe(409)
    expect((await send({ forward, client_id: 'f2' })).status).toBe(404)
    await message(bob, to, first.data!.id).delete({}, { query: {} })
    expect(await again()).toEqual({ ...same, content: '' })
    await cleo.api.chats({ id: to }).members({ user_id: bob.id }).delete()
    expect((await again()).status).toBe(404)
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

  test('name each member once, however often and in whatever case, and a bounded number', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const id = await groupChat(ann, bob, cleo)
    expect((await say(ann, id, '@bob @BOB @Bob @cleo @bob')).mentions).toEqual([bob.id, cleo.id])
    const { limits } = (await ann.online()).of('hello')[0]!
    const nobody = (count: number) => Array.from({ length: count }, (_, i) => `@nobody${i}`).join(' ')
    expect((await say(ann, id, `${nobody(limits.mentions - 1)} @bob`)).mentions).toEqual([bob.id])
    expect((await say(ann, id, `${nobody(limits.mentions)} @bob`)).mentions).toBeUndefined()
  })

  test('in what I deleted for myself are not listed', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const id = await groupChat(ann, bob, cleo)
    const { id: mid } = await say(ann, id, '@bob and @cleo, a secret')
    await say(ann, id, '@bob again')
    await message(bob, id, mid).delete({}, { query: { for: 'me' } })
    const mine = async (who: Person) =>
      (await who.api.users.me.mentions.get({ query: {} })).data?.items.map(({ seq }) => seq)
    expect([await mine(bob), await mine(cleo)]).toEqual([[2], [1]])
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

  test('are paged without a hole where a page of replies is deleted for me', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const root = await say(ann, id, 'Where to?')
    for (let i = 0; i < 6; i++) {
      const { id: mid } = await say(ann, id, `${i}`, { thread_of: root.id })
      if (i < 3) await message(bob, id, mid).delete({}, { query: { for: 'me' } })
    }
    const page = async (who: Person, after: number) =>
      (await message(who, id, root.id).thread.get({ query: { after, limit: 2 } })).data!.items
    expect((await page(bob, 0)).map(({ content }) => content)).toEqual(['3', '4'])
    expect((await page(bob, 6)).map(({ content }) => content)).toEqual(['5'])
    expect((await page(ann, 0)).map(({ content }) => content)).toEqual(['0', '1'])
    expect((await message(ann, id, '0'.repeat(24)).thread.get({ query: {} })).status).toBe(404)
  })

  test('acknowledge a reply before its sender hears of it, and before it is counted', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const root = await say(ann, id, 'Where to?')
    const line = await ann.online()
    line.say({ type: 'send', id: 1, chat_id: id, content: 'Lake', thread_of: root.id })
    await line.hears('message', ({ message: heard }) => heard.id === root.id)
    const told = line.heard.filter(({ message: heard }) => heard !== undefined)
    expect(told.map(({ type, message: heard }) => [type, heard.seq])).toEqual([
      ['ack', 2],
      ['message', 2],
      ['message', 1],
    ])
  })

  test('are counted after a crash came between a reply and the count', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const root = await say(ann, id, 'Where to?')
    await w.stores.messages.append({
      id: newId(),
      chat_id: id,
      client_id: 'cut',
      sender_id: bob.id,
      receiver_id: ann.id,
      content: 'Lake',
      message_type: 'text',
      thread_of: root.id,
      created_at: new Date().toISOString(),
    })
    const line = await ann.online()
    await w.services.indexing.takeUp()
    await line.hears(
      'message',
      ({ message: heard }) => heard.id === root.id && heard.thread?.reply_count === 1,
    )
  })

  test('are counted right also when a count comes late', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const root = await say(ann, id, 'Where to?')
    const { messages } = w.stores
    const count = messages.threadSummary.bind(messages)
    let counts = 0
    messages.threadSummary = async (...thread) => {
      const summary = await count(...thread)
      if (++counts === 1) await Bun.sleep(100)
      return summary
    }
    const first = say(ann, id, 'Lake', { thread_of: root.id })
    await Bun.sleep(50)
    await Promise.all([first, say(bob, id, 'Hills', { thread_of: root.id })])
    expect((await history(ann, id))[0]?.thread).toMatchObject({ reply_count: 2, last_reply_seq: 3 })
  })
})
