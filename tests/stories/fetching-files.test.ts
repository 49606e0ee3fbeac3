// Fetching files: who may, as of now; by header or ticket; the whole, a part, or nothing new.
import { describe, expect, test } from 'bun:test'
import { groupChat, people, privateChat, say } from '../support/chats'
import { fetched, statusOf, uploaded } from '../support/files'
import { signIn, type Person } from '../support/people'
import { jpegOf, scene } from '../support/pictures'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const ticketOf = async (w: World, token: string): Promise<string> =>
  (await call(w.url, 'POST', '/auth/ticket', { token, json: { for: 'files' } })).body.ticket

const TEN = '0123456789'

describe('who may fetch a file', () => {
  test('its owner, and members of a chat in which a message shows it; nobody else', async () => {
    await using w = await world()
    const [ann, bob, cy] = await people(w, 'ann', 'bob', 'cy')
    const file = await uploaded(w, ann!, TEN)
    const id = await privateChat(ann!, bob!)
    expect(await statusOf(w, bob!, file)).toBe(404)
    await say(ann!, id, 'Look', { attachments: [{ file_id: file }] })
    expect(await Promise.all([ann!, bob!, cy!].map(who => statusOf(w, who, file)))).toEqual([200, 200, 404])
    expect(await statusOf(w, null, file)).toBe(401)
    const unknown = await fetched(w, cy!, '0'.repeat(24))
    const strange = await fetched(w, cy!, file)
    expect([strange.status, strange.code]).toEqual([unknown.status, unknown.code])
    expect(await statusOf(w, ann!, 'x')).toBe(422)
  })

  test('a member who is removed has it no more, at once, by header and by ticket, nor its thumbnail', async () => {
    await using w = await world()
    const [ann, bob, cy] = await people(w, 'ann', 'bob', 'cy')
    const file = await uploaded(w, ann!, await jpegOf(scene(400, 300)), 'cat.jpg')
    const id = await groupChat(ann!, bob!, cy!)
    await say(ann!, id, '', { attachments: [{ file_id: file }] })
    const ticket = await ticketOf(w, bob!.token)
    const paths = [
      file,
      `${file}?size=thumb`,
      `${file}?ticket=${ticket}`,
      `${file}?size=thumb&ticket=${ticket}`,
    ]
    const seen = () => Promise.all(paths.map((path, i) => statusOf(w, i < 2 ? bob! : null, path)))
    expect(await seen()).toEqual([200, 200, 200, 200])
    await ann!.api.chats({ id }).members({ user_id: bob!.id }).delete()
    expect(await seen()).toEqual([404, 404, 404, 404])
    expect(await statusOf(w, cy!, file)).toBe(200)
    await cy!.api.chats({ id }).leave.post()
    expect(await statusOf(w, cy!, file)).toBe(404)
  })

  test('a message deleted for everyone shows nothing to anybody any more; the owner keeps the file', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const file = await uploaded(w, ann!, TEN)
    const id = await privateChat(ann!, bob!)
    const { id: mid } = await say(ann!, id, '', { attachments: [{ file_id: file }] })
    await ann!.api.chats({ id }).messages({ mid }).delete()
    expect([await statusOf(w, ann!, file), await statusOf(w, bob!, file)]).toEqual([200, 404])
  })

  test('what I deleted for me, or cleared, is not shown to me; another message may still show it', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const file = await uploaded(w, ann!, TEN)
    const id = await privateChat(ann!, bob!)
    const { id: mid } = await say(ann!, id, '', { attachments: [{ file_id: file }] })
    await bob!.api
      .chats({ id })
      .messages({ mid })
      .delete(undefined, { query: { for: 'me' } })
    expect(await statusOf(w, bob!, file)).toBe(404)
    await say(ann!, id, 'Again', { attachments: [{ file_id: file }] })
    expect(await statusOf(w, bob!, file)).toBe(200)
    await bob!.api.chats({ id }).delete()
    expect(await statusOf(w, bob!, file)).toBe(404)
    await say(ann!, id, 'Hello?')
    expect(await statusOf(w, bob!, file)).toBe(404)
  })

  test('a message that expires, and a chat that is deleted, take it along', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const [one, two] = [await uploaded(w, ann!, TEN), await uploaded(w, ann!, TEN)]
    const [first, second] = [await groupChat(ann!, bob!), await groupChat(ann!, bob!)]
    await say(ann!, first, '', { attachments: [{ file_id: one }] })
    await say(ann!, second, '', { attachments: [{ file_id: two }] })
    await ann!.api.chats({ id: first }).patch({ retention_seconds: 60 })
    await w.services.retention.sweep(Date.now() + 61_000)
    await ann!.api.chats({ id: second }).delete(undefined, { query: { for: 'everyone' } })
    expect([await statusOf(w, bob!, one), await statusOf(w, bob!, two)]).toEqual([404, 404])
  })
})

