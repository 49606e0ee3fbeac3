// Groups: who is in, who may do what, and how one gets out.
import { describe, expect, test } from 'bun:test'
import type { Person } from '../support/people'
import { world } from '../support/world'

async function groupOf(owner: Person, ...others: Person[]) {
  const { data } = await owner.api.chats.post({
    chat_type: 'group',
    group_name: 'HQ',
    participants: others.map(({ id }) => id),
  })
  return data!.id
}

const rolesOf = async (person: Person, id: string) => {
  const { data } = await person.api.chats({ id }).members.get({ query: { limit: 100 } })
  return Object.fromEntries((data?.items ?? []).map(({ user_id, role }) => [user_id, role]))
}

describe('a group', () => {
  test('has a name, its maker as owner, and members who all find it', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    expect((await ann.api.chats.post({ chat_type: 'group', participants: [bob.id] })).status).toBe(422)
    const id = await groupOf(ann, bob)
    expect((await bob.api.chats({ id }).get()).data).toMatchObject({
      group_name: 'HQ',
      member_count: 2,
      my: { role: 'member' },
    })
    expect(await rolesOf(bob, id)).toEqual({ [ann.id]: 'owner', [bob.id]: 'member' })
  })

  test('is renamed by owner and admins, and everyone hears of it', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const id = await groupOf(ann, bob)
    const line = await bob.online()
    expect((await bob.api.chats({ id }).patch({ group_name: 'Mine' })).status).toBe(403)
    expect((await ann.api.chats({ id }).patch({ group_name: 'Ours' })).data?.group_name).toBe('Ours')
    await line.hears('chat', ({ chat }) => chat.id === id && chat.group_name === 'Ours')
    await ann.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'admin' })
    expect((await bob.api.chats({ id }).patch({ group_name: 'Mine' })).status).toBe(200)
  })

  test('pages its members by user id', async () => {
    await using w = await world()
    const people = [
      await w.as('ann'),
      await w.as('bob'),
      await w.as('cleo'),
      await w.as('dan'),
      await w.as('eve'),
    ]
    const [ann, ...others] = people as [Person, ...Person[]]
    const id = await groupOf(ann, ...others)
    const { data: first } = await ann.api.chats({ id }).members.get({ query: { limit: 3 } })
    const { data: second } = await ann.api
      .chats({ id })
      .members.get({ query: { limit: 3, cursor: first!.next! } })
    const seen = [...first!.items, ...second!.items].map(({ user_id }) => user_id)
    expect(seen).toEqual(people.map(person => person.id).toSorted())
    expect(second?.next).toBeNull()
  })
})

describe('members', () => {
  test('are added by admins, hear it at once, see the history, and start read', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
    const id = await groupOf(ann, bob)
    await ann.api.chats({ id }).messages.post({ content: 'Before' })
    const line = await cleo.online()
    expect((await bob.api.chats({ id }).members.post({ participants: [cleo.id] })).status).toBe(403)
    const { data } = await ann.api.chats({ id }).members.post({ participants: ['@cleo', bob.id] })
    expect(data?.member_count).toBe(3)
    const heard = await line.hears('chat', ({ chat }) => chat.id === id)
    expect(heard.chat).toMatchObject({
      unread_count: 0,
      my: { role: 'member', read_seq: 1 },
      last_message: { content: 'Before' },
    })
    await ann.api.chats({ id }).messages.post({ content: 'After' })
    await line.hears('message', ({ message }) => message.content === 'After')
    expect((await cleo.api.chats({ id }).get()).data?.unread_count).toBe(1)
    expect((await cleo.api.chats({ id }).messages.get({ query: {} })).data?.items).toHaveLength(2)
  })

  test('one unknown person refuses them all', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const id = await groupOf(ann)
    expect((await ann.api.chats({ id }).members.post({ participants: [bob.id, '@nobody'] })).status).toBe(404)
    expect(Object.keys(await rolesOf(ann, id))).toEqual([ann.id])
  })

  test('who are removed hear that, and then nothing more', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
    const id = await groupOf(ann, bob, cleo)
    const line = await bob.online()
    expect((await cleo.api.chats({ id }).members({ user_id: bob.id }).delete()).status).toBe(403)
    expect((await ann.api.chats({ id }).members({ user_id: bob.id }).delete()).status).toBe(200)
    await line.hears('chat_gone', frame => frame.chat_id === id)
    const soFar = line.heard.length
    await ann.api.chats({ id }).messages.post({ content: 'He is gone' })
    await ann.api.chats({ id }).patch({ group_name: 'Without Bob' })
    expect((await bob.api.chats({ id }).get()).status).toBe(404)
    expect((await bob.api.chats({ id }).messages.post({ content: 'Hey' })).status).toBe(404)
    expect(await line.ask({ type: 'send', chat_id: id, content: 'Hey' })).toMatchObject({
      type: 'error',
      status: 404,
    })
    expect(await line.ask({ type: 'typing', chat_id: id, on: true })).toMatchObject({
      type: 'error',
      status: 404,
    })
    expect(line.heard.slice(soFar).map(({ type }) => type)).toEqual(['error', 'error'])
  })

  test('admins remove members, not owners or each other', async () => {
    await using w = await world()
    const [ann, bob, cleo, dan] = [
      await w.as('ann'),
      await w.as('bob'),
      await w.as('cleo'),
      await w.as('dan'),
    ]
    const id = await groupOf(ann, bob, cleo, dan)
    for (const { id: user_id } of [bob, cleo])
      await ann.api.chats({ id }).members({ user_id }).patch({ role: 'admin' })
    const remove = async (by: Person, whom: Person) =>
      (await by.api.chats({ id }).members({ user_id: whom.id }).delete()).status
    expect(await remove(bob, ann)).toBe(403)
    expect(await remove(bob, cleo)).toBe(403)
    expect(await remove(bob, dan)).toBe(200)
    expect(await remove(bob, dan)).toBe(404)
    expect(await remove(ann, cleo)).toBe(200)
  })
})

