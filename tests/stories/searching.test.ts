// Finding messages by their words: in my chats and nowhere else, as the messages are now.
import { describe, expect, test } from 'bun:test'
import { createServices } from '../../src/services'
import { createLog } from '../../src/ops/log'
import { groupChat, message, people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { world, type World } from '../support/world'

const three = async (w: World) => (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]

const search = (who: Person, q: string, query: object = {}) =>
  who.api.messages.search.get({ query: { q, ...query } })

const hits = async (who: Person, q: string, query: object = {}) => {
  const { data, error } = await search(who, q, query)
  if (error) throw new Error(`${who.name} could not search: ${JSON.stringify(error.value)}`)
  return data!.items
}

const found = async (who: Person, q: string, query: object = {}) =>
  (await hits(who, q, query)).map(hit => hit.message.content)

/** Each place as it is written in the message. */
const met = async (who: Person, q: string) =>
  (await hits(who, q)).map(({ message: { content }, ranges }) =>
    ranges.map(([start, end]) => content.slice(start, end)),
  )

describe('a search', () => {
  test('finds the beginnings of words in all my chats, newest first, and nothing of others', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [one, two, theirs] = [
      await privateChat(ann, bob),
      await groupChat(ann, bob),
      await groupChat(bob, cleo),
    ]
    await say(ann, one, 'Lunch on Thursday?')
    await say(bob, two, 'Thunder, then lunch')
    await say(bob, theirs, 'Lunch without Ann, Thursday')
    expect(await found(ann, 'lunch thu')).toEqual(['Thunder, then lunch', 'Lunch on Thursday?'])
    expect(await found(ann, 'LUN')).toHaveLength(2)
    expect(await found(ann, 'unch')).toEqual([])
    expect(await found(ann, 'lunch friday')).toEqual([])
    expect(await met(ann, 'thu lunch')).toEqual([
      ['Thu', 'lunch'],
      ['Lunch', 'Thu'],
    ])
    expect(await found(cleo, 'lunch')).toEqual(['Lunch without Ann, Thursday'])
    expect(await found(bob, 'lunch')).toHaveLength(3)
    const [hit] = await hits(bob, 'thunder')
    expect(hit?.message).toEqual((await message(bob, two, hit!.message.id).get()).data!)
  })

  test('ends for one who leaves, at once, and comes back with them', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await groupChat(ann, bob, cleo)
    await say(ann, id, 'The secret word')
    expect(await found(bob, 'secret')).toHaveLength(1)
    await bob.api.chats({ id }).leave.post()
    expect(await found(bob, 'secret')).toEqual([])
    expect((await search(bob, 'secret', { chat_id: id })).status).toBe(404)
    await ann.api.chats({ id }).members({ user_id: cleo.id }).delete()
    expect(await found(cleo, 'secret')).toEqual([])
    await ann.api.chats({ id }).members.post({ participants: [bob.id] })
    expect(await found(bob, 'secret')).toHaveLength(1)
    await ann.api.chats({ id }).delete({}, { query: {} })
    expect([await found(ann, 'secret'), await found(bob, 'secret')]).toEqual([[], []])
  })

  test('meets messages as they are now: edited and deleted ones follow at once', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    const [one, two] = [await say(ann, id, 'Meet at noon'), await say(ann, id, 'Meet at dusk')]
    expect(await found(bob, 'meet')).toEqual(['Meet at dusk', 'Meet at noon'])
    await message(ann, id, one.id).patch({ content: 'Meet at midnight' })
    expect([await found(bob, 'noon'), await found(bob, 'midnight')]).toEqual([[], ['Meet at midnight']])
    await message(ann, id, two.id).delete({}, { query: {} })
    expect([await found(bob, 'dusk'), await found(bob, 'meet')]).toEqual([[], ['Meet at midnight']])
    for (const content of ['tick one', 'tock two', 'tick three']) {
      await message(ann, id, one.id).patch({ content })
      expect(await found(bob, content.slice(0, 4))).toEqual([content])
    }
    expect(await found(bob, 'meet')).toEqual([])
  })

  test('never meets what I hid or cleared, though others do', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await privateChat(ann, bob)
    for (const n of [1, 2, 3]) await say(ann, id, `Plan number ${n}`)
    const hidden = await say(bob, id, 'Plan to hide')
    await message(ann, id, hidden.id).delete({}, { query: { for: 'me' } })
    expect(await found(ann, 'plan')).toHaveLength(3)
    expect(await found(bob, 'plan')).toHaveLength(4)
    await ann.api.chats({ id }).delete({}, { query: {} })
    expect(await found(ann, 'plan')).toEqual([])
    expect(await found(bob, 'plan')).toHaveLength(4)
    await say(bob, id, 'Plan again')
    expect(await found(ann, 'plan', { limit: 1 })).toEqual(['Plan again'])
    expect(await found(ann, 'plan')).toEqual(['Plan again'])
    expect(await found(cleo, 'plan')).toEqual([])
  })

  test('is narrowed by chat, sender, type and time', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [one, two] = [await privateChat(ann, bob), await groupChat(ann, bob, cleo)]
    const first = await say(ann, one, 'Tea one')
    await Bun.sleep(5)
    await say(bob, two, 'Tea two')
    await say(cleo, two, 'Tea https://example.com/tea.png', { message_type: 'image' })
    await Bun.sleep(5)
    const last = await say(ann, two, 'Tea three')
    expect(await found(ann, 'tea', { chat_id: one })).toEqual(['Tea one'])
    expect(await found(ann, 'tea', { from: 'me' })).toEqual(['Tea three', 'Tea one'])
    expect(await found(ann, 'tea', { from: '@BOB' })).toEqual(['Tea two'])
    expect(await found(ann, 'tea', { from: cleo.id, type: 'image' })).toHaveLength(1)
    expect(await found(ann, 'tea', { type: 'text' })).toEqual(['Tea three', 'Tea two', 'Tea one'])
    expect(await found(ann, 'tea', { type: 'video' })).toEqual([])
    expect(await found(ann, 'tea', { after: first.created_at })).toHaveLength(3)
    expect(await found(ann, 'tea', { before: last.created_at, type: 'text' })).toEqual(['Tea two', 'Tea one'])
    expect(await found(ann, 'tea', { after: first.created_at, before: last.created_at })).toHaveLength(2)
    expect(await found(ann, 'tea', { after: '2000-01-01', before: '9999-12-31T23:59:59Z' })).toHaveLength(4)
    expect(await found(ann, 'tea', { before: '2000-01-01T00:00:00.000Z' })).toEqual([])
    expect(await found(cleo, 'tea', { from: ann.id })).toEqual(['Tea three'])
    expect((await search(cleo, 'tea', { chat_id: one })).status).toBe(404)
    expect((await search(ann, 'tea', { from: '@nobody' })).status).toBe(404)
  })

  test('is refused where it is not well-formed', async () => {
    await using w = await world()
    const [ann] = await three(w)
    const refused = [
      [{ chat_id: 'x' }, 422],
      [{ after: 'yesterday' }, 422],
      [{ before: '' }, 422],
      [{ type: 'song' }, 422],
      [{ limit: 0 }, 422],
      [{ cursor: 'x' }, 400],
      [{ cursor: Buffer.from('["x"]').toString('base64url') }, 400],
      [{ chat_id: '0'.repeat(24) }, 404],
    ] as const
    for (const [query, status] of refused) expect((await search(ann, 'tea', query)).status).toBe(status)
    expect((await search(ann, 'x'.repeat(201))).status).toBe(422)
    expect((await fetch(`${w.url}/messages/search?q=x`)).status).toBe(401)
    for (const q of ['', ' ', '?!', '🎉', '.*'])
      expect((await search(ann, q)).data).toEqual({ items: [], next: null })
  })
})

