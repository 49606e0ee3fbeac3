// The contract of what is a member's alone, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { hiddenContract } from './hidden'
import { movedContract } from './moved'
import { toldContract } from './told'
import { atOnce, membershipOf, newGroup, said, T1, T2, text, withStores, type Open } from './samples'

export function mineContract(open: Open) {
  describe('what is mine alone', () => {
    settingsContract(open)
    filterContract(open)
    deliveredContract(open)
    hiddenContract(open)
    movedContract(open)
    toldContract(open)
  })
}

const myOwn = async ({ chats }: Stores, chat: string, who: string) =>
  (await membershipOf(chats, chat))?.members.find(each => each.user_id === who)

function settingsContract(open: Open) {
  const it = withStores(open)

  it('changes the fields given, of this member only', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const [before, others] = [await myOwn(stores, chat, bob), await myOwn(stores, chat, ann)]
    const set = { muted_until: T2, pinned: true, archived: true, draft: 'Dear Ann 👋', draft_at: T1 }
    const first = await stores.chats.setMine(chat, bob, set)
    expect(first).toEqual({ ...before!, ...set, my_no: first!.my_no })
    expect(first?.my_no).toBeGreaterThan(0)
    expect(await myOwn(stores, chat, bob)).toEqual(first!)
    const second = await stores.chats.setMine(chat, bob, {
      pinned: false,
      muted_until: null,
      draft: undefined,
    })
    expect(second).toEqual({ ...first!, pinned: false, muted_until: null, my_no: second!.my_no })
    expect(second?.my_no).toBeGreaterThan(first!.my_no)
    const third = await stores.chats.setMine(chat, bob, { draft: null, draft_at: null, archived: false })
    expect(third).toMatchObject({ draft: null, draft_at: null, archived: false })
    expect((await stores.chats.listed(bob, chat))?.my).toEqual(third!)
    expect(await myOwn(stores, chat, ann)).toEqual(others!)
  })

  it('answers the record for nothing to change, and null to those who are no members', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    expect(await stores.chats.setMine(chat, ann, {})).toMatchObject({ user_id: ann, pinned: false })
    expect(await stores.chats.setMine(chat, newId(), { pinned: true })).toBeNull()
    expect(await stores.chats.setMine(newId(), ann, { pinned: true })).toBeNull()
  })
}

function filterContract(open: Open) {
  const it = withStores(open)

  it('lists archived and pinned chats by themselves, or leaves them out', async stores => {
    const ann = newId()
    const chats = await atOnce(4, () => newGroup(stores, ann))
    const [none = '', archived = '', pinned = '', both = ''] = chats
    for (const id of [archived, both]) await stores.chats.setMine(id, ann, { archived: true })
    for (const id of [pinned, both]) await stores.chats.setMine(id, ann, { pinned: true })
    const list = async (filter: { archived?: boolean; pinned?: boolean }) => {
      const listed = await stores.chats.list(ann, { limit: 10, ...filter })
      return listed.map(each => each.chat.id).toSorted()
    }
    expect(await list({})).toEqual(chats.toSorted())
    expect(await list({ archived: true })).toEqual([archived, both].toSorted())
    expect(await list({ archived: false })).toEqual([none, pinned].toSorted())
    expect(await list({ pinned: true })).toEqual([pinned, both].toSorted())
    expect(await list({ pinned: false })).toEqual([none, archived].toSorted())
    expect(await list({ archived: false, pinned: true })).toEqual([pinned])
    expect(await list({ archived: true, pinned: false })).toEqual([archived])
  })

  it('pages through what a filter keeps', async stores => {
    const ann = newId()
    const chats = await atOnce(9, () => newGroup(stores, ann))
    const kept = chats
      .filter((_, i) => i % 2 === 0)
      .toSorted()
      .toReversed()
    for (const id of kept) await stores.chats.setMine(id, ann, { pinned: true })
    const paged = []
    for (;;) {
      const page = await stores.chats.list(ann, { after: paged.at(-1)?.chat, limit: 2, pinned: true })
      if (page.length === 0) break
      paged.push(...page)
    }
    expect(paged.map(each => each.chat.id)).toEqual(kept)
  })
}

function deliveredContract(open: Open) {
  const it = withStores(open)

  async function five(stores: Stores) {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    await atOnce(5, () => said(stores, text(chat, ann)))
    return { bob, chat }
  }

  it('moves the delivered position forward, at most to the head', async stores => {
    const { bob, chat } = await five(stores)
    const delivered = (seq: number) => stores.chats.markDelivered(chat, bob, seq)
    expect([await delivered(3), await delivered(2), await delivered(0)]).toEqual([3, 3, 3])
    expect(await myOwn(stores, chat, bob)).toMatchObject({ delivered_seq: 3, read_seq: 0 })
    expect(await delivered(99)).toBe(5)
    expect(await stores.chats.listed(bob, chat)).toMatchObject({ my: { delivered_seq: 5 }, unread_count: 5 })
  })

  it('is moved along by reading, and stays when reading goes back', async stores => {
    const { bob, chat } = await five(stores)
    await stores.chats.markRead(chat, bob, 4)
    expect(await myOwn(stores, chat, bob)).toMatchObject({ read_seq: 4, delivered_seq: 4 })
    await stores.chats.markRead(chat, bob, 1)
    expect(await myOwn(stores, chat, bob)).toMatchObject({ read_seq: 1, delivered_seq: 4 })
    expect(await stores.chats.markDelivered(chat, bob, 2)).toBe(4)
  })

  it('ends at the farthest of many marks at once', async stores => {
    const { bob, chat } = await five(stores)
    await atOnce(30, i => stores.chats.markDelivered(chat, bob, i % 5))
    expect(await myOwn(stores, chat, bob)).toMatchObject({ delivered_seq: 4 })
  })

  it('answers null to those who are no members', async stores => {
    const { bob, chat } = await five(stores)
    expect(await stores.chats.markDelivered(chat, newId(), 1)).toBeNull()
    expect(await stores.chats.markDelivered(newId(), bob, 1)).toBeNull()
  })
}
