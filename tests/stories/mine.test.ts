// What is mine alone: settings, drafts, saved messages, receipts; and what happens at its time.
import { describe, expect, test } from 'bun:test'
import { unavailable } from '../../src/lib/errors'
import { newId } from '../../src/lib/ids'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import { signIn, type Person } from '../support/people'
import { world } from '../support/world'

const three = async (w: Parameters<typeof people>[0]) =>
  (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]

describe('settings and drafts', () => {
  test('are mine alone, filter my list, and reach my other device', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [one, two] = [await privateChat(ann, bob), await privateChat(ann, cleo)]
    const phone = await (await signIn(w.url, ann)).online()
    const bobs = await bob.online()
    const muted_until = '2031-01-01T00:00:00.000Z'
    const { data } = await ann.api.chats({ id: one }).settings.patch({ pinned: true, muted_until })
    expect(data).toMatchObject({ pinned: true, archived: false, muted_until })
    expect((await phone.hears('my')).my).toMatchObject({ pinned: true })
    await ann.api.chats({ id: two }).settings.patch({ archived: true })
    const ids = async (query: object) => (await ann.api.chats.get({ query })).data?.items.map(({ id }) => id)
    expect(await ids({ pinned: 'true' })).toEqual([one])
    expect(await ids({ archived: 'true' })).toEqual([two])
    expect(await ids({ archived: 'false' })).toEqual([one])
    expect((await chatOf(bob, one)).my).toMatchObject({ pinned: false, muted_until: null })
    await ann.api.chats({ id: one }).draft.put({ content: 'Dear Bob' })
    await phone.hears('my', ({ my }) => my.draft === 'Dear Bob')
    expect((await chatOf(ann, one)).my.draft).toBe('Dear Bob')
    await ann.api.chats({ id: one }).draft.put({ content: ' ' })
    expect((await chatOf(ann, one)).my).toMatchObject({ draft: null, draft_at: null })
    expect((await bob.api.chats({ id: two }).settings.patch({ pinned: true })).status).toBe(404)
    expect(bobs.of('my')).toEqual([])
  })
})

test('times that I give have a zone, wherever they are asked for', async () => {
  await using w = await world()
  const [ann, bob] = await three(w)
  const id = await groupChat(ann, bob)
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  const give = (time: string) => {
    const chat = ann.api.chats({ id })
    return Promise.all([
      chat.settings.patch({ muted_until: time }),
      chat.scheduled.post({ content: 'Later', send_at: time }),
      chat.invites.post({ expires_at: time }),
      ann.api.messages.search.get({ query: { q: 'later', after: time } }),
    ])
  }
  for (const time of [`${day}T08:00:00`, day, 'tomorrow', `${day}T25:00:00Z`, '', `${day}T08:00:00Z[x]`]) {
    const refused = await give(time)
    expect([time, ...refused.map(({ status }) => status)]).toEqual([time, 422, 422, 422, 422])
    for (const { error } of refused) expect(error?.value).toMatchObject({ errors: [{ code: 'bad_format' }] })
  }
  const [muted, planned, invite, found] = await give(`${day}T08:00+02:00`)
  const utc = `${day}T06:00:00.000Z`
  expect(muted.data?.muted_until).toBe(utc)
  expect(planned.data?.send_at).toBe(utc)
  expect(invite.data?.expires_at).toBe(utc)
  expect(found.status).toBe(200)
})

describe('saved messages', () => {
  test('are kept for me, saved last first, and gone from the list where I may no longer see them', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await groupChat(ann, bob)
    const [one, two] = [await say(ann, id, 'one'), await say(ann, id, 'two')]
    const save = (who: Person, message_id: string) => who.api.users.me.saved({ message_id }).put()
    expect((await save(bob, one.id)).status).toBe(200)
    await Bun.sleep(5)
    await save(bob, two.id)
    await save(bob, one.id)
    expect((await save(cleo, one.id)).status).toBe(404)
    const saved = async (who: Person) =>
      (await who.api.users.me.saved.get({ query: {} })).data?.items.map(({ message: kept }) => kept.content)
    expect([await saved(bob), await saved(ann)]).toEqual([['two', 'one'], []])
    expect((await bob.api.users.me.saved({ message_id: two.id }).delete()).status).toBe(200)
    expect((await bob.api.users.me.saved({ message_id: two.id }).delete()).status).toBe(404)
    await ann.api.chats({ id }).members({ user_id: bob.id }).delete()
    expect(await saved(bob)).toEqual([])
  })

  test('that cannot be read just then are an error, not an empty list', async () => {
    await using w = await world()
    const [ann] = await three(w)
    const { id: message_id } = await say(ann, await groupChat(ann), 'one')
    await ann.api.users.me.saved({ message_id }).put()
    w.stores.messages.byId = () => Promise.reject(unavailable('storage_failed', 'Try again.'))
    expect((await ann.api.users.me.saved.get({ query: {} })).status).toBe(503)
  })
})

