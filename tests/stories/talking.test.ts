// Sending, reading back, and how far everyone has read.
import { describe, expect, test } from 'bun:test'
import type { Person } from '../support/people'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

async function annAndBob(w: World) {
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const { data } = await ann.api.chats.post({ participants: [bob.id] })
  return { ann, bob, id: data!.id }
}

const say = (who: Person, id: string, content: string, client_id?: string) =>
  who.api.chats({ id }).messages.post({ content, ...(client_id && { client_id }) })

const unreadOf = async (who: Person, id: string) => (await who.api.chats({ id }).get()).data?.unread_count

describe('sending', () => {
  test('a message is answered whole, with its place in the chat', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    const { data, status } = await say(ann, id, 'Hello Bob', 'a1')
    expect(status).toBe(201)
    expect(data).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      chat_id: id,
      seq: 1,
      rev: 1,
      client_id: 'a1',
      sender_id: ann.id,
      receiver_id: bob.id,
      content: 'Hello Bob',
      message_type: 'text',
      attachments: [],
      reply_to: null,
      reactions: [],
      is_read: false,
      pinned_at: null,
      edited_at: null,
      deleted_at: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: expect.stringMatching(/Z$/),
    })
  })

  test('the same client_id again answers the first message; with another body it is refused', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    const first = await say(ann, id, 'Once', 'a1')
    const again = await say(ann, id, 'Once', 'a1')
    expect([first.status, again.status]).toEqual([201, 200])
    expect(again.data).toEqual(first.data)
    expect((await say(ann, id, 'Twice', 'a1')).error?.value).toMatchObject({
      status: 409,
      code: 'client_id_reused',
    })
    expect((await say(bob, id, 'Mine', 'a1')).status).toBe(201)
    const { data } = await bob.api.chats({ id }).messages.get({ query: {} })
    expect(data?.items.map(({ content }) => content)).toEqual(['Once', 'Mine'])
  })

  test('fifty times at once with one client_id: one message', async () => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    const line = await ann.online()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        i % 2
          ? say(ann, id, 'Once', 'x').then(({ data }) => data)
          : line
              .ask({ type: 'send', chat_id: id, content: 'Once', client_id: 'x' })
              .then(({ message }) => message),
      ),
    )
    expect(new Set(answers.map(message => message?.id)).size).toBe(1)
    expect((await ann.api.chats({ id }).messages.get({ query: {} })).data?.items).toHaveLength(1)
    expect(line.of('message')).toHaveLength(1)
  })

  test('any text comes back as it was sent', async () => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    const texts = [
      '👩‍👩‍👧‍👦 naïve 你好 مرحبا',
      '\u202eright to left',
      "'; drop table messages; --",
      '{"$set":1}',
      ' spaces \n kept\t',
      'x'.repeat(8_000),
      '<b>&amp;',
      '2024-01-01',
      'null',
    ]
    for (const content of texts) expect((await say(ann, id, content)).data?.content).toBe(content)
    const { data } = await ann.api.chats({ id }).messages.get({ query: {} })
    expect(data?.items.map(({ content }) => content)).toEqual(texts)
  })

  test.each([
    [{ content: '' }, 'too_short'],
    [{ content: ' \n ' }, 'blank'],
    [{ content: 'x'.repeat(8_001) }, 'too_long'],
    [{ content: 5 }, 'bad_type'],
    [{}, 'required'],
  ])('%p is refused', async (json, code) => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    const { status, body } = await call(w.url, 'POST', `/chats/${id}/messages`, { token: ann.token, json })
    expect(status).toBe(422)
    expect(body.errors).toEqual([{ path: 'body/content', code }])
  })

  test('media types carry an address, as older clients send them', async () => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    const { data } = await ann.api
      .chats({ id })
      .messages.post({ content: 'https://example.com/cat.png', message_type: 'image' })
    expect(data?.message_type).toBe('image')
    const json = { content: 'x', message_type: 'hologram' }
    expect((await call(w.url, 'POST', `/chats/${id}/messages`, { token: ann.token, json })).status).toBe(422)
  })
})

