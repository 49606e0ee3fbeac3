// Changes by several nodes on one database: numbers that readers can go on from, whoever gave them.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { MessagePatch, StoredMessage } from '../../../src/messages/store'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, newGroup, said, T2, text, upTo } from '../contract/samples'
import { withWorlds } from './world'

const pin: MessagePatch = { pinned_at: T2, updated_at: T2 }

export function mongoChanges(freshUrl: () => string) {
  const it = withWorlds(freshUrl)

  describe('changes on two nodes', () => {
    it('mixes 300 writes of both: no gap, no repeat, and a reader elsewhere misses nothing', async world => {
      const [one, two, elsewhere] = [await world.node(), await world.node(), await world.node()]
      const ann = newId()
      const chat = await newGroup(one, ann)
      const first = await atOnce(10, () => said(one, text(chat, ann)))
      let writing = true
      const reader = follow(elsewhere, chat, () => writing)
      const answers = await atOnce(300, async i => {
        await Bun.sleep(Math.floor(i / 6))
        const { messages } = i % 2 ? one : two
        return i % 3 === 0
          ? messages.append(text(chat, ann, `${i}`))
          : messages.change(chat, first[i % 10]!.id, message => react(message, `${i}`))
      })
      writing = false
      const revs = answers.map(answer => answer?.message.rev ?? 0).toSorted((a, b) => a - b)
      expect(revs).toEqual(upTo(310).slice(10))
      const stored = await one.messages.above(chat, 0, 500)
      expect(stored.map(message => message.seq)).toEqual(upTo(110))
      expect(stored.flatMap(message => message.reactions)).toHaveLength(200)
      expect(await reader).toEqual(stored)
      expect(await two.messages.head(chat)).toEqual({ last_seq: 110, rev: 310 })
    })

    it('gives no number again that a message left behind, by a node that was away', async ({ node }) => {
      const [one, two] = [await node(), await node()]
      const ann = newId()
      const chat = await newGroup(one, ann)
      const [a, b] = [await said(two, text(chat, ann)), await said(two, text(chat, ann))]
      for (let i = 0; i < 5; i++) await one.messages.change(chat, a.id, () => pin)
      const given = (await one.messages.changes(chat, 0, 100)).at(-1)!
      expect(given).toMatchObject({ id: a.id, rev: 7 })
      expect(await two.messages.change(chat, b.id, () => pin)).toMatchObject({ message: { rev: 8 } })
      await one.messages.change(chat, a.id, () => pin)
      await one.messages.change(chat, a.id, () => pin)
      expect(await two.messages.append(text(chat, ann))).toMatchObject({ message: { seq: 3, rev: 11 } })
      expect(await one.messages.head(chat)).toEqual({ last_seq: 3, rev: 11 })
      expect((await one.messages.changes(chat, given.rev, 100)).map(each => each.rev)).toEqual([8, 10, 11])
    })

    it('asks again with what the other made of the message, and takes its no for an answer', async ({
      node,
    }) => {
      const [one, two] = [await node(), await node()]
      const chat = await newGroup(one, newId())
      const sent = await said(one, text(chat, newId()))
      const refusal = new Error('pinned already')
      const pinOnce = ({ pinned_at }: StoredMessage) => {
        if (pinned_at) throw refusal
        return pin
      }
      const answers = await Promise.allSettled(
        [one, two].map(({ messages }) => messages.change(chat, sent.id, pinOnce)),
      )
      expect(answers.map(answer => answer.status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(answers).toContainEqual({ status: 'rejected', reason: refusal })
      expect(await two.messages.head(chat)).toEqual({ last_seq: 1, rev: 2 })
    })

    it('changes nothing in a chat that the other deleted', async ({ node, raw }) => {
      const [one, two] = [await node(), await node()]
      const chat = await newGroup(one, newId())
      const sent = await said(two, text(chat, newId()))
      await one.chats.delete(chat)
      expect(await two.messages.change(chat, sent.id, () => pin)).toBeNull()
      for (let i = 0; i < 500 && (await raw.messages.countDocuments()) > 0; i++) await Bun.sleep(10)
      expect(await raw.messages.countDocuments()).toBe(0)
    })

    it('tells a chat of a change that a crash cut, at the next open', async ({ node, raw }) => {
      const before = await node()
      const chat = await newGroup(before, newId())
      const [old] = [await said(before, text(chat, newId())), await said(before, text(chat, newId()))]
      const cut = { content: 'Cut', rev: 3, revs: [1, 3], changed_at: new Date() }
      await raw.messages.updateOne({ _id: old.id }, { $set: cut })
      expect(await before.messages.head(chat)).toEqual({ last_seq: 2, rev: 2 })
      const after = await node()
      expect(await after.messages.head(chat)).toEqual({ last_seq: 2, rev: 3 })
      expect(await before.messages.change(chat, old.id, () => pin)).toMatchObject({ message: { rev: 4 } })
    })
  })
}

const react = ({ reactions }: StoredMessage, emoji: string): MessagePatch => ({
  reactions: [...reactions, { emoji, user_ids: [newId()] }],
  updated_at: T2,
})

/** What a reader has put together who asks again and again, and once more when nobody writes any longer. */
async function follow({ messages }: Stores, chat: string, isWriting: () => boolean) {
  const known = new Map<string, StoredMessage>()
  for (let rev = 0; ;) {
    const isLast = !isWriting()
    const page = await messages.changes(chat, rev, 300)
    for (const message of page) known.set(message.id, message)
    rev = page.at(-1)?.rev ?? rev
    if (isLast) return [...known.values()].toSorted((a, b) => a.seq - b.seq)
    await Bun.sleep(0)
  }
}