describe('receipts', () => {
  test('tell who has been given a message and who has read it', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await groupChat(ann, bob, cleo)
    const { id: mid } = await say(ann, id, 'News')
    const [line, bobs] = [await ann.online(), await bob.online()]
    expect(await bobs.ask({ type: 'delivered', chat_id: id, seq: 9 })).toMatchObject({ type: 'ack', seq: 1 })
    expect(await line.hears('delivered')).toEqual({ type: 'delivered', chat_id: id, user_id: bob.id, seq: 1 })
    await cleo.api.chats({ id }).read.post({ seq: 1 })
    const { data } = await message(ann, id, mid).receipts.get({ query: {} })
    expect(data?.items).toEqual(
      [
        { user_id: bob.id, read: false, delivered: true },
        { user_id: cleo.id, read: true, delivered: true },
      ].toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1)),
    )
  })

  test('of two positions at once are the one that is stored', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    for (let i = 0; i < 8; i++) await say(ann, id, `${i}`)
    const line = await ann.online()
    const read = (seq: number) => bob.api.chats({ id }).read.post({ seq })
    for (let round = 0; round < 7; round++) {
      await read(3)
      await Promise.all([read(7), read(3)])
      const { read_seq } = (await chatOf(bob, id)).my
      const { data } = await ann.api.chats({ id }).members.get({ query: {} })
      expect(data?.items.find(({ user_id }) => user_id === bob.id)?.read_seq).toBe(read_seq)
      await ann.api.chats({ id }).read.post({ seq: round + 1 })
      await line.hears('read', ({ user_id, seq }) => user_id === ann.id && seq === round + 1)
      expect(line.of('read').findLast(({ user_id }) => user_id === bob.id)?.seq).toBe(read_seq)
    }
  })

  test('of many messages marked one by one, in whatever order: all of them are read', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    const sent: string[] = []
    for (let i = 0; i < 8; i++) sent.push((await say(ann, id, `${i}`)).id)
    await Promise.all(sent.toReversed().map(mid => message(bob, id, mid).read.put()))
    expect(await chatOf(bob, id)).toMatchObject({ unread_count: 0, my: { read_seq: 8 } })
  })
})

test('to save a message of a chat that is not mine tells not that there is one', async () => {
  await using w = await world()
  const [ann, bob, cleo] = await three(w)
  const { id: message_id } = await say(ann, await privateChat(ann, bob), 'one')
  const refusal = async (message_id: string) => {
    const { error } = await cleo.api.users.me.saved({ message_id }).put()
    const { request_id: _, ...said } = error!.value as { request_id: string }
    return said
  }
  expect(await refusal(message_id)).toMatchObject({ status: 404, code: 'not_found' })
  expect(await refusal(message_id)).toEqual(await refusal(newId()))
})

