// Who sees whom come and go: those who share a chat, over all devices, and nobody else.
import { describe, expect, spyOn, test } from 'bun:test'
import { newId } from '../../src/lib/ids'
import { groupChat, people, privateChat } from '../support/chats'
import { connect, type Frame, type Line } from '../support/line'
import { signIn, type Person } from '../support/people'
import { world, type World } from '../support/world'

const QUICK = { graceMs: 200, tellMs: 10, typingMs: 200 }

const seenBy = async (viewer: Person, person: Person) => {
  const { data } = await viewer.api.users({ id: person.id }).get()
  return { presence: data?.presence, last_seen: data?.last_seen }
}

/** What a line has heard of a person, in order, in one word each; what comes at the same moment may be told twice. */
const heardOf = (line: Line, person: Person): string[] =>
  line.heard
    .flatMap(frame => (frame.type === 'presence' ? [frame] : frame.type === 'presences' ? frame.items : []))
    .filter(item => item.user_id === person.id)
    .map(item => item.presence)
    .filter((presence, i, all) => presence !== all[i - 1])

/** Resolves once the line has heard this of the person, alone or among others. */
const hears = (line: Line, person: Person, presence: string): Promise<Frame> =>
  line.hears(['presence', 'presences'], frame =>
    (frame.type === 'presence' ? [frame] : frame.items).some(
      (item: Frame) => item.user_id === person.id && item.presence === presence,
    ),
  )

async function threeOf(w: World) {
  const [ann, bob, mallory] = (await people(w, 'ann', 'bob', 'mallory')) as [Person, Person, Person]
  const id = await privateChat(ann, bob)
  return { ann, bob, mallory, id }
}

