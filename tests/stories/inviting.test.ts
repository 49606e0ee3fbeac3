// Joining groups by a link: who may make one, who comes in, and who waits at the door.
import { describe, expect, test } from 'bun:test'
import decodeQR from 'qr/decode.js'
import { chatOf, groupChat, people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { pixelsOf } from '../support/png'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

type Three = [Person, Person, Person]

async function link(by: Person, id: string, options: object = {}) {
  const { data, error } = await by.api.chats({ id }).invites.post(options)
  if (error) throw new Error(`${by.name} could not make a link: ${JSON.stringify(error.value)}`)
  return data!
}

const join = (who: Person, code: string) => who.api.invites({ code }).post()
const look = (who: Person, code: string) => who.api.invites({ code }).get()

describe('a link', () => {
  test('is made by admins; whoever has it sees what it invites to, and joins', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob)
    const invite = await link(ann, id)
    expect(invite).toMatchObject({
      chat_id: id,
      created_by: ann.id,
      uses: 0,
      max_uses: null,
      expires_at: null,
    })
    expect(invite.code).toMatch(/^[\w-]{24}$/)
    expect(invite.url).toBe(`${w.url}/?invite=${invite.code}`)
    const [line, annas] = [await cleo.online(), await ann.online()]
    const seen = (await look(cleo, invite.code)).data
    expect(seen).toMatchObject({ group_name: 'HQ', member_count: 2, state: 'open', chat_id: null })
    expect(JSON.stringify(seen)).not.toContain(bob.id)
    const { data } = await join(cleo, invite.code)
    expect(data).toMatchObject({ id, member_count: 3, my: { role: 'member' } })
    await line.hears('chat', ({ chat }) => chat.id === id && chat.my?.role === 'member')
    await annas.hears('chat', ({ chat }) => chat.id === id && chat.member_count === 3)
    await say(ann, id, 'Welcome')
    await line.hears('message', ({ message }) => message.content === 'Welcome')
    expect((await look(cleo, invite.code)).data).toMatchObject({ state: 'member', chat_id: id })
  }, 60_000)

  test('takes no use of those who are in already, however often they come', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await groupChat(ann)
    const { code } = await link(ann, id, { max_uses: 1 })
    for (let i = 0; i < 3; i++) expect((await join(bob, code)).status).toBe(200)
    expect((await join(ann, code)).status).toBe(200)
    const { data } = await ann.api.chats({ id }).invites.get({ query: {} })
    expect(data?.items).toMatchObject([{ code, uses: 1, max_uses: 1 }])
  }, 60_000)

  test('unknown, revoked, expired and used up ones are the same 404', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann)
    const usedUp = (await link(ann, id, { max_uses: 1 })).code
    expect((await join(bob, usedUp)).status).toBe(200)
    const revoked = (await link(ann, id)).code
    expect((await ann.api.chats({ id }).invites({ code: revoked }).delete()).status).toBe(200)
    expect((await ann.api.chats({ id }).invites({ code: revoked }).delete()).status).toBe(404)
    const expired = 'x'.repeat(24)
    const now = new Date().toISOString()
    await w.stores.invites.insert(
      { ...(await stored(w, usedUp)), code: expired, expires_at: now, max_uses: null },
      100,
      '',
    )
    const answers = await Promise.all(
      ['unknown', '%00', usedUp, revoked, expired].flatMap(code => [
        call(w.url, 'GET', `/invites/${code}`, { token: cleo.token }),
        call(w.url, 'POST', `/invites/${code}`, { token: cleo.token }),
      ]),
    )
    const without = (body: { request_id?: string }) => ({ ...body, request_id: undefined })
    for (const { status, body } of answers)
      expect({ status, body: without(body) }).toEqual({ status: 404, body: without(answers[0]!.body) })
    expect((await chatOf(ann, id)).member_count).toBe(2)
    for (const method of ['GET', 'POST'])
      expect((await call(w.url, method, `/invites/${usedUp}`)).status).toBe(401)
  }, 60_000)

  test('is no business of members, strangers and those who were removed', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob, cleo)
    const eve = await w.as('eve')
    const { code } = await link(ann, id)
    await ann.api.chats({ id }).members({ user_id: cleo.id }).delete()
    for (const [who, status] of [
      [bob, 403],
      [cleo, 404],
      [eve, 404],
    ] as const) {
      const invites = who.api.chats({ id }).invites
      expect((await invites.post({})).status).toBe(status)
      expect((await invites.get({ query: {} })).status).toBe(status)
      expect((await invites({ code }).delete()).status).toBe(status)
      expect((await invites({ code }).qr.get({ query: {} })).status).toBe(status)
    }
    const pair = await privateChat(ann, bob)
    expect((await ann.api.chats({ id: pair }).invites.post({})).error?.value).toMatchObject({
      code: 'private_chat',
    })
    const other = await groupChat(ann)
    expect((await ann.api.chats({ id: other }).invites({ code }).delete()).status).toBe(404)
    expect((await join(eve, code)).status).toBe(200)
  }, 60_000)

  test('refuses ends and numbers that make no sense', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const id = await groupChat(ann)
    const past = new Date(Date.now() - 1000).toISOString()
    const soon = new Date(Date.now() + 60_000).toISOString()
    for (const json of [
      { expires_in: 0 },
      { expires_in: 1e12 },
      { expires_in: 60, expires_at: soon },
      { expires_at: past },
      { expires_at: 'tomorrow' },
      { expires_at: '9999-12-31T00:00:00Z' },
      { max_uses: 0 },
      { max_uses: 1.5 },
      { needs_approval: 'yes' },
    ])
      expect(
        (await call(w.url, 'POST', `/chats/${id}/invites`, { token: ann.token, json })).status,
        JSON.stringify(json),
      ).toBe(422)
    const bare = await call(w.url, 'POST', `/chats/${id}/invites`, { token: ann.token })
    expect(bare).toMatchObject({ status: 201, body: { expires_at: null } })
    expect((await link(ann, id, { expires_at: soon })).expires_at).toBe(soon)
  }, 60_000)

  test('a group has at most 100; one that is revoked makes room; they are listed a page at a time', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const id = await groupChat(ann)
    for (let i = 0; i < 100; i++) await link(ann, id)
    const invites = ann.api.chats({ id }).invites
    expect((await invites.post({})).error?.value).toMatchObject({ status: 409, code: 'too_many_invites' })
    const { data: first } = await invites.get({ query: { limit: 60 } })
    const { data: rest } = await invites.get({ query: { limit: 60, cursor: first!.next! } })
    expect(new Set([...first!.items, ...rest!.items].map(({ code }) => code)).size).toBe(100)
    expect(rest?.next).toBeNull()
    expect(
      (await call(w.url, 'GET', `/chats/${id}/invites?cursor=WzEsMl0`, { token: ann.token })).status,
    ).toBe(400)
    await invites({ code: rest!.items[0]!.code }).delete()
    expect((await invites.post({})).status).toBe(201)
  }, 60_000)

  test('is a picture that a phone reads, as SVG and as PNG', async () => {
    await using w = await world({ PUBLIC_URL: 'https://chat.example.com/app' })
    const ann = await w.as('ann')
    const id = await groupChat(ann)
    const { code, url } = await link(ann, id)
    expect(url).toBe(`https://chat.example.com/app/?invite=${code}`)
    const headers = { authorization: `Bearer ${ann.token}` }
    const svg = await fetch(`${w.url}/chats/${id}/invites/${code}/qr`, { headers })
    expect(svg.headers.get('content-type')).toBe('image/svg+xml')
    expect(await svg.text()).toMatch(/^<svg [^>]+><path d="[^"]+"\/><\/svg>$/)
    const png = await fetch(`${w.url}/chats/${id}/invites/${code}/qr?format=png`, { headers })
    expect(png.headers.get('content-type')).toBe('image/png')
    expect(decodeQR(pixelsOf(await png.bytes()))).toBe(url)
    expect((await fetch(`${w.url}/chats/${id}/invites/${code}/qr?format=gif`, { headers })).status).toBe(422)
  }, 60_000)

  test('lets ten in of fifty who come at once', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const crowd = await Promise.all(Array.from({ length: 50 }, (_, i) => w.as(`guest${i}`)))
    const id = await groupChat(ann)
    const { code } = await link(ann, id, { max_uses: 10 })
    const answers = await Promise.all(crowd.map(who => join(who, code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(40)
    expect((await chatOf(ann, id)).member_count).toBe(11)
  }, 60_000)

  test('lets nobody in after it was revoked while they came', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const crowd = await Promise.all(Array.from({ length: 20 }, (_, i) => w.as(`guest${i}`)))
    const id = await groupChat(ann)
    const { code } = await link(ann, id)
    const joins = crowd.slice(0, 10).map(who => join(who, code))
    const revoked = ann.api.chats({ id }).invites({ code }).delete()
    const early = await Promise.all(joins)
    expect((await revoked).status).toBe(200)
    const late = await Promise.all(crowd.slice(10).map(who => join(who, code)))
    expect(late.map(({ status }) => status)).toEqual(Array(10).fill(404))
    const inside = early.filter(({ status }) => status === 200).length
    expect((await chatOf(ann, id)).member_count).toBe(inside + 1)
  }, 60_000)
})

