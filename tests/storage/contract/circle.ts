// The contract of a person's circle, which hears of them at once: a part of the chats suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, group, member, newGroup, pair, T1, withStores, type Open } from './samples'

export function circleContract(open: Open) {
  const it = withStores(open)
  const circleOf = async ({ chats }: Stores, userId: string, max = 100) =>
    (await chats.circleOf(userId, max)).toSorted()

  it('is the others of private chats and small groups, each once, and not oneself', async stores => {
    const { chats } = stores
    const [ann, bob, cleo, dan, eve] = [newId(), newId(), newId(), newId(), newId()]
    await newGroup(stores, ann, bob, cleo)
    await newGroup(stores, bob, ann)
    await chats.createPrivate(...pair(ann, dan))
    await chats.createPrivate(...pair(ann))
    await newGroup(stores, dan, eve)
    expect(await circleOf(stores, ann)).toEqual([bob, cleo, dan].toSorted())
    expect(await circleOf(stores, eve)).toEqual([dan])
    expect(await circleOf(stores, newId())).toEqual([])
  })

  it('leaves out a group beyond the size, from the member on who is one too many', async stores => {
    const { chats } = stores
    const [ann, ...people] = Array.from({ length: 100 }, () => newId()) as [string, ...string[]]
    const { id } = await chats.createGroup(...group([ann, ...people]))
    expect(await circleOf(stores, ann)).toEqual(people.toSorted())
    expect(await circleOf(stores, ann, 99)).toEqual([])
    const late = newId()
    await chats.addMembers(id, [member(late)], 1_000)
    expect(await circleOf(stores, ann)).toEqual([])
    expect(await circleOf(stores, late)).toEqual([])
    await chats.removeMember(id, late)
    expect(await circleOf(stores, ann)).toEqual(people.toSorted())
    expect(await circleOf(stores, late)).toEqual([])
  })

  it('keeps its measure when many join and leave at once', async stores => {
    const { chats } = stores
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    const many = Array.from({ length: 20 }, () => newId())
    await atOnce(20, i => chats.addMembers(id, [member(many[i]!), member(bob)], 1_000))
    await atOnce(10, i => chats.removeMember(id, many[i]!))
    await atOnce(10, i => chats.removeMember(id, many[i]!))
    expect(await circleOf(stores, ann, 12)).toHaveLength(11)
    expect(await circleOf(stores, ann, 11)).toEqual([])
  })

  it('ends with a chat, and keeps who left an account behind in a private one', async stores => {
    const { chats } = stores
    const [ann, bob, cleo] = [newId(), newId(), newId()]
    const { chat } = await chats.createPrivate(...pair(ann, bob))
    const inGroup = await newGroup(stores, ann, cleo)
    await chats.depart(bob, T1)
    expect(await circleOf(stores, ann)).toEqual([bob, cleo].toSorted())
    await chats.delete(inGroup)
    expect(await circleOf(stores, ann)).toEqual([bob])
    await chats.delete(chat.id)
    expect(await circleOf(stores, ann)).toEqual([])
  })
}
