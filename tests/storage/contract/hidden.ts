// The contract of messages deleted for oneself: a part of the suite of what is mine alone.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { StoredMessage } from '../../../src/messages/store'
import type { Stores } from '../../../src/storage/stores'
import { newGroup, said, T2, text, withStores, type Open } from './samples'

/** Ann wrote the messages 1, 3 and 5, Bob 2, 4 and 6. */
async function talk(stores: Stores) {
  const [ann, bob] = [newId(), newId()]
  const chat = await newGroup(stores, ann, bob)
  const sent: StoredMessage[] = []
  for (const sender of [ann, bob, ann, bob, ann, bob]) {
    sent.push(await said(stores, text(chat, sender, `${sent.length + 1}`)))
  }
  const hide = (who: string, seq: number) =>
    stores.chats.hideMessage(who, { chat_id: chat, message_id: sent[seq - 1]?.id ?? '', seq })
  const remove = (seq: number) =>
    stores.messages.change(chat, sent[seq - 1]?.id ?? '', () => ({ deleted_at: T2, updated_at: T2 }))
  const unread = async (who: string) => (await stores.chats.listed(who, chat))?.unread_count
  const last = async (who: string) => (await stores.chats.listed(who, chat))?.last_message?.seq
  return { ann, bob, chat, sent, hide, remove, unread, last }
}

export function hiddenContract(open: Open) {
  const it = withStores(open)

  it('tells the places hidden from this member, ascending, in a range', async stores => {
    const { ann, bob, chat, hide } = await talk(stores)
    for (const seq of [5, 2, 4, 2]) expect(await hide(bob, seq)).toBeTrue()
    const hidden = (who: string, from: number, to: number) => stores.chats.hiddenSeqs(chat, who, from, to)
    expect(await hidden(bob, 1, 6)).toEqual([2, 4, 5])
    expect(await hidden(bob, 2, 4)).toEqual([2, 4])
    expect(await hidden(bob, 3, 3)).toEqual([])
    expect(await hidden(bob, 0, Number.MAX_SAFE_INTEGER)).toEqual([2, 4, 5])
    expect(await hidden(ann, 1, 6)).toEqual([])
    expect(await stores.chats.hiddenSeqs(newId(), bob, 1, 6)).toEqual([])
  })

  it('tells who has hidden a message', async stores => {
    const { ann, bob, chat, hide } = await talk(stores)
    await hide(bob, 1)
    await hide(bob, 4)
    await hide(ann, 4)
    const by = async (...seqs: number[]) =>
      (await stores.chats.hiddenBy(chat, seqs)).toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1))
    expect(await by(1)).toEqual([{ user_id: bob, seq: 1 }])
    expect(await by(4, 5)).toEqual([ann, bob].toSorted().map(user_id => ({ user_id, seq: 4 })))
    expect(await by(2, 3)).toEqual([])
    expect(await by()).toEqual([])
    expect(await stores.chats.hiddenBy(newId(), [1])).toEqual([])
  })

  it('tells which of some messages this person has hidden', async stores => {
    const { ann, bob, sent, hide } = await talk(stores)
    const other = await talk(stores)
    await hide(bob, 2)
    await hide(bob, 5)
    await other.hide(other.ann, 1)
    const all = [...sent, ...other.sent].map(({ chat_id, id }) => ({ chat_id, id }))
    const idOf = (seq: number) => sent[seq - 1]?.id ?? ''
    const among = (who: string, some: typeof all) => stores.chats.hiddenAmong(who, some)
    expect((await among(bob, all)).toSorted()).toEqual([idOf(2), idOf(5)].toSorted())
    const strange = { chat_id: sent[0]?.chat_id ?? '', id: newId() }
    expect(await among(bob, [...all.slice(4, 5), strange])).toEqual([idOf(5)])
    expect(await among(ann, all)).toEqual([])
    expect(await among(other.ann, all)).toEqual([other.sent[0]?.id ?? ''])
    expect(await among(bob, [])).toEqual([])
  })

  it('hides nothing from those who are no members', async stores => {
    const { chat, sent, hide } = await talk(stores)
    const stranger = newId()
    expect(await hide(stranger, 1)).toBeFalse()
    expect(await stores.chats.hiddenSeqs(chat, stranger, 0, 9)).toEqual([])
    const elsewhere = { chat_id: newId(), message_id: sent[0]?.id ?? '', seq: 1 }
    expect(await stores.chats.hideMessage(stranger, elsewhere)).toBeFalse()
  })

  it('takes no rev, and leaves the message to the others', async stores => {
    const { ann, bob, chat, sent, hide, unread } = await talk(stores)
    await hide(bob, 5)
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 6, rev: 6 })
    expect(await stores.messages.byId(chat, sent[4]?.id ?? '')).toEqual(sent[4]!)
    expect(await unread(ann)).toBe(3)
  })

  it('does not count hidden messages, my own, deleted and read ones among them, twice', async stores => {
    const { bob, chat, hide, remove, unread } = await talk(stores)
    expect(await unread(bob)).toBe(3)
    await hide(bob, 3)
    await hide(bob, 3)
    expect(await unread(bob)).toBe(2)
    await hide(bob, 4)
    expect(await unread(bob)).toBe(2)
    await remove(3)
    expect(await unread(bob)).toBe(2)
    await remove(5)
    expect(await unread(bob)).toBe(1)
    await hide(bob, 5)
    expect(await unread(bob)).toBe(1)
    await hide(bob, 1)
    expect(await unread(bob)).toBe(0)
    await stores.chats.markRead(chat, bob, 4)
    expect(await unread(bob)).toBe(0)
    await said(stores, text(chat, newId()))
    expect(await unread(bob)).toBe(1)
  })

  it('counts exactly while the read position moves over hidden messages', async stores => {
    const { bob, chat, hide, unread } = await talk(stores)
    await hide(bob, 3)
    for (const [seq, count] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [5, 0],
      [0, 2],
    ] as const) {
      await stores.chats.markRead(chat, bob, seq)
      expect(await unread(bob)).toBe(count)
    }
  })

  it('shows the newest message that is not hidden as the last one', async stores => {
    const { ann, bob, chat, hide, remove, last } = await talk(stores)
    await hide(bob, 6)
    expect([await last(bob), await last(ann)]).toEqual([5, 6])
    await hide(bob, 5)
    expect(await last(bob)).toBe(4)
    const [listed] = await stores.chats.list(bob, { limit: 9 })
    expect(listed?.last_message).toMatchObject({ seq: 4, content: '4' })
    await remove(4)
    expect(await last(bob)).toBe(4)
    for (const seq of [1, 2, 3, 4]) await hide(bob, seq)
    expect(await last(bob)).toBeUndefined()
    await said(stores, text(chat, ann))
    expect(await last(bob)).toBe(7)
  })
}