describe('history', () => {
  test('is paged by seq in both directions and around a message', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    for (let i = 1; i <= 25; i++) await say(i % 2 ? ann : bob, id, `message ${i}`)
    const page = async (query: { before?: number; after?: number; around?: number; limit?: number }) => {
      const { data } = await ann.api.chats({ id }).messages.get({ query })
      return [data?.items.map(({ seq }) => seq), data?.before, data?.after]
    }
    const from = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i)
    expect(await page({})).toEqual([from(1, 25), null, null])
    expect(await page({ limit: 10 })).toEqual([from(16, 25), 16, null])
    expect(await page({ before: 16, limit: 10 })).toEqual([from(6, 15), 6, 15])
    expect(await page({ before: 6, limit: 10 })).toEqual([from(1, 5), null, 5])
    expect(await page({ after: 0, limit: 10 })).toEqual([from(1, 10), null, 10])
    expect(await page({ after: 20, limit: 10 })).toEqual([from(21, 25), 21, null])
    expect(await page({ around: 12, limit: 5 })).toEqual([from(10, 14), 10, 14])
    expect(await page({ around: 1, limit: 5 })).toEqual([from(1, 3), null, 3])
    expect(await page({ around: 25, limit: 5 })).toEqual([from(23, 25), 23, null])
    expect(await page({ before: 1 })).toEqual([[], null, 0])
    expect(await page({ after: 25 })).toEqual([[], 26, null])
    expect(await page({ before: 1_000_000, limit: 3 })).toEqual([from(23, 25), 23, null])
  })

  test('of an empty chat is empty on both sides', async () => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    const { data } = await ann.api.chats({ id }).messages.get({ query: {} })
    expect(data).toEqual({ items: [], before: null, after: null })
  })

  test.each([
    'limit=0',
    'limit=101',
    'limit=-5',
    'limit=1e1',
    'limit=0x10',
    'limit=Infinity',
    'limit=NaN',
    'limit[$gt]=1',
    'before=x',
    'before=1&after=2',
    'after=-1',
  ])('?%s is refused', async query => {
    await using w = await world()
    const { ann, id } = await annAndBob(w)
    expect((await call(w.url, 'GET', `/chats/${id}/messages?${query}`, { token: ann.token })).status).toBe(
      422,
    )
  })

  test('one message is found in its own chat only', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    const cleo = await w.as('cleo')
    const { data: other } = await cleo.api.chats.post({ participants: [bob.id] })
    const { data: message } = await say(ann, id, 'Here')
    expect((await bob.api.chats({ id }).messages({ mid: message!.id }).get()).data).toMatchObject({
      content: 'Here',
    })
    expect((await bob.api.chats({ id: other!.id }).messages({ mid: message!.id }).get()).status).toBe(404)
    expect((await cleo.api.chats({ id }).messages({ mid: message!.id }).get()).status).toBe(404)
  })
})

