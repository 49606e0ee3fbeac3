// Pictures of people and groups: set by those who may, seen by those who should, gone when they go.
import { describe, expect, test } from 'bun:test'
import { avatarKeeper, createCollecting } from '../../src/files/collecting'
import { newId } from '../../src/lib/ids'
import { setPicture, look } from '../support/avatars'
import { groupChat, people, privateChat, say } from '../support/chats'
import { uploaded } from '../support/files'
import { PASSWORD, type Person } from '../support/people'
import { colourAt, GREEN, jpegOf, painted, RED, scene, turned, type Colour } from '../support/pictures'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const flat = (colour: Colour) => jpegOf(painted(64, 64, () => colour))
const photo = async () => turned(await jpegOf(scene(900, 600)), 6)
const IN_A_WEEK = () => Date.now() + 7 * 86_400_000

const collectingAt = ({ stores }: World, now: () => number) =>
  createCollecting(stores.blobs, [avatarKeeper(stores.users, stores.chats)], now)

/** Every picture that is kept. */
const keptBy = ({ stores }: World) => stores.blobs.written(IN_A_WEEK(), null, 100)

const isShown = async (w: World, path: string, colour: Colour) => {
  const [red, green] = await colourAt((await look(w.url, path)).bytes, 0.5, 0.5)
  return Math.abs((red ?? 0) - colour[0]) < 40 && Math.abs((green ?? 0) - colour[1]) < 40
}

