// Two people and their one chat.
import { expect, test } from 'bun:test'
import { world } from '../support/world'

test('Ann opens a chat with Bob; each finds it in their list, Mallory finds nothing', async () => {
  await using w = await world()
  const [ann, bob, mallory] = [await w.as('ann'), await w.as('bob'), await w.as('mallory')]
  const { data: chat, status } = await ann.api.chats.post({ chat_type: 'private', participants: ['@BOB'] })
  expect(status).toBe(201)
  expect(chat).toMatchObject({
    chat_type: 'private',
    participants: [ann.id, bob.id].toSorted(),
    member_count: 2,
    created_by: ann.id,
    last_message: null,
    last_message_time: null,
    last_seq: 0,
    rev: 0,
    unread_count: 0,
  })
  expect((await bob.api.chats.get({ query: {} })).data?.items.map(({ id }) => id)).toEqual([chat!.id])
  expect((await mallory.api.chats.get({ query: {} })).data?.items).toEqual([])

  const unknown = '0'.repeat(24)
  for (const look of [
    (id: string) => mallory.api.chats({ id }).get(),
    (id: string) => mallory.api.chats({ id }).messages.get({ query: {} }),
    (id: string) => mallory.api.chats({ id }).messages.post({ content: 'Hi' }),
    (id: string) => mallory.api.chats({ id }).read.post({ seq: 0 }),
    (id: string) => mallory.api.chats({ id }).members.get({ query: {} }),
    (id: string) => mallory.api.chats({ id }).patch({ group_name: 'Mine' }),
    (id: string) => mallory.api.chats({ id }).delete({}, { query: {} }),
    (id: string) => mallory.api.chats({ id }).leave.post(),
    (id: string) => mallory.api.chats({ id }).members.post({ participants: [mallory.id] }),
  ]) {
    const [strange, missing] = [await look(chat!.id), await look(unknown)]
    expect([strange.status, missing.status]).toEqual([404, 404])
    const body = (answer: { error: unknown }) => ({
      ...(answer.error as { value: object }).value,
      request_id: '',
    })
    expect(body(strange)).toEqual(body(missing))
  }
})

test('both open it at once, fifty times: one chat, one 201', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      i % 2
        ? ann.api.chats.post({ participants: [bob.id] })
        : bob.api.chats.post({ participants: [ann.id, bob.id] }),
    ),
  )
  expect(new Set(answers.map(({ data }) => data?.id)).size).toBe(1)
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(49).fill(200), 201])
})

test('a private chat has exactly one other person, or nobody: my own notes', async () => {
  await using w = await world()
  const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
  expect((await ann.api.chats.post({ participants: [bob.id, cleo.id] })).status).toBe(422)
  expect((await ann.api.chats.post({ participants: ['@nobody'] })).status).toBe(404)
  const { data: notes, status } = await ann.api.chats.post({ participants: [ann.id] })
  expect([status, notes?.participants]).toEqual([201, [ann.id]])
  expect((await ann.api.chats.post({ participants: [] })).data?.id).toBe(notes!.id)
  expect((await ann.api.chats.post({ participants: ['@ann'] })).data?.id).toBe(notes!.id)
  const { data: note } = await ann.api.chats({ id: notes!.id }).messages.post({ content: 'milk' })
  expect(note).toMatchObject({ sender_id: ann.id, receiver_id: ann.id, is_read: false })
})

test('deleted for me it leaves my list with its history, and comes back empty when someone writes', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
  const id = chat!.id
  await bob.api.chats({ id }).messages.post({ content: 'Old news' })
  const line = await ann.online()
  expect((await ann.api.chats({ id }).delete({}, { query: {} })).status).toBe(200)
  await line.hears('chat_gone', frame => frame.chat_id === id)
  expect((await ann.api.chats.get({ query: {} })).data?.items).toEqual([])
  expect((await bob.api.chats.get({ query: {} })).data?.items).toHaveLength(1)
  expect((await bob.api.chats({ id }).messages.get({ query: {} })).data?.items).toHaveLength(1)

  await bob.api.chats({ id }).messages.post({ content: 'News' })
  await line.hears('message', ({ message }) => message.content === 'News')
  await line.hears('chat', frame => frame.chat.id === id)
  const { data: list } = await ann.api.chats.get({ query: {} })
  expect(list?.items).toMatchObject([{ id, unread_count: 1, last_message: { content: 'News', seq: 2 } }])
  const { data: page } = await ann.api.chats({ id }).messages.get({ query: {} })
  expect(page).toMatchObject({ items: [{ content: 'News' }], before: null, after: null })
  expect((await bob.api.chats({ id }).delete({}, { query: { for: 'everyone' } })).status).toBe(403)
})

test('opening it again puts it back on my list, still empty', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
  await ann.api.chats({ id: chat!.id }).messages.post({ content: 'Hello' })
  await ann.api.chats({ id: chat!.id }).delete({}, { query: { for: 'me' } })
  const again = await ann.api.chats.post({ participants: [bob.id] })
  expect([again.status, again.data?.id, again.data?.last_message]).toEqual([200, chat!.id, null])
  expect((await ann.api.chats.get({ query: {} })).data?.items).toHaveLength(1)
})

test('nobody joins, leaves, renames or rules a private chat', async () => {
  await using w = await world()
  const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
  const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
  const mine = ann.api.chats({ id: chat!.id })
  const refused = [
    await mine.members.post({ participants: [cleo.id] }),
    await mine.leave.post(),
    await mine.patch({ group_name: 'Us' }),
    await mine.members({ user_id: bob.id }).patch({ role: 'admin' }),
    await mine.members({ user_id: bob.id }).delete(),
  ]
  expect(refused.map(({ status }) => status)).toEqual([409, 409, 409, 409, 409])
})
