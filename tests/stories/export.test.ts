// Taking one's data along: everything that is mine, nothing that is not, and no secret.
import { describe, expect, test } from 'bun:test'
import { groupChat, message, people, privateChat, say } from '../support/chats'
import { signIn, type Person } from '../support/people'
import { pushService } from '../support/pushservice'
import { call } from '../support/raw'
import { world, type World } from '../support/world'
import { unzip } from '../support/zip'

const ask = (w: World, who: Pick<Person, 'token'>) =>
  fetch(`${w.url}/users/me/export`, { headers: { authorization: `Bearer ${who.token}` } })

async function exported(w: World, who: Person) {
  const answer = await ask(w, who)
  expect(answer.status).toBe(200)
  const files = unzip(await answer.bytes())
  const lines = (path: string) =>
    (files.get(path) ?? '')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
  return {
    files,
    lines,
    json: (path: string) => JSON.parse(files.get(path) ?? 'null'),
    headers: answer.headers,
  }
}

describe('my export', () => {
  test('has everything of mine, whole conversations, and nothing of others', async () => {
    using service = pushService()
    await using w = await world({}, service)
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
    await ann.api.users.me.patch({ email: 'ann@example.com', full_name: 'Ann Smith', bio: 'Fishing' })
    const phone = await signIn(w.url, ann)
    const browser = service.browser()
    await ann.api.push.subscriptions.put({ ...browser.subscription, device_name: 'Laptop' })
    const id = await privateChat(ann, bob)
    const group = await groupChat(bob, ann, cleo)
    const secret = await privateChat(bob, cleo)
    const left = await groupChat(bob, ann)
    await say(ann, left, 'before I left')
    await ann.api.chats({ id: left }).leave.post()
    await say(bob, secret, 'between Bob and Cleo')
    const first = await say(ann, id, 'Hello Bob')
    await message(ann, id, first.id).patch({ content: 'Dear Bob' })
    const answer = await say(bob, id, 'Hello @ann', { reply_to: first.id })
    await message(ann, id, answer.id)
      .reactions({ emoji: encodeURIComponent('👍') })
      .put()
    await message(bob, id, answer.id)
      .reactions({ emoji: encodeURIComponent('🎉') })
      .put()
    const hidden = await say(bob, id, 'not for my eyes')
    await message(ann, id, hidden.id).delete({}, { query: { for: 'me' } })
    for (let i = 0; i < 120; i++) await say(bob, group, `number ${i}`)
    await ann.api.users.me.saved({ message_id: answer.id }).put()
    await ann.api
      .chats({ id })
      .scheduled.post({ content: 'tomorrow', send_at: new Date(Date.now() + 9e6).toISOString() })
    await ann.api.chats({ id: group }).draft.put({ content: 'I have begun' })
    await ann.api.chats({ id: group }).settings.patch({ pinned: true, notify: 'mentions' })

    const { files, lines, json, headers } = await exported(w, ann)
    expect(headers.get('content-type')).toBe('application/zip')
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="natter-export-\d{4}-\d\d-\d\d\.zip"$/,
    )
    expect([...files.keys()].toSorted()).toEqual(
      [
        'README.txt',
        'profile.json',
        'sessions.json',
        'blocks.json',
        'push.json',
        'chats.json',
        ...[id, group].flatMap(chat => [`chats/${chat}/members.json`, `chats/${chat}/messages.ndjson`]),
        'reactions.ndjson',
        'saved.json',
        'scheduled.json',
        'mentions.json',
      ].toSorted(),
    )
    expect(json('profile.json')).toMatchObject({
      id: ann.id,
      email: 'ann@example.com',
      full_name: 'Ann Smith',
    })
    expect(json('sessions.json')).toHaveLength(2)
    expect(json('push.json')).toMatchObject([
      { device_name: 'Laptop', service: new URL(browser.endpoint).host },
    ])
    expect(json('chats.json').map((chat: any) => chat.id)).toEqual([id, group].toSorted())
    expect(json('chats.json').find((chat: any) => chat.id === group).my).toMatchObject({
      draft: 'I have begun',
      pinned: true,
      notify: 'mentions',
      role: 'member',
    })
    expect(json(`chats/${id}/members.json`)).toMatchObject(
      [ann, bob]
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, name }) => ({ user_id: id, user: { username: name } })),
    )
    expect(lines(`chats/${id}/messages.ndjson`)).toMatchObject([
      { content: 'Dear Bob', sender_id: ann.id, edits: [{ content: 'Hello Bob' }] },
      { content: 'Hello @ann', sender_id: bob.id, quote: { content: 'Dear Bob' } },
    ])
    expect(lines(`chats/${group}/messages.ndjson`).map(({ content }) => content)).toEqual(
      Array.from({ length: 120 }, (_, i) => `number ${i}`),
    )
    expect(lines('reactions.ndjson')).toEqual([{ chat_id: id, message_id: answer.id, emoji: '👍' }])
    expect(json('saved.json')).toMatchObject([{ message: { id: answer.id } }])
    expect(json('scheduled.json')).toMatchObject([{ content: 'tomorrow' }])
    expect(json('mentions.json')).toMatchObject([{ id: answer.id }])

    const all = [...files].join('\n')
    const user = await w.stores.users.byId(ann.id)
    const sessions = await w.stores.auth.sessionsOf(ann.id, new Date().toISOString())
    const secrets = [
      user!.password_hash!,
      ...sessions.map(({ current_jti }) => current_jti),
      ann.token,
      ann.refreshToken,
      phone.token,
      browser.path,
      browser.subscription.keys.p256dh,
      browser.subscription.keys.auth,
      'argon2',
      'not for my eyes',
      'between Bob and Cleo',
      'before I left',
      'bob@',
    ]
    for (const secret of secrets) expect(all.includes(secret), secret).toBeFalse()
    expect([...(await exported(w, cleo)).files].join('\n')).not.toContain('Dear Bob')
    for (const token of [undefined, 'nonsense']) {
      expect((await call(w.url, 'GET', '/users/me/export', { token })).status).toBe(401)
    }
  }, 30_000)

  test('of somebody new is whole and nearly empty', async () => {
    await using w = await world()
    const { files, json } = await exported(w, await w.as('ann'))
    expect(json('chats.json')).toEqual([])
    expect(files.get('reactions.ndjson')).toBe('')
  })
})

