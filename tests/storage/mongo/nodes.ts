// Several nodes on one database, and nodes that come back after a crash.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { StoredMessage } from '../../../src/messages/store'
import { messageDoc } from '../../../src/storage/mongo/messagerecords'
import { membershipOf, atOnce, group, member, pair, T2, text, upTo } from '../contract/samples'
import { withWorlds } from './world'

export function mongoNodes(freshUrl: () => string) {
  const it = withWorlds(freshUrl)

  describe('the epoch', () => {
    it('is one for all nodes, also those that come at once, and at later starts the one that was renewed', async ({
      node,
    }) => {
      const nodes = await Promise.all([node(), node(), node()])
      const epochs = nodes.map(({ epoch }) => epoch.current())
      expect(new Set(epochs).size).toBe(1)
      await nodes[0]?.epoch.renew({ keepSignIns: true })
      expect((await node()).epoch.current()).toBe(nodes[0]?.epoch.current() as string)
      expect(epochs).not.toContain((await node()).epoch.current())
    })
  })

  describe('after a crash', () => {
    it('knows a message whose chat was not moved any more', async ({ node, raw }) => {
      const [ann, bob] = [newId(), newId()]
      const before = await node()
      const { id } = await before.chats.createGroup(...group([ann, bob]))
      await before.messages.append(text(id, ann, 'One'))
      const orphan = text(id, ann, 'Two', { created_at: T2 })
      await raw.messages.insertOne(messageDoc(orphan, { seq: 2, rev: 2 }))

      const after = await node()
      const [listed] = await after.chats.list(bob, { limit: 10 })
      expect(listed?.chat).toMatchObject({ last_seq: 2, rev: 2, activity_at: T2 })
      expect(listed).toMatchObject({ last_message: { id: orphan.id }, unread_count: 2 })
      expect(await after.messages.append(text(id, bob))).toMatchObject({ message: { seq: 3, rev: 3 } })
    })

    it('goes on after such a message also without a restart', async ({ node, raw }) => {
      const ann = newId()
      const stores = await node()
      const { id } = await stores.chats.createGroup(...group([ann]))
      await stores.messages.append(text(id, ann))
      const orphan = text(id, ann, 'Two')
      await raw.messages.insertOne(messageDoc(orphan, { seq: 2, rev: 2 }))
      expect(await stores.messages.append(orphan)).toMatchObject({ isNew: false, message: { seq: 2 } })
      expect(await stores.messages.head(id)).toEqual({ last_seq: 2, rev: 2 })
      expect(await stores.messages.append(text(id, ann))).toMatchObject({ message: { seq: 3, rev: 3 } })
    })

    it('refuses a message whose id is taken, and no other of its batch', async ({ node }) => {
      const ann = newId()
      const stores = await node()
      const { id } = await stores.chats.createGroup(...group([ann]))
      const first = text(id, ann)
      await stores.messages.append(first)
      const same = stores.messages.append(text(id, ann, 'Other', { id: first.id })).then(
        () => 'stored',
        (error: Error) => error.message,
      )
      expect(await stores.messages.append(text(id, ann))).toMatchObject({ message: { seq: 2, rev: 2 } })
      expect(await same).toBe('a message with this id exists')
    })

    it('finishes a deletion that was cut', async ({ node, raw }) => {
      const ann = newId()
      const before = await node()
      const [gone, kept] = await atOnce(2, () => before.chats.createGroup(...group([ann])))
      for (const chat of [gone, kept]) await before.messages.append(text(chat?.id ?? '', ann))
      await raw.chats.updateOne({ _id: gone?.id }, { $set: { deleted_at: new Date() } })
      const after = await node()
      expect(await after.chats.chatIdsOf(ann)).toEqual([kept?.id ?? ''])
      const left = () => raw.chats.countDocuments({ _id: gone?.id })
      for (let i = 0; i < 500 && (await left()) > 0; i++) await Bun.sleep(10)
      expect(await left()).toBe(0)
      expect(await raw.messages.distinct('chat_id')).toEqual([kept?.id ?? ''])
      expect(await raw.members.distinct('chat_id')).toEqual([kept?.id ?? ''])
    })

    it('does not show members whose chat was never stored', async ({ node, raw }) => {
      const [ann, bob] = [newId(), newId()]
      const stores = await node()
      const { chat } = await stores.chats.createPrivate(...pair(ann, bob))
      await raw.chats.deleteOne({ _id: chat.id })
      expect(await stores.chats.chatIdsOf(ann)).toEqual([])
      expect(await stores.chats.list(ann, { limit: 10 })).toEqual([])
      expect(await stores.chats.listed(ann, chat.id)).toBeNull()
      expect(await membershipOf(stores.chats, chat.id)).toBeNull()
    })
  })

  describe('on two nodes', () => {
    it('stores 200 messages of both in one chat: no gap, no repeat', async ({ node }) => {
      const [ann, bob] = [newId(), newId()]
      const [one, two] = [await node(), await node()]
      const { id } = await one.chats.createGroup(...group([ann, bob]))
      const sends = upTo(200).map(i => text(id, i % 2 ? ann : bob, `Message ${i}`))
      const answers = await Promise.all(
        sends.map(async (message, i) => {
          await Bun.sleep(Math.floor(i / 10))
          return (i % 2 ? one : two).messages.append(message)
        }),
      )
      const stored = await one.messages.above(id, 0, 300)
      expect(stored.map(message => message.seq)).toEqual(upTo(200))
      expect(stored.map(message => message.rev)).toEqual(upTo(200))
      expect(new Set(stored.map(message => message.client_id)).size).toBe(200)
      expect(answers.map(answer => answer?.message ?? null).toSorted(bySeq)).toEqual(stored)
      expect((await membershipOf(two.chats, id))?.chat).toMatchObject({ last_seq: 200, rev: 200 })
    })

    it('makes one message of the same send on both', async ({ node }) => {
      const ann = newId()
      const nodes = [await node(), await node()]
      const { id } = await nodes[0]!.chats.createGroup(...group([ann]))
      await atOnce(100, i =>
        nodes[i % 2]!.messages.append(text(id, ann, 'Hello', { client_id: `c${Math.floor(i / 4)}` })),
      )
      const stored = await nodes[0]!.messages.above(id, 0, 300)
      expect(stored.map(message => message.seq)).toEqual(upTo(25))
      expect(new Set(stored.map(message => message.client_id)).size).toBe(25)
    })

    it('makes one private chat of calls on both', async ({ node, raw }) => {
      const [ann, bob] = [newId(), newId()]
      const nodes = [await node(), await node()]
      const answers = await atOnce(20, i => nodes[i % 2]!.chats.createPrivate(...pair(ann, bob)))
      expect(new Set(answers.map(answer => answer.chat.id)).size).toBe(1)
      expect(await raw.members.countDocuments()).toBe(2)
    })

    it('refuses one of two last owners who leave at once', async ({ node }) => {
      const nodes = [await node(), await node()]
      for (let round = 0; round < 10; round++) {
        const owners = [newId(), newId()]
        const [chat, members] = group([...owners, newId()])
        await nodes[0]!.chats.createGroup(chat, members)
        await nodes[0]!.chats.setRole(chat.id, owners[1]!, 'owner')
        const answers = await atOnce(2, i => nodes[i]!.chats.removeMember(chat.id, owners[i]!))
        expect(answers.toSorted()).toEqual(['last_owner', 'removed'])
      }
    })

    it('adds a person once', async ({ node }) => {
      const nodes = [await node(), await node()]
      const [chat, members] = group([newId()])
      await nodes[0]!.chats.createGroup(chat, members)
      const bob = newId()
      const answers = await atOnce(10, i => nodes[i % 2]!.chats.addMembers(chat.id, [member(bob)], 10))
      expect(answers.flatMap(answer => (Array.isArray(answer) ? answer : []))).toHaveLength(1)
    })

    it('takes no message for a chat that the other deleted', async ({ node, raw }) => {
      const ann = newId()
      const [one, two] = [await node(), await node()]
      const { id } = await one.chats.createGroup(...group([ann]))
      await two.messages.append(text(id, ann))
      await one.chats.delete(id)
      expect(await two.messages.append(text(id, ann))).toBeNull()
      expect(await two.messages.append(text(id, ann))).toBeNull()
      for (let i = 0; i < 500 && (await raw.messages.countDocuments()) > 0; i++) await Bun.sleep(10)
      expect(await raw.messages.countDocuments()).toBe(0)
    })
  })
}

const bySeq = (a: StoredMessage | null, b: StoredMessage | null) => (a?.seq ?? 0) - (b?.seq ?? 0)
