// Notifications: devices that are not online hear of messages, encrypted for them alone, and of nothing else.
import { describe, expect, test } from 'bun:test'
import { createECDH } from 'node:crypto'
import { chatOf, groupChat, message, people, privateChat, say } from '../support/chats'
import { uploaded, VOICE } from '../support/files'
import { signIn, type Person } from '../support/people'
import { pushService, signedBy, type Browser } from '../support/pushservice'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const three = async (w: World) => (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]

async function subscribe(who: Person, browser: Browser, device_name?: string) {
  const { data, error } = await who.api.push.subscriptions.put({ ...browser.subscription, device_name })
  if (error) throw new Error(JSON.stringify(error.value))
  return data!
}

/** Resolves once everything said so far has been looked at, and what came of it was posted. */
async function settled({ services: { notifying, deliveries } }: World) {
  while (notifying.lag().waiting + deliveries.counts.waiting > 0) await Bun.sleep(1)
}

describe('a device that is not online', () => {
  test('hears of a message: signed by the key it subscribed with, encrypted for it alone', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob, cleo] = await three(w)
    await ann.api.users.me.patch({ full_name: 'Ann Smith' })
    const { data: key } = await bob.api.push.key.get()
    expect((await cleo.api.push.key.get()).data).toEqual(key)
    const [bobs, cleos] = [service.browser(), service.browser()]
    const kept = await subscribe(bob, bobs, 'Phone')
    await subscribe(cleo, cleos)
    expect(kept).toMatchObject({ device_name: 'Phone', current: true, failing_since: null })

    const id = await privateChat(ann, bob)
    const { id: message_id } = await say(ann, id, `Hello Bob 👋 ${'long '.repeat(50)}`)
    const [post] = await service.gets(1)
    expect(signedBy(key!.public_key, post!)).toMatchObject({
      aud: new URL(bobs.endpoint).origin,
      sub: 'mailto:postmaster@natter.invalid',
    })
    const { headers, body } = post!
    expect(headers.get('host')).toBe(new URL(bobs.endpoint).host)
    expect([headers.get('ttl'), headers.get('urgency'), headers.get('topic')]).toEqual(['86400', 'high', id])
    expect(headers.get('content-encoding')).toBe('aes128gcm')
    expect(body.includes('Hello')).toBeFalse()
    const text = [...`Hello Bob 👋 ${'long '.repeat(50)}`].slice(0, 100).join('')
    expect(bobs.decrypt(body)).toEqual({
      chat_id: id,
      message_id,
      seq: 1,
      sender_name: 'Ann Smith',
      chat_name: null,
      message_type: 'text',
      text,
    })
    expect(() => cleos.decrypt(body)).toThrow()
    await settled(w)
    expect(service.posted).toHaveLength(1)
  })

  test('hears what a message shows where nothing is written', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    const browser = service.browser()
    await subscribe(bob, browser)
    const id = await privateChat(ann, bob)
    const file_id = await uploaded(w, ann, VOICE, 'voice.webm')
    const sent = [{ file_id }, { file_id, caption: `Listen ${'long '.repeat(50)}` }]
    for (const [i, attachment] of sent.entries()) {
      await say(ann, id, '', { attachments: [attachment] })
      await service.gets(i + 1)
      await settled(w)
    }
    await say(ann, id, 'Words', { attachments: [{ file_id }] })
    const notices = (await service.gets(3)).map(({ body }) => browser.decrypt(body))
    const texts = ['voice.webm', `Listen ${'long '.repeat(50)}`.slice(0, 100), 'Words']
    expect(notices).toMatchObject(texts.map(text => ({ text, message_type: 'audio' })))
  })

  test('hears nothing of its own messages, of changes, or of chats that are not its', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob, cleo] = await three(w)
    const [anns, cleos] = [service.browser(), service.browser()]
    await subscribe(ann, anns)
    await subscribe(cleo, cleos)
    const id = await privateChat(ann, bob)
    const first = await say(ann, id, 'mine')
    await settled(w)
    await ann.api.chats({ id }).messages({ mid: first.id }).patch({ content: 'still mine' })
    await bob.api
      .chats({ id })
      .messages({ mid: first.id })
      .reactions({ emoji: encodeURIComponent('👍') })
      .put()
    await settled(w)
    expect(service.posted).toEqual([])
    await say(bob, id, 'yours')
    await service.gets(1)
    await settled(w)
    expect([anns.heard().length, cleos.heard().length]).toEqual([1, 0])
  })

  test('is quiet while its person is online elsewhere, and for what was read meanwhile', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    const bobs = service.browser()
    await subscribe(bob, bobs)
    const id = await privateChat(ann, bob)
    const line = await bob.online()
    await say(ann, id, 'live')
    await line.hears('message')
    await settled(w)
    line.close()
    await line.closed
    while (w.services.presence.isActive(bob.id)) await Bun.sleep(1)

    // The push service takes its time and then is busy: when it is asked again, the message is of no interest.
    const whileBusy = async (text: string, meanwhile: (mid: string) => Promise<unknown>) => {
      const slow = Promise.withResolvers<Response>()
      service.answers.push(slow.promise)
      const { id: mid } = await say(ann, id, text)
      await service.gets(service.posted.length + 1)
      await meanwhile(mid)
      slow.resolve(new Response(null, { status: 503 }))
      await settled(w)
    }
    await whileBusy('read elsewhere', () => bob.api.chats({ id }).read.post({ seq: 2 }))
    await whileBusy('taken back', mid => message(ann, id, mid).delete({}, { query: {} }))
    await whileBusy('muted', () =>
      bob.api.chats({ id }).settings.patch({ muted_until: '2100-01-01T00:00:00.000Z' }),
    )
    await bob.api.chats({ id }).settings.patch({ muted_until: null })
    await say(ann, id, 'news')
    await service.gets(4)
    await settled(w)
    expect(bobs.heard().map(({ text }) => text)).toEqual(['read elsewhere', 'taken back', 'muted', 'news'])
  })
})