describe('reading', () => {
  test('unread counts others’ messages after my position, exactly, forth and back', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    for (const content of ['one', 'two', 'three']) await say(ann, id, content)
    await say(bob, id, 'four')
    expect([await unreadOf(ann, id), await unreadOf(bob, id)]).toEqual([1, 3])
    expect((await bob.api.chats({ id }).read.post({ seq: 2 })).data).toEqual({
      chat_id: id,
      user_id: bob.id,
      seq: 2,
      unread_count: 1,
    })
    expect((await bob.api.chats({ id }).read.post({ seq: 99 })).data).toMatchObject({
      seq: 4,
      unread_count: 0,
    })
    expect((await bob.api.chats({ id }).read.post({ seq: 0 })).data).toMatchObject({
      seq: 0,
      unread_count: 3,
    })
    expect((await bob.api.chats.get({ query: {} })).data?.items[0]).toMatchObject({
      unread_count: 3,
      my: { read_seq: 0 },
    })
    expect(
      (await call(w.url, 'POST', `/chats/${id}/read`, { token: bob.token, json: { seq: -1 } })).status,
    ).toBe(422)
  })

  test('the older way reads up to a message and never back', async () => {
    await using w = await world()
    const { ann, bob, id } = await annAndBob(w)
    const { data: first } = await say(ann, id, 'one')
    const { data: second } = await say(ann, id, 'two')
    expect((await bob.api.chats({ id }).messages({ mid: second!.id }).read.put()).data).toMatchObject({
      is_read: true,
    })
    expect((await bob.api.chats({ id }).messages({ mid: first!.id }).read.put()).data).toMatchObject({
      is_read: true,
    })
    expect(await unreadOf(bob, id)).toBe(0)
    expect(
      (await ann.api.chats({ id }).messages.get({ query: {} })).data?.items.map(({ is_read }) => is_read),
    ).toEqual([true, true])
  })

  test('in a group a message is read once every other member has read it', async () => {
    await using w = await world()
    const { ann, bob } = await annAndBob(w)
    const cleo = await w.as('cleo')
    const { data } = await ann.api.chats.post({
      chat_type: 'group',
      group_name: 'HQ',
      participants: [bob.id, cleo.id],
    })
    const id = data!.id
    await say(ann, id, 'one')
    await say(bob, id, 'two')
    const readOnes = async () =>
      (await ann.api.chats({ id }).messages.get({ query: {} })).data?.items.map(({ is_read }) => is_read)
    await bob.api.chats({ id }).read.post({ seq: 2 })
    expect(await readOnes()).toEqual([false, false])
    await cleo.api.chats({ id }).read.post({ seq: 2 })
    expect(await readOnes()).toEqual([true, false])
    await ann.api.chats({ id }).read.post({ seq: 2 })
    expect(await readOnes()).toEqual([true, true])
  })

  test('a random walk of 120 sends and reads by three people keeps every count exact', async () => {
    await using w = await world()
    const { ann, bob } = await annAndBob(w)
    const people = [ann, bob, await w.as('cleo')]
    const { data } = await ann.api.chats.post({
      chat_type: 'group',
      group_name: 'HQ',
      participants: people.map(({ id }) => id),
    })
    const id = data!.id
    const senders: string[] = []
    const read = new Map(people.map(person => [person.id, 0]))
    for (let step = 0; step < 120; step++) {
      const who = people[Math.floor(Math.random() * 3)] as Person
      if (Math.random() < 0.5) {
        await say(who, id, `step ${step}`)
        senders.push(who.id)
      } else {
        const seq = Math.floor(Math.random() * (senders.length + 1))
        await who.api.chats({ id }).read.post({ seq })
        read.set(who.id, seq)
      }
      const one = people[step % 3] as Person
      const expected = senders.slice(read.get(one.id)).filter(sender => sender !== one.id).length
      expect(await unreadOf(one, id)).toBe(expected)
    }
  })
})

describe('my chat list', () => {
  test('shows the newest activity first, a page at a time, with the last message', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const ids: string[] = []
    for (const name of ['bob', 'cleo', 'dan', 'eve', 'fay']) {
      const { data } = await ann.api.chats.post({ participants: [(await w.as(name)).id] })
      ids.push(data!.id)
      await Bun.sleep(2)
    }
    await say(ann, ids[1] as string, 'x'.repeat(300))
    const { data: first } = await ann.api.chats.get({ query: { limit: 3 } })
    const { data: second } = await ann.api.chats.get({ query: { limit: 3, cursor: first!.next! } })
    const order = [...first!.items, ...second!.items].map(chat => ids.indexOf(chat.id))
    expect(order).toEqual([1, 4, 3, 2, 0])
    expect(first?.items[0]?.last_message).toMatchObject({
      seq: 1,
      sender_id: ann.id,
      content: 'x'.repeat(200),
    })
    expect(first?.items[0]?.last_message_time).toBe(first?.items[0]?.last_message?.created_at as string)
    expect(second?.next).toBeNull()
  })

  test('refuses a cursor that it did not give', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    for (const cursor of ['x', 'WzFd', '0', 'W10', '..']) {
      expect((await ann.api.chats.get({ query: { cursor } })).error?.value).toMatchObject({
        status: 400,
        code: 'bad_cursor',
      })
    }
  })
})
