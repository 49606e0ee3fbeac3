// The contract of settings of groups, newcomers and handing over: a part of the chats suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { group, member, membershipOf, T0, T1, text, withStores, type Open } from './samples'

export function groupRulesContract(open: Open) {
  const it = withStores(open)

  it('keeps who may write and what newcomers see, from the beginning or changed', async ({ chats }) => {
    const settings = { who_may_write: 'admins', history_for_newcomers: 'joined' } as const
    const plain = await chats.createGroup(...group([newId()]))
    expect(plain).toMatchObject({ who_may_write: 'all', history_for_newcomers: 'all' })
    expect(await chats.createGroup(...group([newId()], settings))).toMatchObject(settings)
    expect(await chats.update(plain.id, settings, T1)).toMatchObject({ ...settings, group_name: 'Book club' })
    expect((await membershipOf(chats, plain.id))?.chat).toMatchObject(settings)
  })

  it('hides from newcomers what was before, where the group says so, also from those who come back', async stores => {
    const [ann, bob] = [newId(), newId()]
    const { chats, messages } = stores
    const { id } = await chats.createGroup(...group([ann, bob], { history_for_newcomers: 'joined' }))
    expect(await chats.standingsOf(bob)).toMatchObject([{ cleared_seq: 0 }])
    for (let i = 0; i < 2; i++) await messages.append(text(id, ann))
    await chats.removeMember(id, bob)
    expect(await chats.addMembers(id, [member(bob)], 10)).toMatchObject([
      { read_seq: 2, cleared_seq: 2, hidden: false },
    ])
    expect(await chats.listed(bob, id)).toMatchObject({ last_message: null, unread_count: 0 })
    expect(await chats.list(bob, { limit: 9 })).toHaveLength(1)
    await messages.append(text(id, ann))
    expect(await chats.listed(bob, id)).toMatchObject({ last_message: { seq: 3 }, unread_count: 1 })
    expect(await chats.standingsOf(bob)).toEqual([
      { id, last_seq: 3, rev: 3, role: 'member', cleared_seq: 2, hidden: false, updated_at: T0 },
    ])
    await chats.update(id, { history_for_newcomers: 'all' }, T1)
    expect(await chats.addMembers(id, [member(newId())], 10)).toMatchObject([{ read_seq: 3, cleared_seq: 0 }])
    expect((await membershipOf(chats, id))?.members.find(({ user_id }) => user_id === bob)?.cleared_seq).toBe(
      2,
    )
  })

  it('hands over in one step, once', async ({ chats }) => {
    const [ann = '', bob = '', cy = ''] = [newId(), newId(), newId()].toSorted()
    const { id } = await chats.createGroup(...group([ann, bob, cy]))
    const roles = async () => (await membershipOf(chats, id))?.members.map(({ role }) => role)
    const answers = await Promise.all([chats.handOver(id, ann, bob), chats.handOver(id, ann, cy)])
    expect(answers.toSorted()).toEqual(['changed', 'not_owner'])
    expect((await roles())?.toSorted()).toEqual(['admin', 'member', 'owner'])
    const owner = answers[0] === 'changed' ? bob : cy
    expect(await chats.handOver(id, owner, ann)).toBe('changed')
    expect((await roles())?.[0]).toBe('owner')
    expect(await chats.handOver(id, ann, newId())).toBe('absent')
    expect(await chats.handOver(id, newId(), bob)).toBe('not_owner')
    expect(await chats.handOver(newId(), ann, bob)).toBe('absent')
  })

  it('hands over to one who is an owner already', async ({ chats }) => {
    const [ann = '', bob = ''] = [newId(), newId()].toSorted()
    const { id } = await chats.createGroup(...group([ann, bob]))
    await chats.setRole(id, bob, 'owner')
    expect(await chats.handOver(id, ann, bob)).toBe('changed')
    expect((await membershipOf(chats, id))?.members.map(({ role }) => role)).toEqual(['admin', 'owner'])
    expect(await chats.removeMember(id, bob)).toBe('last_owner')
  })
}
