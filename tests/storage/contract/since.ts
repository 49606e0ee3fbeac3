// The contract of catching up: a part of the changes suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { StoredMessage } from '../../../src/messages/store'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, newGroup, said, T1, T2, text, upTo, withStores, type Open } from './samples'

/** Numbers that look random and are the same in every run. */
export function dice(seed = 7) {
  let state = seed
  return (sides: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

/** Writes a new message, or changes one of the first `known` in some way. */
async function step({ messages }: Stores, chat: string, throwDice: (sides: number) => number) {
  const { last_seq } = await messages.head(chat)
  if (last_seq === 0 || throwDice(2) === 0) return messages.append(text(chat, newId()))
  const [message] = await messages.above(chat, throwDice(last_seq), 1)
  const patch = [{ pinned_at: T1 }, { content: '', deleted_at: T2 }, { content: `${throwDice(99)}` }]
  return messages.change(chat, message?.id ?? '', () => ({ ...patch[throwDice(3)], updated_at: T2 }))
}

const byRev = (a: StoredMessage, b: StoredMessage) => a.rev - b.rev
const bySeq = (a: StoredMessage, b: StoredMessage) => a.seq - b.seq

export function sinceContract(open: Open) {
  const it = withStores(open)

  it('tells new messages after a rev in a chat without changes', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    await atOnce(10, () => said(stores, text(chat, ann)))
    const since = async (rev: number, limit: number) =>
      (await stores.messages.changes(chat, rev, limit)).map(message => message.rev)
    expect(await since(0, 100)).toEqual(upTo(10))
    expect(await since(0, 3)).toEqual([1, 2, 3])
    expect(await since(8, 100)).toEqual([9, 10])
    expect(await since(10, 100)).toEqual([])
    expect(await since(Number.MAX_SAFE_INTEGER, 100)).toEqual([])
  })

  it('tells a changed message once, at its present rev, tombstones included', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const [first] = await atOnce(3, () => said(stores, text(chat, ann)))
    const change = (patch: Partial<StoredMessage>) =>
      stores.messages.change(chat, first?.id ?? '', () => ({ ...patch, updated_at: T2 }))
    await change({ pinned_at: T1 })
    await said(stores, text(chat, ann))
    await change({ content: '', deleted_at: T2, delete_reason: 'deleted' })
    const since = async (rev: number) =>
      (await stores.messages.changes(chat, rev, 100)).map(({ rev, seq, deleted_at }) => [
        rev,
        seq,
        deleted_at,
      ])
    const tail = [
      [5, 4, null],
      [6, 1, T2],
    ]
    expect(await since(0)).toEqual([[2, 2, null], [3, 3, null], ...tail])
    expect(await since(3)).toEqual(tail)
    expect(await since(4)).toEqual(tail)
    expect(await since(5)).toEqual(tail.slice(1))
    expect(await since(6)).toEqual([])
  })

  it('passes over nothing where new messages end and changes begin', async stores => {
    const chat = await newGroup(stores)
    const sent = await atOnce(3, () => said(stores, text(chat, newId())))
    await stores.messages.change(chat, sent[0]?.id ?? '', () => ({ pinned_at: T1, updated_at: T2 }))
    for (const since of [0, 1, 2, 3, 4]) {
      for (const limit of [1, 2, 3, 4]) {
        const page = await stores.messages.changes(chat, since, limit)
        const wanted = [2, 3, 4].filter(rev => rev > since).slice(0, limit)
        expect(page.map(message => message.rev)).toEqual(wanted)
      }
    }
  })

  it('tells nothing of other chats and unknown ones', async stores => {
    const [chat, other] = [await newGroup(stores), await newGroup(stores)]
    await said(stores, text(other, newId()))
    expect(await stores.messages.changes(chat, 0, 10)).toEqual([])
    expect(await stores.messages.changes(newId(), 0, 10)).toEqual([])
  })

  it('tells just what has a greater rev, from every place, in pages of every size', async stores => {
    const chat = await newGroup(stores)
    await atOnce(8, () => said(stores, text(chat, newId())))
    const throwDice = dice()
    for (let i = 0; i < 40; i++) await step(stores, chat, throwDice)
    const present = (await stores.messages.above(chat, 0, 100)).toSorted(byRev)
    const { rev: last } = await stores.messages.head(chat)
    for (let since = 0; since <= last; since++) {
      const wanted = present.filter(message => message.rev > since)
      for (const limit of [1, 4, 7, 100]) {
        expect(await stores.messages.changes(chat, since, limit)).toEqual(wanted.slice(0, limit))
      }
    }
  })

  it('lets readers who go on from what they were given miss nothing of 200 writes', async stores => {
    const chat = await newGroup(stores)
    let writing = true
    const readers = [1, 5, 300].map(limit => follow(stores, chat, limit, () => writing))
    await atOnce(8, async i => {
      const throwDice = dice(i + 1)
      for (let n = 0; n < 25; n++) await step(stores, chat, throwDice)
    })
    writing = false
    const present = await stores.messages.above(chat, 0, 1_000)
    expect(await stores.messages.head(chat)).toEqual({ last_seq: present.length, rev: 200 })
    for (const assembled of await Promise.all(readers)) expect(assembled).toEqual(present)
  })
}

/** What a reader knows who asks again and again, and once more when nobody writes any longer. */
async function follow({ messages }: Stores, chat: string, limit: number, isWriting: () => boolean) {
  const known = new Map<string, StoredMessage>()
  let rev = 0
  for (;;) {
    const isLast = !isWriting()
    const page = await messages.changes(chat, rev, limit)
    for (const message of page) {
      expect(message.rev).toBeGreaterThan(rev)
      rev = message.rev
      known.set(message.id, message)
    }
    if (isLast && page.length === 0) return [...known.values()].toSorted(bySeq)
    await Bun.sleep(0)
  }
}
