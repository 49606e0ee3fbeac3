// The contract of personal numbers: a part of the suite of what is mine alone.
import { expect } from 'bun:test'
import type { ChatStore, Moved } from '../../../src/chats/store'
import { newId } from '../../../src/lib/ids'
import { atOnce, membershipOf, newGroup, said, T1, text, withStores, type Open } from './samples'

const chatsIn = ({ members }: Moved) => members.map(my => my.chat_id)
const placesIn = ({ hidden }: Moved) => hidden.map(message => message.seq).toSorted((a, b) => a - b)

export function movedContract(open: Open) {
  const it = withStores(open)

  it('tells nothing where nothing moved', async stores => {
    const ann = newId()
    await newGroup(stores, ann)
    expect(await stores.chats.movedSince(ann, 0)).toEqual({ no: 0, members: [], hidden: [] })
    expect(await stores.chats.movedSince(newId(), 0)).toEqual({ no: 0, members: [], hidden: [] })
  })

  it('tells every kind of change once, to the person alone, in the present state', async stores => {
    const { chats } = stores
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const sent = await said(stores, text(chat, ann))
    const ways: ((chats: ChatStore) => Promise<unknown>)[] = [
      () => chats.setMine(chat, bob, { pinned: true }),
      () => chats.setMine(chat, bob, { draft: 'Dear Ann', draft_at: T1 }),
      () => chats.markRead(chat, bob, 1),
      () => chats.clearFor(chat, bob),
      () => chats.unhide(chat, bob),
    ]
    let { no } = await chats.movedSince(bob, 0)
    for (const move of ways) {
      await move(chats)
      const moved = await chats.movedSince(bob, no)
      expect(moved.no).toBeGreaterThan(no)
      const mine = (await membershipOf(chats, chat))?.members.find(each => each.user_id === bob)
      expect(moved).toEqual({ no: mine!.my_no, members: [mine!], hidden: [] })
      no = moved.no
      expect(await chats.movedSince(bob, no)).toEqual({ no, members: [], hidden: [] })
    }
    const message = { chat_id: chat, message_id: sent.id, seq: 1 }
    await chats.hideMessage(bob, message)
    const moved = await chats.movedSince(bob, no)
    expect(moved).toEqual({ no: moved.no, members: [], hidden: [message] })
    expect(moved.no).toBeGreaterThan(no)
    await chats.hideMessage(bob, message)
    expect((await chats.movedSince(bob, moved.no)).hidden).toEqual([])
    expect(await chats.movedSince(ann, 0)).toEqual({ no: 0, members: [], hidden: [] })
  })

  it('does not move by what happens to all: messages, changes and deliveries', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const sent = await said(stores, text(chat, ann))
    await stores.messages.change(chat, sent.id, () => ({ pinned_at: T1, updated_at: T1 }))
    await stores.chats.markDelivered(chat, bob, 1)
    expect(await stores.chats.movedSince(bob, 0)).toEqual({ no: 0, members: [], hidden: [] })
  })

  it('tells what moved since, of all my chats', async stores => {
    const ann = newId()
    const [a = '', b = '', c = ''] = await atOnce(3, () => newGroup(stores, ann))
    for (const chat of [a, b, c]) await stores.chats.setMine(chat, ann, { pinned: true })
    const { no } = await stores.chats.movedSince(ann, 0)
    await stores.chats.setMine(b, ann, { archived: true })
    expect(chatsIn(await stores.chats.movedSince(ann, 0)).toSorted()).toEqual([a, b, c].toSorted())
    expect(chatsIn(await stores.chats.movedSince(ann, no))).toEqual([b])
  })

  it('never gives a number twice, when 50 things move at once', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chats = await atOnce(50, () => newGroup(stores, ann, bob))
    const answers = await Promise.all(
      chats.map((chat, i) => stores.chats.setMine(chat, i % 2 ? ann : bob, { pinned: true })),
    )
    for (const who of [ann, bob]) {
      const numbers = answers.flatMap(my => (my?.user_id === who ? my.my_no : []))
      expect(new Set(numbers).size).toBe(25)
      expect((await stores.chats.movedSince(who, 0)).no).toBe(Math.max(...numbers))
    }
  })

  it('lets a device that goes on from its number miss nothing', async stores => {
    const ann = newId()
    const chats = await atOnce(20, () => newGroup(stores, ann))
    await Promise.all(chats.map(chat => said(stores, text(chat, newId()))))
    const known = { drafts: new Map<string, string | null>(), hidden: 0 }
    let writing = true
    const device = follow()
    await atOnce(100, async i => {
      const chat_id = chats[i % 20] ?? ''
      return i % 5 === 4
        ? stores.chats.hideMessage(ann, { chat_id, message_id: newId(), seq: i + 1 })
        : stores.chats.setMine(chat_id, ann, { draft: `${i}`, draft_at: T1 })
    })
    writing = false
    await device
    const present = await stores.chats.movedSince(ann, 0)
    expect(known.drafts).toEqual(new Map(present.members.map(my => [my.chat_id, my.draft])))
    expect(known.hidden).toBe(20)
    expect(placesIn(present)).toHaveLength(20)

    async function follow() {
      let no = 0
      for (;;) {
        const isLast = !writing
        const moved = await stores.chats.movedSince(ann, no)
        for (const my of moved.members) known.drafts.set(my.chat_id, my.draft)
        known.hidden += moved.hidden.length
        no = moved.no
        if (isLast) return
        await Bun.sleep(0)
      }
    }
  })
}