describe('presence', () => {
  test('Bob hears Ann come, be away, be back and leave; Mallory hears and sees nothing', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, mallory } = await threeOf(w)
    const [bobLine, malloryLine] = [await bob.online(), await mallory.online()]
    expect(await seenBy(bob, ann)).toEqual({ presence: 'offline', last_seen: null })

    const before = new Date().toISOString()
    const annLine = await ann.online()
    await hears(bobLine, ann, 'online')
    expect(await seenBy(bob, ann)).toEqual({ presence: 'online', last_seen: null })
    expect(await annLine.ask({ type: 'presence', presence: 'away' })).toMatchObject({ type: 'ack' })
    await hears(bobLine, ann, 'away')
    annLine.say({ type: 'presence', presence: 'online' })
    await bobLine.hears('presence', () => heardOf(bobLine, ann).length === 3)
    annLine.close()
    const left = await hears(bobLine, ann, 'offline')
    expect(heardOf(bobLine, ann)).toEqual(['online', 'away', 'online', 'offline'])
    expect(left.last_seen >= before && left.last_seen <= new Date().toISOString()).toBeTrue()
    expect(await seenBy(bob, ann)).toEqual({ presence: 'offline', last_seen: left.last_seen })

    expect(await seenBy(mallory, ann)).toEqual({ presence: null, last_seen: null })
    for (const list of [{ q: 'ann' }, {}]) {
      const { data } = await mallory.api.users.get({ query: list })
      expect(data?.items.find(({ id }) => id === ann.id)).toMatchObject({ presence: null, last_seen: null })
    }
    expect(malloryLine.heard.map(({ type }) => type)).toEqual(['hello'])
  })

  test('the last of several devices counts, and away is who is away on all of them', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const bobLine = await bob.online()
    const phone = await signIn(w.url, ann)
    const [tab, other, far] = [await ann.online(), await ann.online(), await phone.online()]
    await hears(bobLine, ann, 'online')
    for (const line of [tab, other]) await line.ask({ type: 'presence', presence: 'away' })
    tab.close()
    expect(await seenBy(bob, ann)).toMatchObject({ presence: 'online' })
    expect(w.services.presence.isActive(ann.id)).toBeTrue()
    await far.ask({ type: 'presence', presence: 'away' })
    expect(w.services.presence.isActive(ann.id)).toBeFalse()
    await hears(bobLine, ann, 'away')
    for (const line of [other, far]) line.close()
    await hears(bobLine, ann, 'offline')
    expect(heardOf(bobLine, ann)).toEqual(['online', 'away', 'offline'])
    phone.leave()
  })

  test('whoever loads the page anew does not flicker', async () => {
    await using w = await world({}, { times: { ...QUICK, graceMs: 60_000 } })
    const { ann, bob } = await threeOf(w)
    const cleo = await w.as('cleo')
    await privateChat(bob, cleo)
    const bobLine = await bob.online()
    const tab = await ann.online()
    await hears(bobLine, ann, 'online')
    tab.close()
    for (let i = 0; i < 10; i++) {
      const line = await ann.online()
      line.close()
      await line.closed
      expect(await seenBy(bob, ann)).toMatchObject({ presence: 'online' })
    }
    await cleo.online()
    await hears(bobLine, cleo, 'online')
    expect(heardOf(bobLine, ann)).toEqual(['online'])
  })

  test('a socket just opened learns who is there, also when it catches up first', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const [cleo, dan, eve] = (await people(w, 'cleo', 'dan', 'eve')) as [Person, Person, Person]
    for (const other of [cleo, dan]) await privateChat(ann, other)
    const cleoLine = await cleo.online()
    await bob.online()
    await eve.online()
    const first = await ann.online()
    await hears(first, bob, 'online')
    await hears(first, cleo, 'online')
    await cleoLine.ask({ type: 'presence', presence: 'away' })
    await hears(first, cleo, 'away')

    // All of it has been told by now, so it comes in one frame.
    const wanted = [
      { user_id: bob.id, presence: 'online', last_seen: null },
      { user_id: cleo.id, presence: 'away', last_seen: null },
    ]
    const byId = (a: Frame, b: Frame) => (a.user_id < b.user_id ? -1 : 1)
    const second = await ann.online()
    const syncing = await connect(w.url, ann.token, '/ws?sync=1')
    for (const line of [second, syncing]) {
      if (line === syncing) line.say({ type: 'sync', chats: {} })
      const { items } = await line.hears('presences')
      expect(items.toSorted(byId)).toEqual(wanted.toSorted(byId as never))
      expect(line.heard.some(({ type }) => type === 'presence')).toBeFalse()
    }
    const order = syncing.heard.map(({ type }) => type)
    expect(order.indexOf('presences')).toBeGreaterThan(order.indexOf('synced'))
    syncing.close()
  })

  test('each hears it once, however many chats are shared; of large groups one asks', async () => {
    await using w = await world({}, { times: QUICK })
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
    await privateChat(ann, bob)
    for (let i = 0; i < 3; i++) await groupChat(ann, bob)
    const crowd = Array.from({ length: 98 }, () => newId())
    const member = (user_id: string, role: 'owner' | 'member' = 'member') => {
      return { user_id, role, joined_at: new Date().toISOString() }
    }
    const large = newId()
    const chat = { id: large, chat_type: 'group' as const, group_name: 'All', group_avatar: null }
    await w.stores.chats.createGroup({ ...chat, created_by: ann.id, created_at: new Date().toISOString() }, [
      member(ann.id, 'owner'),
      member(bob.id),
      member(cleo.id),
      ...crowd.map(id => member(id)),
    ])
    const [bobLine, cleoLine] = [await bob.online(), await cleo.online()]
    const line = await ann.online()
    await hears(bobLine, ann, 'online')
    line.close()
    await hears(bobLine, ann, 'offline')
    expect(heardOf(bobLine, ann)).toEqual(['online', 'offline'])
    expect(heardOf(cleoLine, ann)).toEqual([])
    expect(await seenBy(cleo, ann)).toMatchObject({ presence: 'offline', last_seen: expect.any(String) })
    const { data } = await cleo.api.chats({ id: large }).members.get({ query: { limit: 100 } })
    const find = (id: string) => data?.items.find(item => item.user_id === id)
    expect(find(ann.id)).toMatchObject({ presence: 'offline', last_seen: expect.any(String) })
    expect(find(bob.id)).toMatchObject({ presence: 'online', last_seen: null })

    const { error } = await ann.api
      .chats({ id: large })
      .members({ user_id: crowd[0] as string })
      .delete()
    expect(error).toBeNull()
    await ann.online()
    await hears(cleoLine, ann, 'online')
  })

  test('whoever comes and goes loads nobody into memory', async () => {
    await using w = await world({}, { times: QUICK })
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const created_at = new Date().toISOString()
    const chat = { chat_type: 'private' as const, group_name: null, group_avatar: null, created_by: ann.id }
    // By the store itself, so that nobody has asked for the chat yet.
    await w.stores.chats.createPrivate(
      { ...chat, id: newId(), created_at },
      [ann, bob].map(({ id }) => ({ user_id: id, role: 'member' as const, joined_at: created_at })),
    )
    const loads = spyOn(w.stores.chats, 'memberships')
    const bobLine = await bob.online()
    const annLine = await ann.online()
    await hears(annLine, bob, 'online')
    annLine.close()
    await hears(bobLine, ann, 'offline')
    expect(loads).not.toHaveBeenCalled()
  })

  test('who is here is noted as seen now and then, so that a crash loses little', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, mallory } = await threeOf(w)
    const line = await ann.online()
    const before = new Date().toISOString()
    await w.services.presence.keepSeen()
    const stored = async (person: Person) => (await w.stores.users.byId(person.id))?.last_seen
    expect((await stored(ann))! >= before).toBeTrue()
    expect(await stored(mallory)).toBeNull()
    // A stop stores it too, without the wait for those who may come back.
    const later = new Date().toISOString()
    line.close()
    await line.closed
    await w.services.presence.stop()
    expect((await stored(ann))! >= later).toBeTrue()
  })

  test('those who are deleted are not told of', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    await ann.online()
    await ann.api.users.me.delete({ password: ann.password })
    expect(await seenBy(bob, ann)).toEqual({ presence: null, last_seen: null })
  })
})