describe('scheduled messages', () => {
  test('are listed, changed, cancelled, and sent at their time, once', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await privateChat(ann, bob)
    const later = (ms: number) => new Date(Date.now() + ms).toISOString()
    const plan = (content: string, send_at: string) =>
      ann.api.chats({ id }).scheduled.post({ content, send_at })
    expect((await plan('past', later(-1_000))).status).toBe(422)
    expect(
      (await cleo.api.chats({ id }).scheduled.post({ content: 'x', send_at: later(9_000) })).status,
    ).toBe(404)
    const { data: soon } = await plan('Morning', later(60_000))
    const { data: never } = await plan('Never', later(90_000))
    const mine = ann.api.users.me.scheduled
    expect((await mine.get()).data?.items.map(({ content }) => content)).toEqual(['Morning', 'Never'])
    expect((await mine({ id: soon!.id }).patch({ content: 'Good morning' })).data?.content).toBe(
      'Good morning',
    )
    expect((await bob.api.users.me.scheduled({ id: soon!.id }).patch({ content: 'Mine' })).status).toBe(404)
    expect((await mine({ id: never!.id }).delete()).status).toBe(200)
    const line = await bob.online()
    const at = later(120_000)
    await Promise.all([w.services.schedule.sendDue(at), w.services.schedule.sendDue(at)])
    await w.services.schedule.sendDue(at)
    expect((await line.hears('message')).message.content).toBe('Good morning')
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['Good morning'])
    expect((await mine.get()).data?.items).toEqual([])
  })

  test('that are cancelled or changed while others are being sent are not sent as they were', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    const send_at = new Date(Date.now() + 60_000).toISOString()
    const plan = (i: number) => ann.api.chats({ id }).scheduled.post({ content: `as planned ${i}`, send_at })
    const planned = await Promise.all(Array.from({ length: 40 }, (_, i) => plan(i)))
    const sending = w.services.schedule.sendDue(new Date(Date.now() + 90_000).toISOString())
    const mine = (i: number) => ann.api.users.me.scheduled({ id: planned[i]!.data!.id })
    const answers = await Promise.all(
      planned.map((_, i) => (i % 2 ? mine(i).delete() : mine(i).patch({ content: `changed ${i}` }))),
    )
    await sending
    const said = new Set((await history(bob, id)).map(({ content }) => content))
    for (const [i, { status }] of answers.entries()) {
      const isHeeded = status === 200
      expect([i, said.has(`as planned ${i}`)]).toEqual([i, !isHeeded])
      expect([i, said.has(`changed ${i}`)]).toEqual([i, isHeeded && i % 2 === 0])
      if (!isHeeded) expect(status).toBe(404)
    }
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    expect((await ann.api.users.me.scheduled.get()).data?.items).toEqual([])
  })

  test('added again under the same client_id are one, which the message is sent under', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const [id, other] = [await privateChat(ann, bob), await privateChat(bob, bob)]
    const send_at = new Date(Date.now() + 60_000).toISOString()
    const plan = (more: object = {}) =>
      ann.api.chats({ id }).scheduled.post({ content: 'Morning', send_at, client_id: 's1', ...more })
    const answers = await Promise.all([plan(), plan(), plan()])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 201])
    expect(new Set(answers.map(({ data }) => data?.id)).size).toBe(1)
    expect((await plan({ content: 'Evening' })).error?.value).toMatchObject({
      status: 409,
      code: 'client_id_reused',
    })
    const theirs = { content: 'Mine', send_at, client_id: 's1' }
    expect((await bob.api.chats({ id }).scheduled.post(theirs)).status).toBe(201)
    expect((await bob.api.chats({ id: other }).scheduled.post(theirs)).status).toBe(201)
    await w.services.schedule.sendDue(send_at)
    const sent = (await history(bob, id)).map(({ content, client_id }) => [content, client_id])
    expect(sent.toSorted()).toEqual([
      ['Mine', 's1'],
      ['Morning', 's1'],
    ])
  })

  test('answer messages of the chat and belong to threads, and say at once where there are none', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [id, other] = [await privateChat(ann, bob), await privateChat(ann, cleo)]
    const [root, elsewhere] = [await say(bob, id, 'one'), await say(cleo, other, 'two')]
    const send_at = new Date(Date.now() + 60_000).toISOString()
    const plan = (more: object) =>
      ann.api.chats({ id }).scheduled.post({ content: 'Later', send_at, ...more })
    for (const field of ['reply_to', 'thread_of']) {
      const refused = { status: 422, errors: [{ path: `body/${field}`, code: 'unknown_message' }] }
      expect((await plan({ [field]: elsewhere.id })).error?.value).toMatchObject(refused)
    }
    const { data } = await plan({ reply_to: root.id, thread_of: root.id })
    const mine = ann.api.users.me.scheduled({ id: data!.id })
    expect((await mine.patch({ reply_to: elsewhere.id })).status).toBe(422)
    await w.services.schedule.sendDue(send_at)
    expect((await history(bob, id)).at(-1)).toMatchObject({ reply_to: root.id, thread_of: root.id })
  })

  test('are told to my other devices, and try again once they are mended', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(bob, id, 'one')
    const send_at = new Date(Date.now() + 60_000).toISOString()
    const [phone, bobs] = [await (await signIn(w.url, ann)).online(), await bob.online()]
    const plan = async (content: string, more: object = {}) =>
      (await ann.api.chats({ id }).scheduled.post({ content, send_at, ...more })).data!
    const [answer, never] = [await plan('Answer', { reply_to: mid }), await plan('Never')]
    const mine = ann.api.users.me.scheduled
    await mine({ id: never.id }).patch({ content: 'Never ever' })
    await mine({ id: never.id }).delete()
    await message(ann, id, mid).delete({}, { query: { for: 'me' } })
    await w.services.schedule.sendDue(send_at)
    expect((await mine.get()).data?.items).toMatchObject([{ id: answer.id, failed: 'unknown_message' }])
    expect((await mine({ id: answer.id }).patch({ reply_to: null })).data).toMatchObject({ failed: null })
    await w.services.schedule.sendDue(send_at)
    expect((await history(bob, id)).at(-1)).toMatchObject({ content: 'Answer', reply_to: null })
    await phone.hears('scheduled', ({ state }) => state === 'sent')
    expect(phone.of('scheduled').map(({ state, scheduled }) => [state, scheduled.content])).toEqual([
      ['added', 'Answer'],
      ['added', 'Never'],
      ['changed', 'Never ever'],
      ['cancelled', 'Never ever'],
      ['failed', 'Answer'],
      ['changed', 'Answer'],
      ['sent', 'Answer'],
    ])
    expect(phone.of('scheduled').at(-1)?.scheduled).not.toHaveProperty('user_id')
    expect(bobs.of('scheduled')).toEqual([])
  })

  test('that cannot be sent for reasons of ours keep no others back', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [id, other] = [await privateChat(ann, bob), await privateChat(ann, cleo)]
    const send_at = new Date(Date.now() + 60_000).toISOString()
    for (const chat of [id, other])
      await ann.api.chats({ id: chat }).scheduled.post({ content: 'Hey', send_at })
    const { messages } = w.stores
    const append = messages.append.bind(messages)
    messages.append = async message => {
      if (message.chat_id === id) throw unavailable('storage_failed', 'Try again.')
      return append(message)
    }
    await expect(w.services.schedule.sendDue(send_at)).rejects.toMatchObject({ code: 'storage_failed' })
    expect((await history(cleo, other)).map(({ content }) => content)).toEqual(['Hey'])
    messages.append = append
    await w.services.schedule.sendDue(send_at)
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['Hey'])
    expect(await history(cleo, other)).toHaveLength(1)
  })

  test('one that may not be sent any more says why, and stays in the list', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    await bob.api
      .chats({ id })
      .scheduled.post({ content: 'Later', send_at: new Date(Date.now() + 60_000).toISOString() })
    await ann.api.chats({ id }).members({ user_id: bob.id }).delete()
    await w.services.schedule.sendDue(new Date(Date.now() + 90_000).toISOString())
    expect((await bob.api.users.me.scheduled.get()).data?.items).toMatchObject([{ failed: 'not_found' }])
  })
})