describe('a ticket for files', () => {
  test('fetches files as often as needed, and opens nothing else', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const file = await uploaded(w, ann, TEN)
    const { body } = await call(w.url, 'POST', '/auth/ticket', { token: ann.token, json: { for: 'files' } })
    expect(body).toEqual({ ticket: expect.any(String), expires_in: 3600 })
    const { ticket } = body
    for (let i = 0; i < 3; i++) expect(await statusOf(w, null, `${file}?ticket=${ticket}`)).toBe(200)
    expect((await fetched(w, null, `${file}?ticket=${ticket}`, {}, 'HEAD')).status).toBe(200)
    for (const path of ['/auth/me', '/files', '/chats', `/files/${file}`]) {
      expect((await call(w.url, 'GET', path, { token: ticket })).status).toBe(401)
    }
    expect((await call(w.url, 'GET', `/files?ticket=${ticket}`)).status).toBe(401)
    expect((await call(w.url, 'DELETE', `/files/${file}?ticket=${ticket}`)).status).toBe(401)
    const refresh = { refresh_token: ticket }
    expect((await call(w.url, 'POST', '/auth/refresh', { json: refresh })).status).toBe(401)
    const socket = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-key': 'x'.repeat(22) + '==' }
    expect((await call(w.url, 'GET', `/ws?ticket=${ticket}`, { headers: socket })).status).toBe(401)
  })

  test('is no other token, and no other token is one', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const file = await uploaded(w, ann, TEN)
    const { ticket: forSocket } = (await call(w.url, 'POST', '/auth/ticket', { token: ann.token })).body
    const mine = await ticketOf(w, ann.token)
    const altered = mine.slice(0, -2) + (mine.endsWith('AA') ? 'BB' : 'AA')
    for (const ticket of [ann.token, ann.refreshToken, forSocket, altered, '', 'x'.repeat(4_000)]) {
      expect(await statusOf(w, null, `${file}?ticket=${ticket}`)).toBe(401)
    }
    expect(await statusOf(w, ann, `${file}?ticket=nonsense`)).toBe(401)
  })

  test('ends at once with the session it was asked for, and with no other', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const phone = await signIn(w.url, ann)
    const file = await uploaded(w, ann, TEN)
    const [here, there] = [await ticketOf(w, ann.token), await ticketOf(w, phone.token)]
    const seen = () => Promise.all([here, there].map(ticket => statusOf(w, null, `${file}?ticket=${ticket}`)))
    expect(await seen()).toEqual([200, 200])
    await phone.api.auth.logout.post()
    expect(await seen()).toEqual([200, 401])
    await ann.api.auth.logout.post()
    expect(await seen()).toEqual([401, 401])
  })
})

