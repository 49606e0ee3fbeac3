// Rules of groups: who may write, handing over, finding members, and what is told how often.
import { describe, expect, test } from 'bun:test'
import { isAllowed, RULES, type Action } from '../../src/chats/roles'
import { chatOf, groupChat, history, message, people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { newId } from '../../src/lib/ids'
import { call } from '../support/raw'
import { world } from '../support/world'
import { group, person } from '../storage/contract/samples'

type Three = [Person, Person, Person]

describe('where only admins write', () => {
  test('members read and react, but neither write, answer, forward, edit nor schedule, by any door', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob, cleo)
    const own = await say(bob, id, 'Before')
    const notes = await privateChat(bob, bob)
    const note = await say(bob, notes, 'Note')
    const line = await cleo.online()
    expect((await bob.api.chats({ id }).patch({ who_may_write: 'admins' })).status).toBe(403)
    expect((await ann.api.chats({ id }).patch({ who_may_write: 'admins' })).data?.who_may_write).toBe(
      'admins',
    )
    await line.hears('chat', ({ chat }) => chat.who_may_write === 'admins')
    const messages = bob.api.chats({ id }).messages
    const send_at = new Date(Date.now() + 60_000).toISOString()
    const refusals = await Promise.all([
      messages.post({ content: 'Hey' }),
      messages.post({ content: 'Hey', reply_to: own.id }),
      messages.post({ content: 'Hey', thread_of: own.id }),
      messages.post({ forward: { chat_id: notes, message_id: note.id } }),
      message(bob, id, own.id).patch({ content: 'Hey' }),
      bob.api.chats({ id }).scheduled.post({ content: 'Hey', send_at }),
    ])
    for (const { error } of refusals)
      expect(error?.value).toMatchObject({ status: 403, code: 'only_admins_write' })
    const bobs = await bob.online()
    expect(await bobs.ask({ type: 'send', chat_id: id, content: 'Hey' })).toMatchObject({
      type: 'error',
      status: 403,
      code: 'only_admins_write',
    })
    const { id: news } = await say(ann, id, 'News')
    expect(
      (
        await message(bob, id, news)
          .reactions({ emoji: encodeURIComponent('👍') })
          .put()
      ).status,
    ).toBe(200)
    expect((await history(bob, id)).map(({ content }) => content)).toEqual(['Before', 'News'])
    expect((await message(bob, id, own.id).delete({}, { query: {} })).status).toBe(200)
    await ann.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'admin' })
    await say(bob, id, 'Now I may')
    await ann.api.chats({ id }).patch({ who_may_write: 'all' })
    await say(cleo, id, 'So may I')
    const eve = await w.as('eve')
    expect((await eve.api.chats({ id }).messages.post({ content: 'Hey' })).status).toBe(404)
  }, 60_000)

  test('what a member scheduled before fails with the reason', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await groupChat(ann, bob)
    const send_at = new Date(Date.now() + 60_000).toISOString()
    await bob.api.chats({ id }).scheduled.post({ content: 'Later', send_at })
    await ann.api.chats({ id }).patch({ who_may_write: 'admins' })
    await w.services.schedule.sendDue(send_at)
    const { data } = await bob.api.users.me.scheduled.get()
    expect(data?.items).toMatchObject([{ failed: 'only_admins_write' }])
    expect(await history(ann, id)).toEqual([])
  }, 60_000)

  test('may be so from the beginning; a private chat has no such settings', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const { data } = await ann.api.chats.post({
      chat_type: 'group',
      group_name: 'News',
      participants: [bob.id],
      who_may_write: 'admins',
    })
    expect((await bob.api.chats({ id: data!.id }).messages.post({ content: 'Hey' })).status).toBe(403)
    const id = await privateChat(ann, bob)
    expect((await ann.api.chats({ id }).patch({ who_may_write: 'admins' })).status).toBe(409)
    for (const json of [
      { who_may_write: 'nobody' },
      { history_for_newcomers: 'none' },
      { who_may_write: null },
    ])
      expect((await call(w.url, 'PATCH', `/chats/${data!.id}`, { token: ann.token, json })).status).toBe(422)
  }, 60_000)
})

