// Where somebody is signed in: devices by name and place, used when, and ended from elsewhere.
import { describe, expect, test } from 'bun:test'
import { api, PASSWORD, signIn } from '../support/people'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

const login = async (w: World, device?: object, more: object = {}) => {
  const json = { username: 'ann', password: PASSWORD, device, ...more }
  const { body } = await call(w.url, 'POST', '/auth/login', { json })
  return { ...body, api: api(w.url, body.access_token) }
}

describe('devices', () => {
  test('have the name and place that they told, never one that was found out', async () => {
    await using w = await world({ TRUST_PROXY: true })
    const json = { username: 'ann', password: PASSWORD, device: { name: 'Laptop', place: 'Zürich' } }
    const first = await call(w.url, 'POST', '/auth/register', { json })
    const forwarded = { 'x-forwarded-for': '203.0.113.7', 'user-agent': 'Browser/1.0' }
    await call(w.url, 'POST', '/auth/login', {
      json: { username: 'ann', password: PASSWORD },
      headers: forwarded,
    })
    await login(w, undefined, { device_name: 'Old phone' })
    await login(w, { name: 'Phone' }, { device_name: 'Old phone' })
    const { body } = await call(w.url, 'GET', '/auth/sessions', { token: first.body.access_token })
    const shown = body.items.map(({ device_name, place }: any) => ({ device_name, place }))
    expect(shown).toHaveLength(4)
    for (const one of [
      { device_name: 'Laptop', place: 'Zürich' },
      { device_name: null, place: null },
      { device_name: 'Old phone', place: null },
      { device_name: 'Phone', place: null },
    ])
      expect(shown).toContainEqual(one)
    expect(JSON.stringify(body)).not.toContain('203.0.113.7')
  })

  test('take a new place along when they refresh, and keep what they do not tell', async () => {
    await using w = await world()
    await w.as('ann')
    const phone = await login(w, { name: 'Phone', place: 'Zürich' })
    const refresh = (refresh_token: string, device?: object) =>
      call(w.url, 'POST', '/auth/refresh', { json: { refresh_token, device } })
    const moved = await refresh(phone.refresh_token, { place: 'Genève' })
    const same = await refresh(moved.body.refresh_token)
    const { data } = await api(w.url, same.body.access_token).auth.sessions.get()
    expect(data?.items.find(({ current }) => current)).toMatchObject({
      device_name: 'Phone',
      place: 'Genève',
    })
  })

  test.each([
    [{ name: 'x'.repeat(101) }],
    [{ place: 'x'.repeat(101) }],
    [{ place: 7 }],
    [{ name: { $ne: null } }],
  ])('%p is refused', async device => {
    await using w = await world()
    const json = { username: 'ann', password: PASSWORD, device }
    expect((await call(w.url, 'POST', '/auth/register', { json })).status).toBe(422)
  })

  test('are listed by their last use, which a request and an open socket are', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const phone = await signIn(w.url, ann)
    const tablet = await signIn(w.url, ann)
    const idOf = async (person: typeof ann) => (await person.online()).heard[0]?.session_id as string
    const ids = [await idOf(ann), await idOf(phone), await idOf(tablet)]
    const listed = async () => (await w.services.devices.list(callerOf(ann, ids))).map(({ id }) => id)

    await phone.api.auth.me.get()
    expect((await listed())[0]).toBe(ids[1] as string)
    await tablet.api.auth.me.get()
    expect((await listed())[0]).toBe(ids[2] as string)
    const { data } = await ann.api.auth.sessions.get()
    expect(data?.items.map(({ id, current }) => [id, current])).toEqual([
      [ids[0] as string, true],
      [ids[2] as string, false],
      [ids[1] as string, false],
    ])

    // What is only noted is stored now and then; a session just stored is not stored again.
    const stored = async () => (await w.stores.auth.session(ids[1] as string))?.last_used_at as string
    const before = await stored()
    await w.services.usage.keep(w.services.presence.sessions())
    expect(await stored()).toBe(before)
    const later = Date.now() + 600_000
    await w.services.usage.keep(w.services.presence.sessions(), later)
    expect(await stored()).toBe(new Date(later).toISOString())
    for (const person of [phone, tablet]) person.leave()
  })

  test('a sign-in elsewhere is heard by the others, and nobody else', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const [line, bobLine] = [await ann.online(), await bob.online()]
    await login(w, { name: 'Phone', place: 'Zürich' })
    const { session } = await line.hears('session')
    expect(session).toMatchObject({ device_name: 'Phone', place: 'Zürich' })
    expect(JSON.stringify(session)).not.toContain('jti')
    expect(await bobLine.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
    expect(bobLine.of('session')).toEqual([])
  })

  test('one that is ended from elsewhere loses its sockets and tokens at once; the others stay', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const mallory = await w.as('mallory')
    const [phone, tablet] = [await signIn(w.url, ann), await signIn(w.url, ann)]
    const here = await ann.online()
    const [first, second] = [await phone.online(), await phone.online()]
    const far = await tablet.online()
    const id = first.heard[0]?.session_id as string
    expect((await mallory.api.auth.sessions({ id }).delete()).status).toBe(404)
    const { data: ticket } = await phone.api.auth.ticket.post()

    expect((await ann.api.auth.sessions({ id }).delete()).status).toBe(200)
    const dead = [
      (await phone.api.auth.me.get()).status,
      (await call(w.url, 'POST', '/auth/refresh', { json: { refresh_token: phone.refreshToken } })).status,
      (await call(w.url, 'GET', `/ws?ticket=${ticket?.ticket}`, { headers: { upgrade: 'websocket' } }))
        .status,
    ]
    expect(dead).toEqual([401, 401, 401])
    expect(await Promise.all([first.closed, second.closed])).toEqual([4401, 4401])
    for (const line of [here, far]) expect(await line.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })

    expect((await ann.api.auth.sessions.delete()).status).toBe(200)
    expect(await far.closed).toBe(4401)
    expect((await tablet.api.auth.me.get()).status).toBe(401)
    expect(await here.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
    expect((await ann.api.auth.sessions.get()).data?.items).toHaveLength(1)
  })
})

const callerOf = ({ id }: { id: string }, [session_id]: string[]) => {
  return { user_id: id, session_id: session_id as string, until: Date.now() + 60_000 }
}