test('the key of the settings is used where there is one', async () => {
  using service = pushService()
  const ecdh = createECDH('prime256v1')
  const VAPID_PUBLIC_KEY = ecdh.generateKeys('base64url')
  const VAPID_PRIVATE_KEY = ecdh.getPrivateKey('base64url')
  const VAPID_SUBJECT = 'https://chat.example.com'
  await using w = await world({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY, VAPID_SUBJECT }, service)
  const [ann, bob] = await three(w)
  expect((await bob.api.push.key.get()).data).toEqual({ public_key: VAPID_PUBLIC_KEY })
  await subscribe(bob, service.browser())
  await say(ann, await privateChat(ann, bob), 'Hello')
  const [post] = await service.gets(1)
  expect(signedBy(VAPID_PUBLIC_KEY, post!)).toMatchObject({ sub: VAPID_SUBJECT })
})

describe('how much of a chat is told', () => {
  test('all, mentions or none, and nothing while it is muted; the same on all my devices', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    const bobs = service.browser()
    await subscribe(bob, bobs)
    const id = await groupChat(ann, bob)
    expect((await chatOf(bob, id)).my.notify).toBe('all')
    const phone = await (await signIn(w.url, bob)).online()
    const set = (settings: object) => bob.api.chats({ id }).settings.patch(settings)
    await set({ notify: 'mentions' })
    expect((await phone.hears('my')).my.notify).toBe('mentions')
    phone.close()
    while (w.services.presence.isActive(bob.id)) await Bun.sleep(1)

    await say(ann, id, 'for everybody')
    await settled(w)
    await say(ann, id, 'for @bob')
    await service.gets(1)
    await settled(w)
    await say(ann, id, 'for @all')
    await service.gets(2)
    await set({ notify: 'none' })
    await say(ann, id, 'still for @bob')
    await settled(w)
    await set({ notify: 'all', muted_until: '2100-01-01T00:00:00.000Z' })
    await say(ann, id, 'in the night, @bob')
    await settled(w)
    await set({ muted_until: '2020-01-01T00:00:00.000Z' })
    await say(ann, id, 'good morning')
    await service.gets(3)
    await settled(w)
    expect(bobs.heard().map(({ text, chat_name }) => [text, chat_name])).toEqual([
      ['for @bob', 'HQ'],
      ['for @all', 'HQ'],
      ['good morning', 'HQ'],
    ])
    expect(service.posted.map(({ headers }) => headers.get('urgency'))).toEqual(['high', 'high', 'normal'])
    expect((await set({ notify: 'some' as never })).status).toBe(422)
    expect((await chatOf(ann, id)).my.notify).toBe('all')
  })
})