describe('the table of who may do what', () => {
  /** Something that each action of the table allows, harmless however often it is asked. */
  const requests: Record<
    Exclude<Action, 'write'>,
    (who: Person, of: Scene) => Promise<{ status: number }>
  > = {
    edit: (who, { id }) => who.api.chats({ id }).patch({ group_name: 'HQ' }),
    avatar: (who, { id }) => who.api.chats({ id }).patch({ group_avatar: null }),
    settings: (who, { id }) =>
      who.api.chats({ id }).patch({ who_may_write: 'all', history_for_newcomers: 'all' }),
    addMembers: (who, { id, other }) => who.api.chats({ id }).members.post({ participants: [other.id] }),
    invite: (who, { id }) => who.api.chats({ id }).invites.post({}),
    approveJoins: (who, { id }) => who.api.chats({ id })['join-requests'].get({ query: {} }),
    removeMembers: (who, { id, stranger }) => who.api.chats({ id }).members({ user_id: stranger }).delete(),
    deleteOthers: (who, { id, deleted }) => message(who, id, deleted).delete({}, { query: {} }),
    pin: (who, { id, mid }) => message(who, id, mid).pin.put(),
    mentionAll: async (who, { id }) => ({ status: (await say(who, id, '@all')).mentions_all ? 200 : 403 }),
    changeRoles: (who, { id, other }) =>
      who.api.chats({ id }).members({ user_id: other.id }).patch({ role: 'member' }),
    retention: (who, { id }) => who.api.chats({ id }).patch({ retention_seconds: null }),
    delete: (who, { id }) => who.api.chats({ id }).delete({}, { query: {} }),
  }
  interface Scene {
    id: string
    other: Person
    mid: string
    deleted: string
    stranger: string
  }

  test('holds for every action and role, and is on the docs page', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const [dan, eve] = [await w.as('dan'), await w.as('eve')]
    const id = await groupChat(ann, bob, cleo, dan)
    await ann.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'admin' })
    const { id: mid } = await say(ann, id, 'Keep this')
    const { id: deleted } = await say(ann, id, 'Not this')
    await message(ann, id, deleted).delete({}, { query: {} })
    const scene: Scene = { id, other: dan, mid, deleted, stranger: '0'.repeat(24) }
    const { description } = (await call(w.url, 'GET', '/docs/json')).body.info
    for (const [action, request] of Object.entries(requests)) {
      const rule = RULES[action as Action]
      expect(description).toContain(`| ${rule.meaning} |`)
      for (const [who, role] of [
        [cleo, 'member'],
        [bob, 'admin'],
        [ann, 'owner'],
      ] as const) {
        expect(
          (await request(eve, scene).catch(() => ({ status: 404 }))).status,
          `${action} by a stranger`,
        ).toBe(404)
        const { status } = await request(who, scene)
        const isMine = action === 'deleteOthers' && who === ann
        expect(status !== 403, `${action} by ${role}`).toBe(isMine || isAllowed(action as Action, role))
      }
    }
    expect(Object.keys(requests).length).toBe(Object.keys(RULES).length - 1)
  }, 60_000)
})

describe('handing over', () => {
  test('makes the heir owner and the giver admin in one step, who may leave then', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const id = await groupChat(ann, bob, cleo)
    const eve = await w.as('eve')
    const line = await bob.online()
    const hand = (by: Person, to: string) => by.api.chats({ id }).owner.post({ user_id: to })
    expect((await ann.api.chats({ id }).leave.post()).status).toBe(409)
    expect((await hand(bob, bob.id)).status).toBe(403)
    expect((await hand(eve, eve.id)).status).toBe(404)
    expect((await hand(ann, eve.id)).status).toBe(404)
    expect((await hand(ann, ann.id)).status).toBe(422)
    expect((await hand(ann, bob.id)).data?.my.role).toBe('admin')
    await line.hears('chat', ({ chat }) => chat.my?.role === 'owner')
    expect((await hand(ann, cleo.id)).status).toBe(403)
    expect((await ann.api.chats({ id }).leave.post()).status).toBe(200)
    expect((await chatOf(bob, id)).my.role).toBe('owner')
    const pair = await privateChat(bob, cleo)
    expect((await bob.api.chats({ id: pair }).owner.post({ user_id: cleo.id })).status).toBe(409)
  }, 60_000)

  test('twice at once to two people leaves one owner', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    for (let round = 0; round < 10; round++) {
      const id = await groupChat(ann, bob, cleo)
      const hand = (to: Person) => ann.api.chats({ id }).owner.post({ user_id: to.id })
      const statuses = (await Promise.all([hand(bob), hand(cleo)])).map(({ status }) => status)
      expect(statuses.filter(status => status === 200)).toHaveLength(1)
      const { data } = await ann.api.chats({ id }).members.get({ query: {} })
      expect(data?.items.map(({ role }) => role).toSorted()).toEqual(['admin', 'member', 'owner'])
    }
  }, 60_000)
})