describe('parts of a file', () => {
  test.each([
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, TEN, 'bytes 0-9/10'],
    ['bytes=5-999999999999999999999', 206, '56789', 'bytes 5-9/10'],
    ['BYTES=0-1', 206, '01', 'bytes 0-1/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=99999999999999999999-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=4-2', 200, TEN, null],
    ['bytes=0-1,3-4', 200, TEN, null],
    [`bytes=${Array.from({ length: 1_000 }, (_, i) => `${i}-${i}`).join(',')}`, 200, TEN, null],
    ['items=0-1', 200, TEN, null],
    ['bytes=', 200, TEN, null],
    ['bytes=-', 200, TEN, null],
    ['bytes=0x1-2', 200, TEN, null],
  ])('%p', async (range, status, text, told) => {
    await using w = await world()
    const ann = await w.as('ann')
    const got = await fetched(w, ann, await uploaded(w, ann, TEN), { range })
    expect([got.status, got.headers.get('content-range')]).toEqual([status, told])
    if (status !== 416) expect(got.bytes.toString()).toBe(text)
    else expect(got.code).toBe('range_not_satisfiable')
    if (status !== 416) expect(got.headers.get('content-length')).toBe(String(text.length))
  })

  test('a part is answered only of the file that the client has begun', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const file = await uploaded(w, ann, TEN)
    const etag = (await fetched(w, ann, file)).headers.get('etag') as string
    const asked = async (ifRange: string) =>
      (await fetched(w, ann, file, { range: 'bytes=0-1', 'if-range': ifRange })).status
    expect(await asked(etag)).toBe(206)
    expect(await asked(`W/${etag}`)).toBe(200)
    expect(await asked('"other"')).toBe(200)
    expect(await asked(new Date().toUTCString())).toBe(200)
  })

  test('what the client has already is not sent again, to those who may have it', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const file = await uploaded(w, ann, TEN)
    const etag = (await fetched(w, ann, file)).headers.get('etag') as string
    expect(etag).toMatch(/^"[^"]+"$/)
    for (const known of [etag, `W/${etag}`, `"a", ${etag}`, '*']) {
      const { status, bytes, headers } = await fetched(w, ann, file, { 'if-none-match': known })
      expect([status, bytes.length, headers.get('etag')]).toEqual([304, 0, etag])
      expect((await fetched(w, bob, file, { 'if-none-match': known })).status).toBe(404)
    }
    expect((await fetched(w, ann, file, { 'if-none-match': '"a"' })).status).toBe(200)
  })

  test('HEAD tells what GET would, without the bytes; an empty file is one', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const [file, empty] = [await uploaded(w, ann, TEN), await uploaded(w, ann, '')]
    const [get, head] = [await fetched(w, ann, file), await fetched(w, ann, file, {}, 'HEAD')]
    for (const name of ['content-type', 'content-length', 'etag', 'content-disposition', 'accept-ranges'])
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    expect([head.status, head.bytes.length]).toEqual([200, 0])
    expect((await fetched(w, bob, file, {}, 'HEAD')).status).toBe(404)
    expect((await fetched(w, ann, empty)).bytes.length).toBe(0)
    expect((await fetched(w, ann, empty, { range: 'bytes=0-0' })).status).toBe(416)
  })

  test('a large file comes whole, and in parts that fit together', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251))
    const file = await uploaded(w, ann, bytes)
    expect((await fetched(w, ann, file)).bytes.equals(bytes)).toBeTrue()
    const [a, b] = await Promise.all(
      ['bytes=0-1234566', 'bytes=1234567-'].map(range => fetched(w, ann, file, { range })),
    )
    expect(Buffer.concat([a!.bytes, b!.bytes]).equals(bytes)).toBeTrue()
  })

  test('is the answer told to be kept by nobody else, and to be shown by pages of other origins', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { headers } = await fetched(w, ann, await uploaded(w, ann, await jpegOf(scene(9, 9)), 'cat.jpg'))
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': `inline; filename="cat.jpg"; filename*=UTF-8''cat.jpg`,
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'accept-ranges': 'bytes',
    })
  })
})

describe('my files', () => {
  test('are listed newest first, a page at a time, and nobody else’s', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift(await uploaded(w, ann, TEN, `${i}.txt`))
    await uploaded(w, bob, TEN)
    const first = (await ann.api.files.get({ query: { limit: 3 } })).data!
    const second = (await ann.api.files.get({ query: { limit: 3, cursor: first.next! } })).data!
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids)
    expect(second.next).toBeNull()
    expect(first.items[0]).toEqual({
      id: ids[0]!,
      name: '4.txt',
      size: 10,
      media_type: 'application/octet-stream',
      kind: 'file',
      created_at: expect.any(String),
    })
    expect((await ann.api.files.get({ query: { cursor: 'x' } })).status).toBe(400)
  })

  test('can be deleted while no message shows them, by me alone', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const file = await uploaded(w, ann, TEN)
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, '', { attachments: [{ file_id: file }] })
    expect((await bob.api.files({ id: file }).delete()).status).toBe(404)
    const refused = await ann.api.files({ id: file }).delete()
    expect([refused.status, refused.error?.value]).toMatchObject([409, { code: 'shown' }])
    await ann.api.chats({ id }).messages({ mid }).delete()
    expect((await ann.api.files({ id: file }).delete()).data).toEqual({ ok: true })
    expect([await statusOf(w, ann, file), (await ann.api.files({ id: file }).delete()).status]).toEqual([
      404, 404,
    ])
    expect((await ann.api.files.get({ query: {} })).data?.items).toEqual([])
  })
})

