// Finding words of every script, and an index that follows by itself.
import { describe, expect, test } from 'bun:test'
import { createLog } from '../../src/ops/log'
import { createServices } from '../../src/services'
import { groupChat, message, privateChat, say } from '../support/chats'
import { found, met, three } from '../support/search'
import { world, type World } from '../support/world'

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
      ALLOWED_HOSTS: '*',
      PUBLIC_URL: null,
      RATE_LIMITS: false,
      TRUST_PROXY: false,
      METRICS_TOKEN: null,
      VAPID_PUBLIC_KEY: null,
      VAPID_PRIVATE_KEY: null,
      VAPID_SUBJECT: 'mailto:a@example.com',
      MAX_UPLOAD_MB: 25,
      MAX_SOCKETS: 100,
      USER_QUOTA_MB: 1024,
    },
  })