describe('members', () => {
  test('are listed with name and picture, and found by role and by the beginnings of their names', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as Three
    const eve = await w.as('annabel')
    await bob.api.users.me.patch({ full_name: 'Robert Ångström' })
    const id = await groupChat(ann, bob, cleo)
    await ann.api.chats({ id }).members({ user_id: cleo.id }).patch({ role: 'admin' })
    const list = async (query: object) =>
      (await cleo.api.chats({ id }).members.get({ query })).data?.items
        .map(({ user }) => user?.username)
        .toSorted()
    expect((await cleo.api.chats({ id }).members.get({ query: {} })).data?.items).toContainEqual({
      user_id: bob.id,
      user: { id: bob.id, username: 'bob', full_name: 'Robert Ångström', avatar: null },
      role: 'member',
      read_seq: 0,
      delivered_seq: 0,
      joined_at: expect.any(String),
      presence: 'offline',
      last_seen: null,
    })
    expect(await list({ q: 'an' })).toEqual(['ann', 'bob'])
    expect(await list({ q: 'ANGST rob' })).toEqual(['bob'])
    expect(await list({ q: 'annabel' })).toEqual([])
    expect(await list({ q: '%_' })).toEqual([])
    expect(await list({ role: 'owner' })).toEqual(['ann'])
    expect(await list({ role: 'admin' })).toEqual(['cleo'])
    expect(await list({ role: 'member', q: 'b' })).toEqual(['bob'])
    expect(await list({ role: 'member' })).toEqual(['bob'])
    expect((await eve.api.chats({ id }).members.get({ query: { q: 'a' } })).status).toBe(404)
    expect((await call(w.url, 'GET', `/chats/${id}/members?role=boss`, { token: ann.token })).status).toBe(
      422,
    )
  }, 60_000)

  test('of 2,500 are found in pages, none twice and none left out, by rare and by common names', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const crowd = Array.from({ length: 2_500 }, (_, i) =>
      person(`guest${i}`, { full_name: i % 50 ? null : 'Rare Bird' }),
    )
    for (const guest of crowd) await w.stores.users.insert(guest)
    const { id } = await w.stores.chats.createGroup(...group([ann.id, ...crowd.map(guest => guest.id)]))
    const found = async (query: { q?: string; role?: 'member' }) => {
      const ids: string[] = []
      for (let cursor: string | undefined; ;) {
        const { data } = await ann.api.chats({ id }).members.get({ query: { ...query, limit: 100, cursor } })
        ids.push(...data!.items.map(({ user_id }) => user_id))
        if (data!.next === null) return ids
        cursor = data!.next
      }
    }
    const all = crowd.map(guest => guest.id).toSorted()
    expect(await found({ q: 'guest' })).toEqual(all)
    expect(await found({ role: 'member' })).toEqual(all)
    expect(await found({ q: 'rare' })).toHaveLength(50)
    expect(await found({ q: 'guest17 g' })).toHaveLength(111)
    expect(await found({ q: 'nobody' })).toEqual([])
    expect(await found({})).toHaveLength(2_501)
  }, 120_000)

  test('are 5,000 at most: one more is refused, and takes no use of the link', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const crowd = Array.from({ length: 4_999 }, () => newId())
    const { id } = await w.stores.chats.createGroup(...group([ann.id, ...crowd]))
    const { data } = await ann.api.chats({ id }).invites.post({})
    const asking = await ann.api.chats({ id }).invites.post({ needs_approval: true })
    const full = { status: 409, code: 'group_full' }
    expect((await bob.api.invites({ code: data!.code }).post()).error?.value).toMatchObject(full)
    expect((await ann.api.chats({ id }).members.post({ participants: [bob.id] })).error?.value).toMatchObject(
      full,
    )
    expect((await bob.api.invites({ code: asking.data!.code }).post()).status).toBe(202)
    const approve = ann.api.chats({ id })['join-requests']({ user_id: bob.id }).approve
    expect((await approve.post()).error?.value).toMatchObject(full)
    await ann.api.chats({ id }).members({ user_id: crowd[7]! }).delete()
    expect((await approve.post()).status).toBe(200)
    const links = (await ann.api.chats({ id }).invites.get({ query: {} })).data?.items
    expect(links?.find(({ code }) => code === data!.code)?.uses).toBe(0)
  }, 120_000)

  test('are not told of forty times when forty join at once', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const crowd = await Promise.all(Array.from({ length: 40 }, (_, i) => w.as(`guest${i}`)))
    const id = await groupChat(ann)
    const { data } = await ann.api.chats({ id }).invites.post({})
    const line = await ann.online()
    await Promise.all(crowd.map(who => who.api.invites({ code: data!.code }).post()))
    await line.hears('chat', ({ chat }) => chat.member_count === 41)
    expect(line.of('chat').length).toBeLessThan(20)
  }, 60_000)
})