describe('my picture', () => {
  test('is shown square and upright to everybody, at an address of its own', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    expect((await bob!.api.users({ id: ann!.id }).get()).data?.avatar).toBeNull()

    const set = await setPicture(w.url, ann!, await photo())
    expect(set.status).toBe(200)
    expect(set.body.avatar).toMatch(new RegExp(`^/users/${ann!.id}/avatar\\?v=[a-z2-7]{15}$`))
    expect((await bob!.api.users({ id: ann!.id }).get()).data?.avatar).toBe(set.body.avatar)

    const { status, headers, bytes } = await look(w.url, set.body.avatar)
    expect(status).toBe(200)
    expect(await new Bun.Image(bytes).metadata()).toEqual({ width: 128, height: 128, format: 'webp' })
    const [red, green] = await colourAt(bytes, 0.95, 0.5)
    expect((green ?? 0) - (red ?? 0)).toBeGreaterThan(100)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'content-length': String(bytes.length),
    })
    for (const [size, side] of [
      [1, 128],
      [128, 128],
      [129, 512],
      [1024, 512],
    ]) {
      const large = await look(w.url, `${set.body.avatar}&size=${size}`)
      expect((await new Bun.Image(large.bytes).metadata()).width).toBe(side as number)
    }
  })

  test('may be sent as the body itself, with or without a kind, and in pieces of unknown length', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const bytes = (await flat(RED)) as Uint8Array<ArrayBuffer>
    const send = (body: BodyInit, headers = {}) =>
      call(w.url, 'PUT', '/users/me/avatar', { token: ann.token, body, headers })
    for (const type of ['image/jpeg', 'image/png; a=b', 'application/octet-stream', 'IMAGE/anything'])
      expect((await send(bytes, { 'content-type': type })).status).toBe(200)
    const pieces = () =>
      new ReadableStream({
        pull(controller) {
          for (let at = 0; at < bytes.length; at += 500) controller.enqueue(bytes.slice(at, at + 500))
          controller.close()
        },
      })
    const answer = await send(pieces(), { 'content-type': 'image/jpeg' })
    expect(answer.status).toBe(200)
    expect(await isShown(w, answer.body.avatar, RED)).toBeTrue()
    expect(await keptBy(w)).toHaveLength(2)
  })

  test('is another one at another address; the old one is gone', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const first = (await setPicture(w.url, ann, await flat(RED))).body.avatar
    const second = (await setPicture(w.url, ann, await flat(GREEN))).body.avatar
    expect(second).not.toBe(first)
    expect(await keptBy(w)).toHaveLength(2)
    // The old address shows the new one, but not for ever.
    expect(await isShown(w, first, GREEN)).toBeTrue()
    expect((await look(w.url, first)).headers.get('cache-control')).toBe('public, max-age=300')
    expect(await isShown(w, `/users/${ann.id}/avatar`, GREEN)).toBeTrue()
  })

  test.each([
    ['removed', null],
    ['replaced by an https address', 'https://example.com/a.png'],
  ])('goes when it is %s in the profile', async (_, avatar) => {
    await using w = await world()
    const ann = await w.as('ann')
    const before = (await setPicture(w.url, ann, await flat(RED))).body.avatar
    expect((await ann.api.users.me.patch({ bio: 'Still here' })).data?.avatar).toBe(before)
    expect((await ann.api.users.me.patch({ avatar })).data?.avatar).toBe(avatar)
    expect(await keptBy(w)).toEqual([])
    expect((await look(w.url, before)).headers.get('content-type')).toBe('image/png')
  })

  test('is removed by its own route, as often as one likes', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    await setPicture(w.url, ann, await flat(RED))
    for (let i = 0; i < 2; i++) {
      const { status, body } = await call(w.url, 'DELETE', '/users/me/avatar', { token: ann.token })
      expect([status, body.avatar]).toEqual([200, null])
    }
    expect(await keptBy(w)).toEqual([])
  })

  test('cannot be claimed as an address of this server, nor set by a stranger', async () => {
    await using w = await world()
    const [ann, eve] = await people(w, 'ann', 'eve')
    const { avatar } = (await setPicture(w.url, ann!, await flat(RED))).body
    for (const claimed of [avatar, `http://x${avatar}`, 'javascript:alert(1)', 'data:image/png;base64,AA'])
      expect((await eve!.api.users.me.patch({ avatar: claimed })).status).toBe(422)
    expect((await setPicture(w.url, null, await flat(RED))).status).toBe(401)
    const others = await setPicture(w.url, eve!, await flat(GREEN), `/users/${ann!.id}/avatar`)
    expect(others.status).toBe(405)
    expect(others.headers.get('allow')).toContain('GET')
    expect(await isShown(w, `/users/${ann!.id}/avatar`, RED)).toBeTrue()
  })

  test('goes with the account', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { avatar } = (await setPicture(w.url, ann, await flat(RED))).body
    expect((await ann.api.users.me.delete({ password: PASSWORD })).status).toBe(200)
    expect(await keptBy(w)).toEqual([])
    const gone = await look(w.url, avatar)
    expect(gone.headers.get('content-type')).toBe('image/png')
    expect(gone.headers.get('cache-control')).not.toContain('immutable')
  })
})