describe('what I tell of my presence', () => {
  test('invisible I am offline for everybody, and was last seen when I chose so', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const bobLine = await bob.online()
    const annLine = await ann.online()
    await hears(bobLine, ann, 'online')
    const { data: me } = await ann.api.users.me.presence.put({ invisible: true })
    expect(me).toMatchObject({ invisible: true, hide_last_seen: false, presence: 'online' })
    await hears(bobLine, ann, 'offline')
    const frozen = await seenBy(bob, ann)
    expect(frozen).toMatchObject({ presence: 'offline', last_seen: expect.any(String) })

    annLine.close()
    const again = await ann.online()
    await w.services.presence.keepSeen()
    expect(await seenBy(bob, ann)).toEqual(frozen)
    const late = await (await signIn(w.url, bob)).online()
    await again.ask({ type: 'ping' })
    await ann.api.users.me.presence.put({ invisible: false })
    await bobLine.hears('presence', () => heardOf(bobLine, ann).length === 3)
    expect(heardOf(bobLine, ann)).toEqual(['online', 'offline', 'online'])
    await hears(late, ann, 'online')
    expect(heardOf(late, ann)).toEqual(['online'])
    expect((await bob.api.users({ id: ann.id }).get()).data).not.toHaveProperty('invisible')
  })

  test('who hides when they were last seen does not see it of others', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const bobLine = await bob.online()
    const line = await ann.online()
    await hears(bobLine, ann, 'online')
    await bob.api.users.me.presence.put({ hide_last_seen: true })
    line.close()
    expect(await hears(bobLine, ann, 'offline')).toMatchObject({ last_seen: null })
    expect(await seenBy(bob, ann)).toEqual({ presence: 'offline', last_seen: null })
    const annLine = await ann.online()
    await hears(annLine, bob, 'online')
    bobLine.close()
    expect(await hears(annLine, bob, 'offline')).toMatchObject({ last_seen: null })
    expect(await seenBy(ann, bob)).toEqual({ presence: 'offline', last_seen: null })
    await bob.api.users.me.presence.put({ hide_last_seen: false })
    expect((await seenBy(bob, bob)).last_seen).toBeString()
  })

  test('nor right after coming, before it is known here that they hide it', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const bobLine = await bob.online()
    bobLine.close()
    await bobLine.closed
    await ann.api.users.me.presence.put({ hide_last_seen: true })
    while (w.services.presence.isHere(bob.id)) await Bun.sleep(1)
    const { byIds } = w.stores.users
    const late = Promise.withResolvers<void>()
    const reads = spyOn(w.stores.users, 'byIds').mockImplementation(async ids => {
      if (ids.includes(ann.id)) await late.promise
      return byIds.call(w.stores.users, ids)
    })
    const line = await ann.online()
    await bob.api.users.me.patch({ bio: 'Gone fishing' })
    const { user } = await line.hears('user', frame => frame.user.id === bob.id)
    late.resolve()
    reads.mockRestore()
    expect(user).toMatchObject({ bio: 'Gone fishing', presence: 'offline', last_seen: null })
  })

  test('the frames and settings are checked', async () => {
    await using w = await world({}, { times: QUICK })
    const ann = await w.as('ann')
    const line = await ann.online()
    for (const presence of ['offline', 'busy', null, { $gt: '' }])
      expect(await line.ask({ type: 'presence', presence })).toMatchObject({ type: 'error', status: 422 })
    const bad = { invisible: 'yes' } as never
    expect((await ann.api.users.me.presence.put(bad)).status).toBe(422)
  })
})