describe('retention', () => {
  test('set by an owner, messages expire into tombstones that say so', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    await ann.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'admin' })
    for (const content of ['one', 'two', 'three']) await say(ann, id, content)
    expect((await bob.api.chats({ id }).patch({ retention_seconds: 60 })).status).toBe(403)
    expect((await ann.api.chats({ id }).patch({ retention_seconds: 60 })).data?.retention_seconds).toBe(60)
    const line = await bob.online()
    await w.services.retention.sweep()
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['one', 'two', 'three'])
    await w.services.retention.sweep(Date.now() + 61_000)
    await w.services.retention.sweep(Date.now() + 61_000)
    const left = await history(bob, id)
    expect(left.map(({ content, delete_reason }) => [content, delete_reason])).toEqual(
      Array(3).fill(['', 'expired']),
    )
    await line.hears('message', frame => frame.message.rev === 6)
    expect(await chatOf(bob, id)).toMatchObject({ rev: 6, unread_count: 0 })
    expect(
      (await ann.api.chats({ id }).patch({ retention_seconds: null })).data?.retention_seconds,
    ).toBeNull()
  })

  test('passes over nothing, though a message may stand before an older one, and threads follow', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    await ann.api.chats({ id }).patch({ retention_seconds: 60 })
    const root = await say(ann, id, 'Where to?')
    const now = Date.now()
    const append = (content: string, created_at: number, thread_of: string | null) =>
      w.stores.messages.append({
        id: newId(),
        chat_id: id,
        client_id: content,
        sender_id: ann.id,
        receiver_id: null,
        content,
        message_type: 'text',
        thread_of,
        created_at: new Date(created_at).toISOString(),
      })
    await append('younger', now + 2_000, null)
    await append('older', now + 1_000, root.id)
    await say(bob, id, 'Lake', { thread_of: root.id })
    const left = async (at: number) => {
      await w.services.retention.sweep(at)
      return (await history(bob, id)).filter(({ content }) => content !== '').map(({ content }) => content)
    }
    expect(await left(now + 61_500)).toEqual(['younger', 'older', 'Lake'])
    expect(await left(now + 120_000)).toEqual([])
    const [expired] = await history(bob, id)
    expect([expired?.delete_reason, expired?.thread]).toEqual(['expired', undefined])
  })
})