describe('a generated picture', () => {
  test('is shown until one is set, always the same, and the same way for ids that nobody has', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const nobody = newId()
    const seen = new Set<string>()
    for (const id of [ann!.id, bob!.id, nobody]) {
      const [one, again] = [
        await look(w.url, `/users/${id}/avatar`),
        await look(w.url, `/users/${id}/avatar`),
      ]
      expect(one.status).toBe(200)
      expect(await new Bun.Image(one.bytes).metadata()).toEqual({ width: 128, height: 128, format: 'png' })
      expect(Buffer.compare(one.bytes, again.bytes)).toBe(0)
      seen.add(String(Bun.hash(one.bytes)))
      expect(Object.fromEntries(one.headers)).toMatchObject({
        'cache-control': 'public, max-age=300',
        'content-security-policy': "default-src 'none'; sandbox",
        'content-type': 'image/png',
        'cross-origin-resource-policy': 'cross-origin',
        etag: '"jdenticon3-128"',
        vary: 'origin',
        'x-content-type-options': 'nosniff',
      })
    }
    expect(seen.size).toBe(3)
    expect(
      (await new Bun.Image((await look(w.url, `/users/${nobody}/avatar?size=300`)).bytes).metadata()).width,
    ).toBe(512)
  })

  test('stands for an https address too: nobody is sent elsewhere from here', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    await ann.api.users.me.patch({ avatar: 'https://example.com/a.png' })
    const seen = await look(w.url, `/users/${ann.id}/avatar`)
    expect([seen.status, seen.headers.get('location')]).toEqual([200, null])
    expect(seen.headers.get('content-type')).toBe('image/png')
  })

  test('is not sent again to those who have it', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { avatar } = (await setPicture(w.url, ann, await flat(RED))).body
    for (const path of [avatar, `/users/${newId()}/avatar`, `/chats/${newId()}/avatar?size=512`]) {
      const tag = (await look(w.url, path)).headers.get('etag') ?? ''
      for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
        const again = await look(w.url, path, { 'if-none-match': known })
        expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, tag])
      }
      expect((await look(w.url, path, { 'if-none-match': '"other"' })).status).toBe(200)
    }
  })

  test('is asked for by a well-formed id and size only', async () => {
    await using w = await world()
    for (const path of [
      '/users/me/avatar',
      '/users/@ann/avatar',
      '/users/..%2f..%2fetc/avatar',
      '/chats/1/avatar',
    ])
      expect([path, (await look(w.url, path)).status]).toEqual([path, 422])
    for (const size of ['0', '-1', '1025', '1e2', '', '99999999999999999999', 'large'])
      expect([size, (await look(w.url, `/users/${newId()}/avatar?size=${size}`)).status]).toEqual([size, 422])
    for (const v of ['', 'u', '..%2f..', 'u'.repeat(15), 'g2222222222222s', '%00', 'UAAAAAAAAAAAAAA'])
      expect([v, (await look(w.url, `/users/${newId()}/avatar?v=${v}`)).headers.get('content-type')]).toEqual(
        [v, 'image/png'],
      )
  })
})

describe('the picture of a group', () => {
  test('is set by those who may edit it, heard of by all, and seen by whoever was told where it is', async () => {
    await using w = await world()
    const [ann, bob, eve] = await people(w, 'ann', 'bob', 'eve')
    const id = await groupChat(ann!, bob!)
    const path = `/chats/${id}/avatar`
    const line = await bob!.online()
    const outside = await eve!.online()

    expect((await setPicture(w.url, bob!, await flat(GREEN), path)).body.code).toBe('role_needed')
    expect((await setPicture(w.url, eve!, await flat(GREEN), path)).status).toBe(404)
    expect((await setPicture(w.url, null, await flat(GREEN), path)).status).toBe(401)
    expect(await keptBy(w)).toEqual([])

    const set = await setPicture(w.url, ann!, await flat(RED), path)
    expect(set.status).toBe(200)
    expect(set.body.group_avatar).toMatch(new RegExp(`^/chats/${id}/avatar\\?v=[a-z2-7]{15}$`))
    await line.hears('chat', ({ chat }) => chat.id === id && chat.group_avatar === set.body.group_avatar)
    expect((await bob!.api.chats({ id }).get()).data?.group_avatar).toBe(set.body.group_avatar)
    expect(await isShown(w, set.body.group_avatar, RED)).toBeTrue()
    expect((await look(w.url, `${set.body.group_avatar}&size=512`)).headers.get('cache-control')).toContain(
      'immutable',
    )

    // A stranger knows the id at most.
    const version = set.body.group_avatar.split('=')[1] as string
    const wrong = version.slice(0, -1) + (version.endsWith('a') ? 'b' : 'a')
    const unknown = await look(w.url, `/chats/${newId()}/avatar`)
    for (const guess of [path, `${path}?v=`, `${path}?v=${wrong}`, `/users/${id}/avatar?v=${version}`]) {
      const seen = await look(w.url, guess)
      expect(seen.headers.get('content-type')).toBe('image/png')
      expect(seen.headers.get('etag')).toBe(unknown.headers.get('etag'))
    }
    await outside.ask({ type: 'ping' })
    expect(outside.of('chat')).toEqual([])
  })

  test('goes when it is replaced, removed, or the group is deleted', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const id = await groupChat(ann!, bob!)
    const path = `/chats/${id}/avatar`
    const first = (await setPicture(w.url, ann!, await flat(RED), path)).body.group_avatar
    await setPicture(w.url, ann!, await flat(GREEN), path)
    expect(await keptBy(w)).toHaveLength(2)
    expect((await look(w.url, first)).headers.get('content-type')).toBe('image/png')

    expect((await call(w.url, 'DELETE', path, { token: bob!.token })).status).toBe(403)
    const removed = await call(w.url, 'DELETE', path, { token: ann!.token })
    expect([removed.status, removed.body.group_avatar]).toEqual([200, null])
    expect(await keptBy(w)).toEqual([])

    await setPicture(w.url, ann!, await flat(RED), path)
    await ann!.api.chats({ id }).patch({ group_avatar: 'https://example.com/hq.png' })
    expect(await keptBy(w)).toEqual([])

    const last = (await setPicture(w.url, ann!, await flat(RED), path)).body.group_avatar
    expect((await ann!.api.chats({ id }).delete()).status).toBe(200)
    expect(await keptBy(w)).toEqual([])
    expect((await look(w.url, last)).headers.get('content-type')).toBe('image/png')
  })

  test('is none of a private chat', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const id = await privateChat(ann!, bob!)
    const path = `/chats/${id}/avatar`
    expect((await setPicture(w.url, ann!, await flat(RED), path)).body.code).toBe('private_chat')
    expect((await call(w.url, 'DELETE', path, { token: ann!.token })).status).toBe(409)
  })

  test('cannot be claimed by another group as an address of this server', async () => {
    await using w = await world()
    const [ann, eve] = await people(w, 'ann', 'eve')
    const id = await groupChat(ann!)
    const own = await groupChat(eve!)
    const { group_avatar } = (await setPicture(w.url, ann!, await flat(RED), `/chats/${id}/avatar`)).body
    expect((await eve!.api.chats({ id: own }).patch({ group_avatar })).status).toBe(422)
  })
})

