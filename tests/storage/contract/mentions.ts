// The contract of mentions, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { MessagePatch, NewMessage } from '../../../src/messages/store'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, newGroup, said, storedFrom, T2, text, upTo, withStores, type Open } from './samples'

export function mentionsContract(open: Open) {
  describe('mentions', () => {
    listContract(open)
    unreadMentionsContract(open)
  })
}

/** Ann, Bob and Cy in one chat; Bob writes there what mentions Ann, or whom it says. */
async function trio(stores: Stores) {
  const [ann, bob, cy] = [newId(), newId(), newId()]
  const chat = await newGroup(stores, ann, bob, cy)
  const write = (more: Partial<NewMessage> = { mentions: [ann] }, sender = bob) =>
    said(stores, text(chat, sender, '@ann', more))
  const change = (id: string, patch: Partial<MessagePatch>) =>
    stores.messages.change(chat, id, () => ({ ...patch, updated_at: T2 }))
  const seqsFor = async (who: string, below?: string, limit = 100) =>
    (await stores.messages.mentionsOf(who, [chat], { below, limit })).map(message => message.seq)
  const unread = async (who: string) => (await stores.chats.listed(who, chat))?.unread_mentions
  return { ann, bob, cy, chat, write, change, seqsFor, unread }
}

function listContract(open: Open) {
  const it = withStores(open)

  it('are kept with the message', async stores => {
    const { ann, bob, cy, chat } = await trio(stores)
    const sent = text(chat, bob, 'x', { mentions: [ann, cy], mentions_all: true })
    expect(await said(stores, sent)).toEqual(storedFrom(sent, 1))
    expect(await stores.messages.byId(chat, sent.id)).toEqual(storedFrom(sent, 1))
    expect(await stores.messages.mentionsOf(ann, [chat], { limit: 9 })).toEqual([storedFrom(sent, 1)])
    expect((await stores.messages.append({ ...sent, id: newId() }))?.message).toEqual(storedFrom(sent, 1))
  })

  it('leave no gap, and keep the order, among messages without any', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const sent = upTo(60).map(i => text(chat, bob, `${i}`, i % 3 === 0 ? { mentions: [ann] } : {}))
    const answers = await Promise.all(sent.map(message => stores.messages.append(message)))
    expect(answers.map(answer => answer?.message)).toEqual(
      sent.map((message, i) => storedFrom(message, i + 1)),
    )
    const refused = sent.map(message => stores.messages.append({ ...message, mentions: [ann, bob] }))
    expect((await Promise.all(refused)).map(answer => answer?.isNew)).toEqual(sent.map(() => false))
    expect(await stores.messages.mentionsOf(ann, [chat], { limit: 99 })).toHaveLength(20)
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 60, rev: 60 })
  })

  it('find the messages of others that mean me, or all', async stores => {
    const { ann, bob, cy, write, seqsFor } = await trio(stores)
    await write({})
    await write({ mentions: [ann] })
    await write({ mentions: [ann, cy], mentions_all: true })
    await write({ mentions: [ann], mentions_all: true }, ann)
    await write({ mentions: [cy] })
    expect(await seqsFor(ann)).toEqual([3, 2])
    expect(await seqsFor(bob)).toEqual([4])
    expect(await seqsFor(cy)).toEqual([5, 4, 3])
  })

  it('are paged by id, newest first, over all the chats asked for', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chats = await atOnce(3, () => newGroup(stores, ann, bob))
    const sent = await atOnce(30, i => {
      const means = i % 5 === 0 ? { mentions_all: true } : { mentions: [ann] }
      return said(stores, text(chats[i % 3] ?? '', bob, 'x', means))
    })
    const asked = chats.slice(0, 2)
    const ids = sent.flatMap(({ id, chat_id }) => (asked.includes(chat_id) ? id : []))
    const wanted = ids.toSorted().toReversed()
    for (const limit of [1, 7, 20, 100]) {
      const paged: string[] = []
      for (;;) {
        const page = await stores.messages.mentionsOf(ann, asked, { below: paged.at(-1), limit })
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(limit)
        paged.push(...page.map(message => message.id))
      }
      expect(paged).toEqual(wanted)
    }
    expect(await stores.messages.mentionsOf(ann, [], { limit: 9 })).toEqual([])
    expect(await stores.messages.mentionsOf(ann, [newId()], { limit: 9 })).toEqual([])
  })

  it('follow edits and deletions', async stores => {
    const { ann, bob, cy, write, change, seqsFor } = await trio(stores)
    const [first, second, third] = [await write(), await write(), await write({ mentions_all: true })]
    await change(first.id, { content: '@cy', mentions: [cy] })
    expect([await seqsFor(ann), await seqsFor(cy)]).toEqual([
      [3, 2],
      [3, 1],
    ])
    await change(third.id, { mentions_all: false })
    expect([await seqsFor(ann), await seqsFor(cy)]).toEqual([[2], [1]])
    await change(second.id, { pinned_at: T2 })
    expect(await seqsFor(ann)).toEqual([2])
    await change(second.id, { content: '', deleted_at: T2 })
    expect(await seqsFor(ann)).toEqual([])
    await change(third.id, { mentions_all: true, mentions: [bob, ann] })
    expect([await seqsFor(ann), await seqsFor(bob), await seqsFor(cy)]).toEqual([[3], [], [3, 1]])
  })

  it('stay as they were where a change is refused', async stores => {
    const { ann, chat, write, seqsFor } = await trio(stores)
    const sent = await write()
    const refuse = () => {
      throw new Error('No.')
    }
    await expect(stores.messages.change(chat, sent.id, refuse)).rejects.toThrow('No.')
    expect(await seqsFor(ann)).toEqual([1])
  })
}

function unreadMentionsContract(open: Open) {
  const it = withStores(open)

  it('are counted once per unread message of others', async stores => {
    const { ann, bob, cy, chat, write, unread } = await trio(stores)
    expect(await unread(ann)).toBe(0)
    await write({ mentions: [ann], mentions_all: true })
    await write({ mentions: [ann] })
    await write({})
    await write({ mentions: [ann], mentions_all: true }, ann)
    expect([await unread(ann), await unread(bob), await unread(cy)]).toEqual([2, 1, 2])
    for (const [seq, count] of [
      [1, 1],
      [2, 0],
      [0, 2],
    ] as const) {
      await stores.chats.markRead(chat, ann, seq)
      expect(await unread(ann)).toBe(count)
    }
    const [listed] = await stores.chats.list(ann, { limit: 9 })
    expect(listed).toMatchObject({ unread_count: 3, unread_mentions: 2 })
  })

  it('do not count when cleared, deleted, edited away or hidden', async stores => {
    const { ann, chat, write, change, unread } = await trio(stores)
    await write()
    await stores.chats.clearFor(chat, ann)
    expect(await unread(ann)).toBe(0)
    const [a, b, c] = [await write(), await write(), await write({ mentions_all: true })]
    await write()
    expect(await unread(ann)).toBe(4)
    await change(a.id, { content: '', deleted_at: T2 })
    expect(await unread(ann)).toBe(3)
    await change(b.id, { mentions: [] })
    expect(await unread(ann)).toBe(2)
    await stores.chats.hideMessage(ann, { chat_id: chat, message_id: c.id, seq: c.seq })
    expect(await unread(ann)).toBe(1)
  })
}