describe('an export under way', () => {
  /** A chat too long for what lies on the way between a server and a client that does not read. */
  async function longChat(w: World, ann: Person, messages: number) {
    const { stores } = w
    const id = await groupChat(ann)
    const content = 'long '.repeat(1_000)
    const send = async (i: number) => {
      const more = {
        id: `${i.toString(16).padStart(24, '0')}`,
        client_id: `c${i}`,
        message_type: 'text' as const,
      }
      const when = { created_at: new Date().toISOString(), receiver_id: null }
      await stores.messages.append({ ...more, ...when, chat_id: id, sender_id: ann.id, content })
    }
    await Promise.all(Array.from({ length: messages }, (_, i) => send(i)))
    return id
  }

  test('reads no further than its client, ends with it, and is the only one of its person', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    await longChat(w, ann, 5_000)
    const { above } = w.stores.messages
    let reads = 0
    w.stores.messages.above = (...query) => (reads++, above(...query))

    const slow = await ask(w, ann)
    const reader = slow.body!.getReader()
    await reader.read()
    const second = await ask(w, ann)
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '10'])
    expect((await second.json()).code).toBe('export_under_way')
    expect((await ask(w, bob)).status).toBe(200)
    let before = -1
    while (before !== reads) {
      before = reads
      await Bun.sleep(100)
    }
    // 25 MB, of which what fits into the buffers of the connection was read.
    expect(reads).toBeLessThan(45)
    await reader.cancel()
    while (w.services.exports.size > 0) await Bun.sleep(1)
    expect(reads).toBeLessThan(45)
    const { lines, json } = await exported(w, ann)
    expect(lines(`chats/${json('chats.json')[0].id}/messages.ndjson`)).toHaveLength(5_000)
    expect(w.services.exports.size).toBe(0)
  }, 30_000)

  test('ends with the sign-in, visibly cut', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    await longChat(w, ann, 3_000)
    const answer = await ask(w, ann)
    const reader = answer.body!.getReader()
    const parts: Uint8Array[] = []
    const read = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value)
    }
    parts.push((await reader.read()).value!)
    await ann.api.auth.logout.post()
    await read().catch(() => {})
    expect(() => unzip(Buffer.concat(parts))).toThrow()
    expect(w.services.exports.size).toBe(0)
  }, 30_000)

  test('that nobody takes holds nobody up', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const head = await call(w.url, 'HEAD', '/users/me/export', { token: ann.token })
    expect(head.status).toBeOneOf([200, 404, 405])
    while (w.services.exports.size > 0) await Bun.sleep(1)
    expect((await ask(w, ann)).status).toBe(200)
  })
})