describe('what a crash left', () => {
  test('is collected after a day; what is shown, and what is of another kind, stays', async () => {
    await using w = await world()
    const [ann, bob] = await people(w, 'ann', 'bob')
    const group = await groupChat(ann!, bob!)
    const mine = (await setPicture(w.url, ann!, await flat(RED))).body.avatar
    const ours = (await setPicture(w.url, ann!, await flat(RED), `/chats/${group}/avatar`)).body.group_avatar
    const kept = await keptBy(w)
    async function* bytes() {
      yield new Uint8Array(9)
    }
    const left = [
      `${ann!.id}-u${'a'.repeat(14)}s`,
      `${group}-g${'a'.repeat(14)}l`,
      `${newId()}-u${'b'.repeat(14)}s`,
    ]
    const other = newId()
    for (const name of [...left, other]) await w.stores.blobs.write(name, bytes(), 9)

    await w.services.collecting.collect()
    expect((await keptBy(w)).toSorted()).toEqual([...kept, ...left, other].toSorted())

    const later = collectingAt(w, IN_A_WEEK)
    await later.collect()
    expect((await keptBy(w)).toSorted()).toEqual([...kept, other].toSorted())
    for (const path of [mine, ours]) expect(await isShown(w, path, RED)).toBeTrue()

    // The last one out deletes the group.
    await bob!.api.chats({ id: group }).leave.post()
    await ann!.api.chats({ id: group }).leave.post()
    await later.collect()
    expect((await look(w.url, ours)).headers.get('content-type')).toBe('image/png')
    expect(await isShown(w, mine, RED)).toBeTrue()
  })
})

