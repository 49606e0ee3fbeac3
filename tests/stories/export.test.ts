// Taking one's data along: everything that is mine, nothing that is not, and no secret.
import { describe, expect, test } from 'bun:test'
import { setPicture } from '../support/avatars'
import { groupChat, message, people, privateChat, say } from '../support/chats'
import { uploaded } from '../support/files'
import { signIn, type Person } from '../support/people'
import { jpegOf, scene } from '../support/pictures'
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
        'join-requests.json',
        'files.json',
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

  test('has my picture and my files as they are kept, and says where each is; nobody else’s', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    await setPicture(w.url, ann, await jpegOf(scene(700, 600)))
    const long = `${'ü'.repeat(200)}.txt`
    const names = ['notes.txt', 'what: is?.txt', long]
    const mine: string[] = []
    for (const name of names) mine.push(await uploaded(w, ann, `of Ann ${name}`, name))
    const deleted = await uploaded(w, ann, 'deleted by Ann')
    const bobs = await uploaded(w, bob, 'of Bob alone', 'bob.txt')
    await ann.api.files({ id: deleted }).delete()
    const id = await groupChat(bob, ann)
    await say(ann, id, '', { attachments: [{ file_id: mine[0]! }] })
    await say(bob, id, '', { attachments: [{ file_id: bobs }] })
    const closed = await groupChat(bob)
    const { data: link } = await bob.api.chats({ id: closed }).invites.post({ needs_approval: true })
    await ann.api.invites({ code: link!.code }).post()

    const { files, json, lines } = await exported(w, ann)
    const paths = [
      `files/${mine[0]}-notes.txt`,
      `files/${mine[1]}-what_ is_.txt`,
      `files/${mine[2]}-${'ü'.repeat(113)}.txt`,
    ]
    expect([...files.keys()].filter(path => path.startsWith('files/')).toSorted()).toEqual(paths)
    paths.forEach((path, i) => expect(files.get(path)).toBe(`of Ann ${names[i]}`))
    expect(json('files.json')).toMatchObject(
      mine.map((file, i) => ({ id: file, name: names[i], path: paths[i] })).toReversed(),
    )
    const shown = lines(`chats/${id}/messages.ndjson`).flatMap(({ attachments }) => attachments)
    expect(shown.map(file => [file.id, file.path])).toEqual([
      [mine[0], paths[0]],
      [bobs, undefined],
    ])
    expect(files.get('avatar.webp')).toStartWith('RIFF')
    expect(json('join-requests.json')).toMatchObject([{ chat_id: closed }])
    expect([...files].join('\n')).not.toMatch(/of Bob alone|deleted by Ann/)
  }, 30_000)

  test('has of a chat that shows me nothing from before I joined nothing from before', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await groupChat(ann)
    await ann.api.chats({ id }).patch({ history_for_newcomers: 'joined' })
    const early = await uploaded(w, ann, 'early', 'early.txt')
    await say(ann, id, 'before Bob', { attachments: [{ file_id: early }] })
    await ann.api.chats({ id }).members.post({ participants: ['@bob'] })
    await say(ann, id, 'Welcome')
    const { files, lines } = await exported(w, bob)
    expect(lines(`chats/${id}/messages.ndjson`).map(({ content }) => content)).toEqual(['Welcome'])
    expect([...files].join('\n')).not.toMatch(/early|before Bob/)
  })

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

  test('reads files no further than its client, and lets go of them with it', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    for (let i = 0; i < 3; i++) await uploaded(w, ann, Buffer.alloc(20_000_000, 'natter'), `${i}.bin`)
    const { read } = w.stores.blobs
    let taken = 0
    let open = 0
    w.stores.blobs.read = async (...asked) => {
      const stream = await read(...asked)
      if (!stream) return null
      open++
      async function* counted() {
        try {
          for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
            taken += chunk.length
            yield chunk
          }
        } finally {
          open--
        }
      }
      return new Response(counted() as never).body
    }
    const reader = (await ask(w, ann)).body!.getReader()
    while (taken === 0) await reader.read()
    let before = -1
    while (before !== taken) {
      before = taken
      await Bun.sleep(100)
    }
    // What fits into the buffers of the connection was read.
    expect(taken).toBeLessThan(30_000_000)
    await reader.cancel()
    while (w.services.exports.size > 0 || open > 0) await Bun.sleep(1)
    expect(taken).toBeLessThan(30_000_000)
    w.stores.blobs.read = read
    const { files } = await exported(w, ann)
    expect([...files.values()].filter(text => text.startsWith('natter')).map(text => text.length)).toEqual(
      [1, 2, 3].map(() => 20_000_000),
    )
  }, 60_000)

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