describe('a file in a group', () => {
  test('that shows newcomers nothing from before is theirs once it is shown to them', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const file = await uploaded(w, ann, await jpegOf(scene(400, 300)), 'cat.jpg')
    const attachments = [{ file_id: file }]
    const id = await groupChat(ann)
    const { id: early } = await say(ann, id, 'Before', { attachments })
    await ann.api.chats({ id }).patch({ history_for_newcomers: 'joined' })
    await ann.api.chats({ id }).members.post({ participants: ['@bob'] })
    const notes = await privateChat(bob, bob)
    const ticket = await ticketOf(w, bob.token)
    const seen = async () => [
      await statusOf(w, bob, file),
      await statusOf(w, bob, `${file}?size=thumb`),
      await statusOf(w, null, `${file}?ticket=${ticket}`),
      (await bob.api.chats({ id: notes }).messages.post({ attachments })).status,
      (await bob.api.chats({ id }).files.get({ query: {} })).data?.items.length,
    ]
    expect(await seen()).toEqual([404, 404, 404, 422, 0])
    const forward = { chat_id: id, message_id: early }
    expect((await bob.api.chats({ id: notes }).messages.post({ forward })).status).toBe(422)
    await say(ann, id, 'Again', { attachments })
    expect(await seen()).toEqual([200, 200, 200, 201, 1])
  })

  test('where only admins write is shown by them, to all; others cannot, over any door', async () => {
    await using w = await world()
    const [ann, bob, cy] = (await people(w, 'ann', 'bob', 'cy')) as [Person, Person, Person]
    const [anns, bobs] = [await uploaded(w, ann, TEN), await uploaded(w, bob, TEN)]
    const id = await groupChat(ann, bob)
    const other = await privateChat(bob, cy)
    const mine = await say(bob, other, '', { attachments: [{ file_id: bobs }] })
    await ann.api.chats({ id }).patch({ who_may_write: 'admins' })
    const line = await bob.online()
    const attachments = [{ file_id: bobs }]
    const forward = { chat_id: other, message_id: mine.id }
    for (const json of [{ attachments }, { forward }]) {
      expect((await bob.api.chats({ id }).messages.post(json)).status).toBe(403)
      expect(await line.ask({ type: 'send', chat_id: id, ...json })).toMatchObject({
        type: 'error',
        status: 403,
      })
    }
    expect(await statusOf(w, ann, bobs)).toBe(404)
    await say(ann, id, '', { attachments: [{ file_id: anns }] })
    expect([await statusOf(w, bob, anns), await statusOf(w, cy, anns)]).toEqual([200, 404])
  })

  test('of somebody who deleted their account can be looked at and forwarded, and nothing is added', async () => {
    await using w = await world()
    const [ann, bob, cy] = (await people(w, 'ann', 'bob', 'cy')) as [Person, Person, Person]
    const [anns, bobs] = [await uploaded(w, ann, TEN, 'ten.txt'), await uploaded(w, bob, TEN)]
    const id = await privateChat(ann, bob)
    const { id: message_id } = await say(ann, id, '', { attachments: [{ file_id: anns }] })
    await ann.api.users.me.delete({})
    const gallery = (await bob.api.chats({ id }).files.get({ query: {} })).data!.items
    expect(gallery.map(({ file }) => file.name)).toEqual(['ten.txt'])
    const refused = await bob.api.chats({ id }).messages.post({ attachments: [{ file_id: bobs }] })
    expect([refused.status, refused.error?.value]).toMatchObject([403, { code: 'user_deleted' }])
    const other = await privateChat(bob, cy)
    const carried = { forward: { chat_id: id, message_id } }
    expect((await bob.api.chats({ id: other }).messages.post(carried)).status).toBe(201)
    expect([await statusOf(w, bob, anns), await statusOf(w, cy, anns)]).toEqual([200, 200])
    await bob.api.chats({ id }).delete()
    expect([await statusOf(w, bob, anns), await statusOf(w, cy, anns)]).toEqual([200, 200])
  })
})