describe('a file of mine', () => {
  const ask = (w: World, who: Person, method: string, path: string, json: object) =>
    call(w.url, method, path, { token: who.token, json })

  test('becomes my picture, and stays it when the file goes', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const old = (await setPicture(w.url, ann, await flat(GREEN))).body.avatar
    const file = await uploaded(w, ann, await flat(RED))
    for (const method of ['PATCH', 'PUT']) {
      const { status, body } = await ask(w, ann, method, '/users/me', { avatar: file, bio: 'Fishing' })
      expect([status, body.bio]).toEqual([200, 'Fishing'])
      expect(body.avatar).toMatch(new RegExp(`^/users/${ann.id}/avatar\\?v=[a-z2-7]{15}$`))
      expect(await isShown(w, body.avatar, RED)).toBeTrue()
    }
    expect(await isShown(w, old, RED)).toBeTrue()
    expect((await ann.api.files({ id: file }).delete()).status).toBe(200)
    await w.services.unshown.sweep(IN_A_WEEK())
    expect(await isShown(w, `/users/${ann.id}/avatar`, RED)).toBeTrue()
    expect(await keptBy(w)).toHaveLength(2)
  })

  test('becomes the picture of a group, also of a new one, by those who may set it', async () => {
    await using w = await world()
    const [ann, bob, cy] = (await people(w, 'ann', 'bob', 'cy')) as [Person, Person, Person]
    const file = await uploaded(w, ann, await flat(RED))
    const group = { chat_type: 'group', group_name: 'Walkers', participants: ['@bob'] }
    const made = await ask(w, ann, 'POST', '/chats', { ...group, group_avatar: file })
    expect(made.status).toBe(201)
    const path = `/chats/${made.body.id}`
    expect(made.body.group_avatar).toStartWith(`${path}/avatar?v=g`)
    expect(await isShown(w, made.body.group_avatar, RED)).toBeTrue()

    const line = await bob.online()
    const other = await uploaded(w, ann, await flat(GREEN))
    const { body } = await ask(w, ann, 'PATCH', path, { group_avatar: other, group_name: 'Hikers' })
    expect(await isShown(w, body.group_avatar, GREEN)).toBeTrue()
    const told = await line.hears('chat', frame => frame.chat.group_name === 'Hikers')
    expect(told.chat.group_avatar).toBe(body.group_avatar)

    const bobs = await uploaded(w, bob, await flat(RED))
    const kept = await keptBy(w)
    expect((await ask(w, bob, 'PATCH', path, { group_avatar: bobs })).status).toBe(403)
    expect((await ask(w, cy, 'PATCH', path, { group_avatar: bobs })).status).toBe(404)
    expect((await keptBy(w)).toSorted()).toEqual(kept.toSorted())
  })

  test('is refused where it is somebody else’s, unknown, or no picture; a refusal leaves nothing behind', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const [anns, text] = [await uploaded(w, ann, await flat(RED)), await uploaded(w, bob, 'hello', 'me.jpg')]
    const id = await privateChat(ann, bob)
    await say(ann, id, '', { attachments: [{ file_id: anns }] })
    const group = await groupChat(bob, ann)
    const places = [
      ['PATCH', '/users/me', 'avatar'],
      ['PUT', '/users/me', 'avatar'],
      ['PATCH', `/chats/${group}`, 'group_avatar'],
      ['POST', '/chats', 'group_avatar'],
    ] as const
    const kept = await keptBy(w)
    for (const [method, path, field] of places) {
      for (const [file, code] of [
        [anns, 'unknown_file'],
        [newId(), 'unknown_file'],
        [text, 'not_a_picture'],
        ['x'.repeat(24), 'bad_format'],
        [`/users/${bob.id}/avatar`, 'bad_format'],
      ] as const) {
        const json = { chat_type: 'group', group_name: 'New', participants: [], [field]: file }
        const { status, body } = await ask(w, bob, method, path, json)
        expect([status, body.errors]).toEqual([422, [{ path: `body/${field}`, code }]])
      }
    }
    const bobs = await uploaded(w, bob, await flat(GREEN))
    expect((await ask(w, bob, 'PATCH', '/users/me', { avatar: bobs, username: 'ann' })).status).toBe(409)
    expect((await keptBy(w)).toSorted()).toEqual([...kept, bobs, `${bobs}-thumb`].toSorted())
    expect((await bob.api.auth.me.get()).data?.avatar).toBeNull()
    expect((await bob.api.chats.get({ query: {} })).data?.items).toHaveLength(2)
  })
})