describe('pages of hits', () => {
  test('give each hit once, newest first, whatever comes meanwhile', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const chats = [await privateChat(ann, bob), await groupChat(ann, bob), await groupChat(bob, ann)]
    const ids: string[] = []
    for (let i = 0; i < 57; i++) {
      const { id } = await say(
        i % 2 === 0 ? ann : bob,
        chats[i % 3] as string,
        `${i % 5 === 0 ? 'rare' : 'often'} ${i} word`,
      )
      ids.unshift(id)
    }
    for (const limit of [1, 10, 19, 57, 100]) {
      const met: string[] = []
      let cursor: string | undefined
      do {
        const { data } = await search(ann, 'wor', { limit, ...(cursor && { cursor }) })
        expect(data!.items.length).toBeLessThanOrEqual(limit)
        met.push(...data!.items.map(hit => hit.message.id))
        cursor = data!.next ?? undefined
        if (limit === 10) await say(bob, chats[0] as string, 'another')
      } while (cursor)
      expect(met).toEqual(ids)
    }
    expect((await hits(bob, 'rare', { limit: 100 })).map(hit => hit.message.id)).toEqual(
      ids.filter((_, i) => (56 - i) % 5 === 0),
    )
  })

  test('are full although most candidates are no hits', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    for (let i = 0; i < 60; i++) await say(ann, id, i % 20 === 0 ? '我爱你' : '我爱 爱你')
    const { data } = await search(bob, '我爱你', { limit: 3 })
    expect(data).toMatchObject({ items: Array(3).fill({ ranges: [[0, 3]] }), next: null })
    const first = await search(bob, '我爱你', { limit: 2 })
    expect(first.data!.next).toBeString()
    expect(await found(bob, '我爱你', { limit: 2, cursor: first.data!.next })).toHaveLength(1)
  })
})