describe('what others see of me', () => {
  test('a new name, picture or status is heard by those who share a chat, and by my other devices', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob, mallory } = await threeOf(w)
    const [bobLine, malloryLine] = [await bob.online(), await mallory.online()]
    const phone = await ann.online()
    await ann.api.users.me.patch({ full_name: 'Ann Smith', email: 'ann@example.com' })
    const { user } = await bobLine.hears('user', frame => frame.user.full_name === 'Ann Smith')
    expect(user).toMatchObject({ id: ann.id, presence: 'online', last_seen: null })
    expect(user).not.toHaveProperty('email')
    const mine = await phone.hears('user', frame => frame.user.full_name === 'Ann Smith')
    expect(mine.user).toMatchObject({ email: 'ann@example.com' })
    await mallory.api.users.me.patch({ full_name: 'Mallory' })
    await malloryLine.hears('user')
    expect(malloryLine.of('user').map(frame => frame.user.id)).toEqual([mallory.id])
  })

  test('a status ends by itself, also for those who are connected', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const bobLine = await bob.online()
    const set = await ann.api.users.me.status.put({ status: 'back soon', expires_in: 60 })
    expect(set.data).toMatchObject({ status: 'back soon' })
    const ends = set.data!.status_expires_at as string
    expect(Date.parse(ends)).toBeWithin(Date.now() + 50_000, Date.now() + 61_000)
    const heard = await bobLine.hears('user', frame => frame.user.status === 'back soon')
    expect(heard.user.status_expires_at).toBe(ends)

    await w.services.self.endStatuses(new Date(Date.parse(ends) - 1).toISOString())
    expect((await bob.api.users({ id: ann.id }).get()).data?.status).toBe('back soon')
    await w.services.self.endStatuses(ends)
    await bobLine.hears('user', frame => frame.user.status === null)
    const { data } = await bob.api.users({ id: ann.id }).get()
    expect(data).toMatchObject({ status: null, status_expires_at: null })
  })

  test('an ended status is none, also before anybody has noticed', async () => {
    await using w = await world({}, { times: QUICK })
    const { ann, bob } = await threeOf(w)
    const past = new Date(Date.now() - 1).toISOString()
    await w.stores.users.update(ann.id, { status: 'gone', status_expires_at: past })
    expect((await bob.api.users({ id: ann.id }).get()).data).toMatchObject({
      status: null,
      status_expires_at: null,
    })
  })

  test('a status set anew does not end with the one before, and bad ends are refused', async () => {
    await using w = await world({}, { times: QUICK })
    const ann = await w.as('ann')
    const line = await ann.online()
    const soon = new Date(Date.now() + 60_000).toISOString()
    const put = (body: object) => ann.api.users.me.status.put(body as never)
    expect((await put({ status: 'a', status_expires_at: soon })).data?.status_expires_at).toBe(soon)
    expect((await ann.api.users.me.patch({ status: 'b' })).data).toMatchObject({
      status: 'b',
      status_expires_at: null,
    })
    expect(await line.ask({ type: 'status', status: 'c', expires_in: 5 })).toMatchObject({ type: 'ack' })
    expect((await ann.api.auth.me.get()).data?.status).toBe('c')
    expect((await put({ status: null })).data).toMatchObject({ status: null, status_expires_at: null })
    for (const bad of [
      { expires_in: 0 },
      { expires_in: 1e9 },
      { expires_in: 1.5 },
      { expires_in: 5, status_expires_at: soon },
      { status_expires_at: 'tomorrow' },
      { status_expires_at: '2001-01-01T00:00:00.000Z' },
      { status_expires_at: '2999-01-01T00:00:00.000Z' },
    ]) {
      expect([bad, (await put({ status: 'x', ...bad })).status]).toEqual([bad, 422])
      expect(await line.ask({ type: 'status', status: 'x', ...bad })).toMatchObject({ status: 422 })
    }
    expect((await ann.api.auth.me.get()).data?.status).toBeNull()
  })
})
