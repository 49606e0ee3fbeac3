// The contract of chats that a member cleared: a part of the chat list.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { membershipOf, pair, text, withStores, type Open } from './samples'

export function clearedContract(open: Open) {
  const it = withStores(open)

  async function privateChat({ chats, messages }: Stores) {
    const [ann, bob] = [newId(), newId()]
    const { chat } = await chats.createPrivate(...pair(ann, bob))
    await messages.append(text(chat.id, ann, 'One'))
    await messages.append(text(chat.id, ann, 'Two'))
    return { ann, bob, id: chat.id }
  }

  it('takes a cleared chat off the list of this member only', async stores => {
    const { ann, bob, id } = await privateChat(stores)
    await stores.chats.clearFor(id, bob)
    await stores.chats.clearFor(id, bob)
    expect(await stores.chats.list(bob, { limit: 10 })).toEqual([])
    expect(await stores.chats.chatIdsOf(bob)).toEqual([id])
    expect(await stores.chats.listed(bob, id)).toMatchObject({
      my: { hidden: true, cleared_seq: 2 },
      last_message: null,
      unread_count: 0,
    })
    expect(await stores.chats.list(ann, { limit: 10 })).toMatchObject([{ last_message: { seq: 2 } }])
  })

  it('brings a cleared chat back with the next message, and with that message only', async stores => {
    const { ann, bob, id } = await privateChat(stores)
    await stores.chats.clearFor(id, bob)
    await stores.messages.append(text(id, ann, 'Three'))
    expect(await stores.chats.list(bob, { limit: 10 })).toMatchObject([
      { my: { hidden: false, cleared_seq: 2 }, last_message: { seq: 3, content: 'Three' }, unread_count: 1 },
    ])
  })

  it('brings a cleared chat back with a message of my own', async stores => {
    const { bob, id } = await privateChat(stores)
    await stores.chats.clearFor(id, bob)
    await stores.messages.append(text(id, bob, 'Three'))
    expect(await stores.chats.list(bob, { limit: 10 })).toMatchObject([
      { last_message: { seq: 3 }, unread_count: 0 },
    ])
  })

  it('hides again what is cleared again', async stores => {
    const { ann, bob, id } = await privateChat(stores)
    await stores.chats.clearFor(id, bob)
    await stores.messages.append(text(id, ann, 'Three'))
    await stores.chats.clearFor(id, bob)
    expect(await stores.chats.list(bob, { limit: 10 })).toEqual([])
    expect(await stores.chats.listed(bob, id)).toMatchObject({ my: { cleared_seq: 3 }, last_message: null })
  })

  it('puts a chat back on the list while what was cleared stays cleared', async stores => {
    const { bob, id } = await privateChat(stores)
    await stores.chats.clearFor(id, bob)
    await stores.chats.unhide(id, bob)
    await stores.chats.unhide(id, bob)
    expect(await stores.chats.list(bob, { limit: 10 })).toMatchObject([
      { my: { hidden: false, cleared_seq: 2 }, last_message: null, unread_count: 0 },
    ])
  })

  it('clears and unhides nothing for strangers', async stores => {
    const { ann, bob, id } = await privateChat(stores)
    const before = await membershipOf(stores.chats, id)
    await stores.chats.clearFor(id, newId())
    await stores.chats.unhide(id, newId())
    await stores.chats.clearFor(newId(), ann)
    await stores.chats.unhide(newId(), bob)
    expect(await membershipOf(stores.chats, id)).toEqual(before)
  })
}