describe('a push service', () => {
  test('that knows a device no more makes it go at once', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    await subscribe(bob, service.browser())
    await subscribe(bob, service.browser())
    service.answers.push(new Response(null, { status: 410 }), new Response(null, { status: 404 }))
    const id = await privateChat(ann, bob)
    await say(ann, id, 'Hello')
    await service.gets(2)
    await settled(w)
    expect((await bob.api.push.subscriptions.get()).data?.items).toEqual([])
    await say(ann, id, 'Hello again')
    await settled(w)
    expect(service.posted).toHaveLength(2)
  })

  test('that is busy is asked again a few times, and one that stays away loses the device in the end', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    const bobs = service.browser()
    const { id: subscription } = await subscribe(bob, bobs)
    const failing = async () => (await bob.api.push.subscriptions.get()).data?.items[0]?.failing_since
    const busy = (...statuses: number[]) =>
      service.answers.push(...statuses.map(status => new Response('x'.repeat(99_999), { status })))
    const id = await privateChat(ann, bob)
    busy(429, 503, 500)
    await say(ann, id, 'one')
    await service.gets(4)
    await settled(w)
    expect([service.posted.length, await failing()]).toEqual([4, null])

    busy(500, 500, 500, 500)
    await say(ann, id, 'two')
    await service.gets(8)
    await settled(w)
    expect(service.posted).toHaveLength(8)
    expect(await failing()).toBeString()

    busy(403)
    await say(ann, id, 'three')
    await service.gets(9)
    await settled(w)
    expect(await failing()).toBeString()
    await say(ann, id, 'four')
    await service.gets(10)
    await settled(w)
    expect(await failing()).toBeNull()

    await w.stores.push.setFailing(subscription, new Date(Date.now() - 8 * 86_400_000).toISOString())
    busy(403)
    await say(ann, id, 'five')
    await service.gets(11)
    await settled(w)
    expect(await failing()).toBeUndefined()
  })

  test('that sends elsewhere is not followed', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    await subscribe(bob, service.browser())
    const location = service.browser().endpoint
    service.answers.push(new Response(null, { status: 307, headers: { location } }))
    await say(ann, await privateChat(ann, bob), 'Hello')
    await service.gets(1)
    await settled(w)
    expect(service.posted).toHaveLength(1)
  })
})