describe('owners', () => {
  test('the last one cannot leave or step down while others are there, but can hand over', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const id = await groupOf(ann, bob)
    const group = ann.api.chats({ id })
    expect((await group.leave.post()).error?.value).toMatchObject({ status: 409, code: 'last_owner' })
    expect((await group.members({ user_id: ann.id }).patch({ role: 'member' })).status).toBe(409)
    expect((await bob.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'owner' })).status).toBe(
      403,
    )
    expect((await group.members({ user_id: bob.id }).patch({ role: 'owner' })).data?.role).toBe('owner')
    expect((await group.leave.post()).status).toBe(200)
    expect(await rolesOf(bob, id)).toEqual({ [bob.id]: 'owner' })
    expect((await group.get()).status).toBe(404)
  })

  test('two who leave at once leave one behind', async () => {
    await using w = await world()
    const [ann, bob, cleo] = [await w.as('ann'), await w.as('bob'), await w.as('cleo')]
    const id = await groupOf(ann, bob, cleo)
    await ann.api.chats({ id }).members({ user_id: bob.id }).patch({ role: 'owner' })
    const left = await Promise.all([ann.api.chats({ id }).leave.post(), bob.api.chats({ id }).leave.post()])
    expect(left.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(Object.values(await rolesOf(cleo, id)).toSorted()).toEqual(['member', 'owner'])
  })

  test('delete the group for everyone; a group that its last member leaves goes too', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const id = await groupOf(ann, bob)
    const line = await bob.online()
    expect((await bob.api.chats({ id }).delete({}, { query: {} })).status).toBe(403)
    expect((await ann.api.chats({ id }).delete({}, { query: { for: 'me' } })).status).toBe(409)
    expect((await ann.api.chats({ id }).delete({}, { query: {} })).status).toBe(200)
    await line.hears('chat_gone', frame => frame.chat_id === id)
    expect((await ann.api.chats({ id }).get()).status).toBe(404)
    const alone = await groupOf(bob)
    expect((await bob.api.chats({ id: alone }).leave.post()).status).toBe(200)
    expect((await bob.api.chats.get({ query: {} })).data?.items).toEqual([])
  })

  test('random comings and goings of 200 steps leave at least one owner, and as many members as rows', async () => {
    await using w = await world()
    const people = [
      await w.as('ann'),
      await w.as('bob'),
      await w.as('cleo'),
      await w.as('dan'),
      await w.as('eve'),
    ]
    const id = await groupOf(...(people as [Person]))
    const { data } = await (people[0] as Person).api.chats({ id }).invites.post({})
    const any = <T>(list: readonly T[]) => list[Math.floor(Math.random() * list.length)] as T
    const step = () => {
      const group = any(people).api.chats({ id })
      const user_id = any(people).id
      return any([
        () => group.members.post({ participants: [user_id] }),
        () => group.members({ user_id }).delete(),
        () => group.members({ user_id }).patch({ role: any(['owner', 'admin', 'member'] as const) }),
        () => group.leave.post(),
        () => group.owner.post({ user_id }),
        () => any(people).api.invites({ code: data!.code }).post(),
      ])()
    }
    for (let i = 0; i < 20; i++) {
      const answers = await Promise.all(Array.from({ length: 10 }, step))
      for (const { status } of answers) expect(status).toBeOneOf([200, 403, 404, 409, 422])
      const membership = (await w.stores.chats.memberships([id]))[0]
      if (!membership) break
      expect(membership.members.filter(({ role }) => role === 'owner').length).toBeGreaterThan(0)
      const insider = people.find(person => person.id === membership.members[0]?.user_id) as Person
      expect((await insider.api.chats({ id }).get()).data?.member_count).toBe(membership.members.length)
      const roles = Object.fromEntries(membership.members.map(({ user_id, role }) => [user_id, role]))
      expect(await rolesOf(insider, id)).toEqual(roles)
    }
  })
})