const scripts = [
  ['Latin', 'Où est le Café Müller?', 'muller caf', ['Caf', 'Müller']],
  ['German', 'In der Weißstraße', 'weissstr', ['Weißstr']],
  ['Turkish', 'İstanbul ve ışık', 'istanbul isik', ['İstanbul', 'ışık']],
  ['Greek', 'Ο Σίσυφος της ΟΔΟΥ', 'σισυφος', ['Σίσυφος']],
  ['Cyrillic', 'Зелёная ЁЛКА', 'елка', ['ЁЛКА']],
  ['Arabic', 'قَالَ أَحْمَدُ: السَّلامُ', 'احمد', ['أَحْمَدُ']],
  ['Hebrew', 'אמר שָׁלוֹם לכולם', 'שלום', ['שָׁלוֹם']],
  ['Devanagari', 'यह हिन्दी कविता है', 'कवि', ['कवि']],
  ['Thai', 'ฉันกินข้าวแล้ว', 'กินข้าว', ['กินข้าว']],
  ['Chinese', '🎉 我爱北京天安门 🎉', '北京 门', ['北京', '门']],
  ['Japanese', '東京スーパーでｶﾞｿﾘﾝを', 'ガソリン', ['ｶﾞｿﾘﾝ']],
  ['Korean', '안녕하세요 👍 세계', '하세', ['하세']],
] as const

describe('words of every script', () => {
  test('are found without case and accents, and told where they are', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await groupChat(ann, bob)
    for (const [, content] of scripts) await say(ann, id, content)
    for (const [script, , q, wanted] of scripts) expect(await met(bob, q), script).toEqual([[...wanted]])
    for (const [script, , q] of scripts) expect(await found(cleo, q), script).toEqual([])
  })

  test('are taken as they are, whatever they mean to an engine', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    const odd = [
      'a.c (x) [y]* end',
      '$where: 1 || true',
      "'; drop table messages; --",
      '100% _off_ "now"',
      'AND OR NOT NEAR',
    ]
    for (const content of odd) await say(ann, id, content)
    await say(ann, id, 'abc xyz')
    expect(await found(bob, 'a.c')).toEqual([odd[0]!])
    expect(await found(bob, '.*')).toEqual([])
    expect(await found(bob, '^abc$')).toEqual(['abc xyz'])
    expect(await found(bob, '$where')).toEqual([odd[1]!])
    expect(await found(bob, "'; drop table messages; --")).toEqual([odd[2]!])
    expect(await found(bob, '100% _of')).toEqual([odd[3]!])
    expect(await found(bob, 'or not')).toEqual([odd[4]!])
    expect(await found(bob, 'c|y')).toEqual([odd[0]!])
    expect(await found(bob, '[a-z]{3}')).toEqual([])
  })
})

describe('the index', () => {
  test('follows by itself, soon after a message', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    for (let i = 0; i < 30; i++) await say(ann, id, `Message ${i}`)
    for (let i = 0; i < 500 && w.services.indexing.lag() > 0; i++) await Bun.sleep(10)
    expect(await w.stores.search.indexedRev(id)).toBe(30)
    expect(await w.stores.search.behind()).toEqual([])
  })

  test('is level again after messages were stored while nothing followed', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const [one, two] = [await groupChat(ann, bob), await privateChat(ann, bob)]
    await say(ann, one, 'Before')
    w.services.indexing.stop()
    const sent = await say(ann, one, 'Lost and found')
    await say(ann, one, 'Lost for good')
    for (let i = 0; i < 210; i++) await w.services.messages.send(bob.id, two, { content: `Lost ${i}` })
    await message(ann, one, sent.id).patch({ content: 'Found again' })
    expect((await w.stores.search.behind()).toSorted()).toEqual([one, two].toSorted())

    const { indexing } = restarted(w)
    await indexing.takeUp()
    expect(indexing.lag()).toBe(2)
    for (let i = 0; i < 500 && indexing.lag() > 0; i++) await Bun.sleep(10)
    expect(await w.stores.search.behind()).toEqual([])
    indexing.stop()
    const places = [
      { id: one, above: 0 },
      { id: two, above: 0 },
    ]
    const candidates = await w.stores.search.find(places, { prefixes: ['lost'], limit: 300 })
    expect(candidates).toHaveLength(211)
  })

  test('is never older than what a search may know of', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    w.services.indexing.stop()
    for (let i = 0; i < 20; i++) {
      await say(ann, id, `Round ${i}`)
      const [all, last] = await Promise.all([found(bob, 'round', { limit: 100 }), found(bob, `${i}`)])
      expect([all.length, last]).toEqual([i + 1, [`Round ${i}`]])
    }
  })
})

/** The services of a process that has just begun, on the same store. */
const restarted = ({ stores }: World) =>
  createServices({
    stores,
    secret: 'another secret of the tests, long enough',
    log: createLog('silent'),
    version: '0',
    settings: {
      ACCESS_TOKEN_MINUTES: 60,
      REFRESH_TOKEN_DAYS: 30,
      CORS_ORIGINS: '*',
      RATE_LIMITS: false,
      TRUST_PROXY: false,
    },
  })
