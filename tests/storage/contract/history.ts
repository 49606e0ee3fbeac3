// The contract of reading messages: a part of the messages suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { group, T0, T1, T2, text, upTo, withStores, type Open } from './samples'

async function chatOf({ chats, messages }: Stores, count: number) {
  const ann = newId()
  const { id } = await chats.createGroup(...group([ann]))
  await Promise.all(upTo(count).map(i => messages.append(text(id, ann, `Message ${i}`))))
  return id
}

const seqsOf = (messages: { seq: number }[]) => messages.map(message => message.seq)

export function historyContract(open: Open) {
  const it = withStores(open)

  it('finds a message by its id in its own chat only', async stores => {
    const ann = newId()
    const [chat, other] = [await chatOf(stores, 0), await chatOf(stores, 3)]
    const sent = await stores.messages.append(text(chat, ann, 'Here'))
    const id = sent?.message.id ?? ''
    expect(await stores.messages.byId(chat, id)).toEqual(sent?.message ?? null)
    expect(await stores.messages.byId(other, id)).toBeNull()
    expect(await stores.messages.byId(chat, newId())).toBeNull()
    expect(await stores.messages.chatOf(id, [other, chat])).toBe(chat)
    expect(await stores.messages.chatOf(id, [other])).toBeNull()
    expect(await stores.messages.chatOf(id, [])).toBeNull()
    expect(await stores.messages.chatOf(newId(), [other, chat])).toBeNull()
  })

  it('reads the newest messages below a place, ascending', async stores => {
    const chat = await chatOf(stores, 10)
    const below = async (...range: [number, number, number]) =>
      seqsOf(await stores.messages.below(chat, ...range))
    expect(await below(11, 0, 3)).toEqual([8, 9, 10])
    expect(await below(Number.MAX_SAFE_INTEGER, 0, 100)).toEqual(upTo(10))
    expect(await below(8, 0, 3)).toEqual([5, 6, 7])
    expect(await below(1, 0, 3)).toEqual([])
    expect(await below(0, 0, 3)).toEqual([])
  })

  it('reads nothing at or under the floor', async stores => {
    const chat = await chatOf(stores, 10)
    const below = async (...range: [number, number, number]) =>
      seqsOf(await stores.messages.below(chat, ...range))
    expect(await below(11, 8, 5)).toEqual([9, 10])
    expect(await below(8, 4, 2)).toEqual([6, 7])
    expect(await below(5, 4, 5)).toEqual([])
    expect(await below(11, 10, 5)).toEqual([])
  })

  it('reads the oldest messages above a place, ascending', async stores => {
    const chat = await chatOf(stores, 10)
    const above = async (place: number, limit: number) =>
      seqsOf(await stores.messages.above(chat, place, limit))
    expect(await above(0, 3)).toEqual([1, 2, 3])
    expect(await above(7, 3)).toEqual([8, 9, 10])
    expect(await above(8, 3)).toEqual([9, 10])
    expect(await above(10, 3)).toEqual([])
    expect(await above(Number.MAX_SAFE_INTEGER, 3)).toEqual([])
  })

  it('reads nothing of other chats', async stores => {
    const [chat, other] = [await chatOf(stores, 2), await chatOf(stores, 5)]
    expect(seqsOf(await stores.messages.above(chat, 0, 100))).toEqual([1, 2])
    expect(seqsOf(await stores.messages.below(other, 100, 0, 100))).toEqual(upTo(5))
  })

  it('tells the newest seq and rev; zeros in an empty or unknown chat', async stores => {
    const head = async (chat: string) => stores.messages.head(chat)
    expect(await head(await chatOf(stores, 0))).toEqual({ last_seq: 0, rev: 0 })
    expect(await head(await chatOf(stores, 4))).toEqual({ last_seq: 4, rev: 4 })
    expect(await head(newId())).toEqual({ last_seq: 0, rev: 0 })
  })

  it('finds many messages by their ids in their own chat only', async stores => {
    const [chat, other] = [await chatOf(stores, 3), await chatOf(stores, 3)]
    const here = await stores.messages.above(chat, 0, 10)
    const there = await stores.messages.above(other, 0, 10)
    const ids = [...here.slice(1), ...there].map(message => message.id)
    const found = await stores.messages.byIds(chat, [newId(), ...ids, ids[0] ?? ''])
    expect(found.toSorted((a, b) => a.seq - b.seq)).toEqual(here.slice(1))
    expect(await stores.messages.byIds(chat, [])).toEqual([])
    expect(await stores.messages.byIds(newId(), ids)).toEqual([])
  })

  it('finds many messages by their names in several chats', async stores => {
    const [chat, other] = [await chatOf(stores, 3), await chatOf(stores, 3)]
    const here = await stores.messages.above(chat, 0, 2)
    const there = await stores.messages.above(other, 0, 1)
    const named = [...here, ...there].map(({ chat_id, id }) => ({ chat_id, id }))
    const strange = [
      { chat_id: chat, id: newId() },
      { chat_id: chat, id: there[0]?.id ?? '' },
    ]
    const found = await stores.messages.several([...strange, ...named, ...named])
    expect(found.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([...here, ...there])
    expect(await stores.messages.several([])).toEqual([])
  })

  it('reads pinned messages, the one pinned last first, of one chat', async stores => {
    const [chat, other] = [await chatOf(stores, 4), await chatOf(stores, 1)]
    const pin = async (where: string, seq: number, pinned_at: string | null) => {
      const [message] = await stores.messages.above(where, seq - 1, 1)
      const patch = { pinned_at, updated_at: T2 }
      return (await stores.messages.change(where, message?.id ?? '', () => patch))?.message
    }
    expect(await stores.messages.pins(chat)).toEqual([])
    const [third, first, second] = [await pin(chat, 3, T0), await pin(chat, 1, T2), await pin(chat, 2, T1)]
    await pin(other, 1, T1)
    expect(await stores.messages.pins(chat)).toEqual([first, second, third].flatMap(each => each ?? []))
    await pin(chat, 1, null)
    expect(seqsOf(await stores.messages.pins(chat))).toEqual([2, 3])
    expect(await stores.messages.pins(newId())).toEqual([])
  })
}
