// The contract of changing chats, and of those whose messages expire: a part of the chats suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { atOnce, group, membershipOf, T1, T2, text, withStores, type Open } from './samples'

export function chatEditsContract(open: Open) {
  const it = withStores(open)

  it('changes the fields given and the time', async ({ chats }) => {
    const [chat, members] = group([newId()], { group_avatar: 'https://example.com/g.png' })
    const stored = await chats.createGroup(chat, members)
    const renamed = { ...stored, group_name: 'Chess', updated_at: T1 }
    expect(await chats.update(chat.id, { group_name: 'Chess', group_avatar: undefined }, T1)).toEqual(renamed)
    const bare = { ...renamed, group_avatar: null }
    expect(await chats.update(chat.id, { group_avatar: null }, T1)).toEqual(bare)
    expect((await membershipOf(chats, chat.id))?.chat).toEqual(bare)
  })

  it('answers null for an unknown chat', async ({ chats }) => {
    expect(await chats.update(newId(), { group_name: 'Chess' }, T1)).toBeNull()
  })

  it('keeps how long messages stay, and how far they have expired', async ({ chats, messages }) => {
    const ann = newId()
    const chat = await chats.createGroup(...group([ann]))
    await messages.append(text(chat.id, ann, 'Hello', { created_at: T1 }))
    const head = { last_seq: 1, rev: 1, activity_at: T1 }
    const expiring = { ...chat, ...head, retention_seconds: 60, updated_at: T1 }
    expect(await chats.update(chat.id, { retention_seconds: 60 }, T1)).toEqual(expiring)
    const expired = { ...expiring, expired_seq: 1, updated_at: T2 }
    expect(await chats.update(chat.id, { expired_seq: 1 }, T2)).toEqual(expired)
    expect((await membershipOf(chats, chat.id))?.chat).toEqual(expired)
    const lasting = { ...expired, retention_seconds: null }
    expect(await chats.update(chat.id, { retention_seconds: null }, T2)).toEqual(lasting)
  })

  it('tells the chats whose messages expire, and no others', async ({ chats }) => {
    const created = await atOnce(5, () => chats.createGroup(...group([newId()])))
    const [a = '', b = '', c = ''] = created.map(chat => chat.id)
    expect(await chats.retaining()).toEqual([])
    for (const id of [a, b, c]) await chats.update(id, { retention_seconds: 3_600 }, T1)
    await chats.update(a, { retention_seconds: null }, T1)
    await chats.delete(b)
    const [kept] = created.filter(chat => chat.id === c)
    expect(await chats.retaining()).toEqual([{ ...kept!, retention_seconds: 3_600, updated_at: T1 }])
  })
}