describe('a link that needs approval', () => {
  test('makes a request, which admins hear of and approve', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob)
    const { code } = await link(ann, id, { needs_approval: true, max_uses: 1 })
    const [annas, bobs, cleos] = [await ann.online(), await bob.online(), await cleo.online()]
    const asked = await join(cleo, code)
    expect(asked).toMatchObject({ status: 202, data: { chat_id: id, group_name: 'HQ' } })
    expect((await join(cleo, code)).status).toBe(202)
    await annas.hears('join_request', ({ from, state }) => from === cleo.id && state === 'asked')
    expect((await chatOf(ann, id)).member_count).toBe(2)
    expect((await cleo.api.chats({ id }).get()).status).toBe(404)
    expect((await cleo.api.chats({ id }).messages.post({ content: 'Hello?' })).status).toBe(404)
    expect((await look(cleo, code)).data).toMatchObject({ state: 'waiting', chat_id: id })
    expect((await cleo.api.users.me['join-requests'].get({ query: {} })).data?.items).toMatchObject([
      { chat_id: id },
    ])
    const requests = ann.api.chats({ id })['join-requests']
    expect((await requests.get({ query: {} })).data?.items).toMatchObject([
      { user_id: cleo.id, user: { username: 'cleo' } },
    ])
    expect((await bob.api.chats({ id })['join-requests'].get({ query: {} })).status).toBe(403)
    expect((await bob.api.chats({ id })['join-requests']({ user_id: cleo.id }).approve.post()).status).toBe(
      403,
    )
    expect((await cleo.api.chats({ id })['join-requests']({ user_id: cleo.id }).approve.post()).status).toBe(
      404,
    )
    expect((await requests({ user_id: cleo.id }).approve.post()).status).toBe(200)
    expect((await requests({ user_id: cleo.id }).approve.post()).status).toBe(404)
    await cleos.hears('chat', ({ chat }) => chat.id === id && chat.my?.role === 'member')
    await annas.hears('join_request', ({ state }) => state === 'approved')
    expect((await chatOf(cleo, id)).member_count).toBe(3)
    expect((await requests.get({ query: {} })).data?.items).toEqual([])
    await say(ann, id, 'Hi')
    await bobs.hears('message')
    expect(bobs.of('join_request')).toEqual([])
  }, 60_000)

  test('is declined by an admin, or withdrawn by who asked, and by nobody else', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob)
    const dan = await w.as('dan')
    const { code } = await link(ann, id, { needs_approval: true })
    const [annas, cleos] = [await ann.online(), await cleo.online()]
    await join(cleo, code)
    await join(dan, code)
    const request = (by: Person, of: Person) => by.api.chats({ id })['join-requests']({ user_id: of.id })
    expect((await request(bob, cleo).delete()).status).toBe(403)
    expect((await request(dan, cleo).delete()).status).toBe(404)
    expect((await request(ann, cleo).delete()).status).toBe(200)
    await cleos.hears('join_request', ({ state }) => state === 'declined')
    expect((await request(dan, dan).delete()).status).toBe(200)
    await annas.hears('join_request', ({ from, state }) => from === dan.id && state === 'withdrawn')
    expect((await request(dan, dan).delete()).status).toBe(404)
    expect((await request(ann, dan).approve.post()).status).toBe(404)
    expect((await chatOf(ann, id)).member_count).toBe(2)
  }, 60_000)

  test('is told to admins who were away, and vanishes with the person', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob)
    const { code } = await link(ann, id, { needs_approval: true })
    const dan = await w.as('dan')
    for (const who of [cleo, dan]) await join(who, code)
    const line = await ann.online()
    await line.ask({ type: 'sync', chats: {} })
    expect(line.of('join_requests')).toMatchObject([{ chat_id: id, count: 2 }])
    const bobs = await bob.online()
    await bobs.ask({ type: 'sync', chats: {} })
    expect(bobs.of('join_requests')).toEqual([])
    await dan.api.users.me.delete({ password: dan.password })
    await line.hears('join_request', ({ from, state }) => from === dan.id && state === 'withdrawn')
    const { data } = await ann.api.chats({ id })['join-requests'].get({ query: {} })
    expect(data?.items.map(({ user_id }) => user_id)).toEqual([cleo.id])
    expect((await ann.api.chats({ id })['join-requests']({ user_id: dan.id }).approve.post()).status).toBe(
      404,
    )
  }, 60_000)

  test('is approved once by two admins who do it at once', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob)
    await ann.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'admin' })
    const { code } = await link(ann, id, { needs_approval: true })
    for (let round = 0; round < 5; round++) {
      await join(cleo, code)
      const approve = (by: Person) =>
        by.api.chats({ id })['join-requests']({ user_id: cleo.id }).approve.post()
      const statuses = (await Promise.all([approve(ann), approve(bob)])).map(({ status }) => status)
      expect(statuses.toSorted()).toEqual([200, 404])
      await ann.api.chats({ id }).members({ user_id: cleo.id }).delete()
    }
  }, 60_000)
})

const stored = async ({ stores }: World, code: string) => (await stores.invites.byCode(code))!
