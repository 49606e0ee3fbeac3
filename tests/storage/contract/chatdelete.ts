// The contract of deleting chats: a part of the chats suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { atOnce, group, member, membershipOf, T1, text, withStores, type Open } from './samples'

export function chatDeleteContract(open: Open) {
  const it = withStores(open)

  it('makes a chat unknown to everything at once', async ({ chats, messages }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    await messages.append(text(id, ann))
    expect(await chats.delete(id)).toBeTrue()
    expect(await membershipOf(chats, id)).toBeNull()
    expect(await chats.memberships([id])).toEqual([])
    expect(await chats.listed(ann, id)).toBeNull()
    expect(await chats.list(ann, { limit: 10 })).toEqual([])
    expect(await chats.chatIdsOf(ann)).toEqual([])
    expect(await chats.update(id, { group_name: 'x' }, T1)).toBeNull()
    expect(await chats.addMembers(id, [member(newId())], 10)).toBeNull()
    expect(await chats.removeMember(id, bob)).toBe('absent')
    expect(await chats.setRole(id, bob, 'admin')).toBe('absent')
    expect(await chats.markRead(id, bob, 1)).toBeNull()
    await chats.clearFor(id, bob)
    await chats.unhide(id, bob)
    expect(await chats.setMine(id, bob, { pinned: true })).toBeNull()
    expect(await chats.markDelivered(id, bob, 1)).toBeNull()
    expect(await chats.hideMessage(bob, { chat_id: id, message_id: newId(), seq: 1 })).toBeFalse()
    expect((await chats.movedSince(bob, 0)).members).toEqual([])
    expect(await membershipOf(chats, id)).toBeNull()
  })

  it('removes the messages soon, and those of no other chat', async ({ chats, messages }) => {
    const ann = newId()
    const [gone, kept] = await atOnce(2, () => chats.createGroup(...group([ann])))
    const sent = text(gone?.id ?? '', ann)
    await messages.append(sent)
    await atOnce(100, () => messages.append(text(gone?.id ?? '', ann)))
    await messages.append(text(kept?.id ?? '', ann))
    await chats.delete(gone?.id ?? '')
    const left = () => messages.above(gone?.id ?? '', 0, 200)
    for (let i = 0; i < 500 && (await left()).length > 0; i++) await Bun.sleep(10)
    expect(await left()).toEqual([])
    expect(await messages.byId(sent.chat_id, sent.id)).toBeNull()
    expect(await messages.head(kept?.id ?? '')).toEqual({ last_seq: 1, rev: 1 })
    expect(await messages.above(kept?.id ?? '', 0, 10)).toHaveLength(1)
  })

  it('answers true once, then false', async ({ chats }) => {
    const { id } = await chats.createGroup(...group([newId()]))
    const answers = await atOnce(5, () => chats.delete(id))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await chats.delete(newId())).toBeFalse()
  })
}