describe('subscriptions', () => {
  test('are mine, 20 at most, replaced by a repeat, and end with their sign-in', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob, cleo] = await three(w)
    const phone = await signIn(w.url, bob)
    const [first, ...others] = Array.from({ length: 21 }, () => service.browser())
    const kept = await subscribe(phone, first!, 'Phone')
    for (const browser of others.slice(0, 19)) await subscribe(bob, browser)
    const { error } = await bob.api.push.subscriptions.put(others[19]!.subscription)
    expect(error?.value).toMatchObject({ status: 409, code: 'too_many_subscriptions' })
    expect(await subscribe(phone, first!, 'Old phone')).toMatchObject({
      id: kept.id,
      device_name: 'Old phone',
    })

    const mine = (await bob.api.push.subscriptions.get()).data!.items
    expect(mine).toHaveLength(20)
    expect(mine.filter(({ current }) => !current).map(({ id }) => id)).toEqual([kept.id])
    expect(JSON.stringify(mine)).not.toContain(new URL(first!.endpoint).pathname)
    expect((await cleo.api.push.subscriptions({ id: kept.id }).delete()).status).toBe(404)
    expect((await cleo.api.push.subscriptions.get()).data?.items).toEqual([])
    expect((await call(w.url, 'GET', '/push/subscriptions')).status).toBe(401)

    await phone.api.auth.logout.post()
    await say(ann, await privateChat(ann, bob), 'Hello')
    await service.gets(19)
    await settled(w)
    expect(first!.heard()).toEqual([])
    const ids = (await bob.api.push.subscriptions.get()).data!.items.map(({ id }) => id)
    expect(ids).toHaveLength(19)
    expect(ids).not.toContain(kept.id)
    expect((await bob.api.push.subscriptions({ id: ids[0]! }).delete()).status).toBe(200)
    expect((await bob.api.push.subscriptions({ id: ids[0]! }).delete()).status).toBe(404)
  })

  test('of a browser pass to who signs in there; who only knows the address takes nothing over', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob, cleo] = await three(w)
    const [browser, other] = [service.browser(), service.browser()]
    await subscribe(bob, browser)
    const stolen = { endpoint: browser.endpoint, keys: other.subscription.keys }
    expect((await cleo.api.push.subscriptions.put(stolen)).status).toBe(409)
    await subscribe(cleo, browser)
    expect((await bob.api.push.subscriptions.get()).data?.items).toEqual([])
    await say(ann, await privateChat(ann, bob), 'for Bob')
    await say(ann, await privateChat(ann, cleo), 'for Cleo')
    await service.gets(1)
    await settled(w)
    expect(browser.heard().map(({ text }) => text)).toEqual(['for Cleo'])
  })

  test('are known again after a start, and cost a message nothing where there are none', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob] = await three(w)
    const { push } = w.services
    await push.load()
    expect(push.people.size).toBe(0)
    await say(ann, await privateChat(ann, bob), 'Hello')
    expect(w.services.notifying.lag()).toEqual({ waiting: 0, dropped: 0 })
    await subscribe(bob, service.browser())
    await bob.api.auth.logout.post()
    while ((await w.stores.push.people()).length > 0) await Bun.sleep(1)
    await push.load()
    expect(push.people.size).toBe(0)
    await subscribe(ann, service.browser())
    await push.load()
    expect([...push.people]).toEqual([ann.id])
  })
})

describe('an address', () => {
  const refused = [
    'http://push.example/x',
    'ftp://push.example/x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://10.1.2.3/x',
    'https://192.168.0.1/x',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/x',
    'https://0.0.0.0/x',
    'https://[::1]/x',
    'https://[fe80::1]/x',
    'https://[fd00::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[64:ff9b::7f00:1]/x',
    'https://[2002:7f00:1::]/x',
    'https://localhost/x',
    'https://user:pass@1.1.1.1/x',
    'https://no-such-host.invalid/x',
    `https://1.1.1.1/${'x'.repeat(1_001)}`,
    'https://',
    'https://%',
  ]

  test('of our own network, or not of a push service, is refused', async () => {
    using service = pushService()
    await using w = await world()
    const ann = await w.as('ann')
    const { keys } = service.browser().subscription
    for (const endpoint of refused) {
      const { status, body } = await call(w.url, 'PUT', '/push/subscriptions', {
        token: ann.token,
        json: { endpoint, keys },
      })
      expect([endpoint, status]).toEqual([endpoint, 422])
      expect(JSON.stringify(body)).not.toContain(endpoint.slice(8) || 'https')
    }
    const good = await ann.api.push.subscriptions.put({ endpoint: 'https://1.1.1.1/x', keys })
    expect(good.data).toMatchObject({ service: '1.1.1.1' })
    const bad = { ...keys, p256dh: 'A'.repeat(87) }
    expect((await ann.api.push.subscriptions.put({ endpoint: 'https://1.1.1.1/y', keys: bad })).status).toBe(
      422,
    )
  })

  test('that turns into one of our own network later is not reached', async () => {
    using service = pushService()
    let isPublic = true
    const outside = { ...service.outside, isPublic: () => isPublic }
    await using w = await world({}, { outside })
    const [ann, bob] = await three(w)
    await subscribe(bob, service.browser())
    isPublic = false
    await say(ann, await privateChat(ann, bob), 'Hello')
    while (w.services.deliveries.counts.failed === 0) await Bun.sleep(1)
    expect(service.posted).toEqual([])
  })
})
