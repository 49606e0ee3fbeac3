// The contract of threads, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import { newGroup, said, storedFrom, T0, T1, T2, text, upTo, withStores, type Open } from './samples'

const seqsOf = (messages: { seq: number }[]) => messages.map(message => message.seq)

export function threadsContract(open: Open) {
  const it = withStores(open)

  describe('threads', () => {
    it('keep what a message replies to, and where it belongs', async stores => {
      const ann = newId()
      const chat = await newGroup(stores, ann)
      const root = await said(stores, text(chat, ann))
      const reply = text(chat, ann, 'Yes', { reply_to: root.id, thread_of: root.id })
      const plain = text(chat, ann, 'Yes', { reply_to: root.id })
      expect(await said(stores, reply)).toEqual(storedFrom(reply, 2))
      await said(stores, plain)
      expect(await stores.messages.byId(chat, reply.id)).toEqual(storedFrom(reply, 2))
      expect(await stores.messages.byId(chat, plain.id)).toEqual(storedFrom(plain, 3))
      expect((await stores.messages.append({ ...reply, id: newId() }))?.message).toEqual(storedFrom(reply, 2))
    })

    it('hold their own replies, oldest first, in pages', async stores => {
      const ann = newId()
      const chat = await newGroup(stores, ann)
      const [a, b] = [await said(stores, text(chat, ann)), await said(stores, text(chat, ann))]
      for (const i of upTo(9)) {
        await said(stores, text(chat, ann, `${i}`, { thread_of: [a.id, b.id, undefined][i % 3] }))
      }
      const thread = async (root: string, above: number, limit: number) =>
        seqsOf(await stores.messages.thread(chat, root, above, limit))
      expect(await thread(a.id, 0, 100)).toEqual([5, 8, 11])
      expect(await thread(b.id, 0, 100)).toEqual([3, 6, 9])
      expect(await thread(b.id, 0, 2)).toEqual([3, 6])
      expect(await thread(b.id, 6, 2)).toEqual([9])
      expect(await thread(b.id, 9, 2)).toEqual([])
      expect(await thread(newId(), 0, 100)).toEqual([])
      const other = await newGroup(stores, ann)
      expect(await stores.messages.thread(other, a.id, 0, 100)).toEqual([])
    })

    it('are summed up without deleted replies, which keep their place', async stores => {
      const ann = newId()
      const chat = await newGroup(stores, ann)
      const root = await said(stores, text(chat, ann))
      const summary = () => stores.messages.threadSummary(chat, root.id)
      const remove = (id: string) =>
        stores.messages.change(chat, id, () => ({ content: '', deleted_at: T2, updated_at: T2 }))
      expect(await summary()).toBeNull()
      const replies = []
      for (const created_at of [T0, T1, T2]) {
        replies.push(await said(stores, text(chat, ann, 'Yes', { thread_of: root.id, created_at })))
      }
      const [first = '', second = '', third = ''] = replies.map(reply => reply.id)
      expect(await summary()).toEqual({ reply_count: 3, last_reply_seq: 4, last_reply_at: T2 })
      await remove(first)
      expect(await summary()).toEqual({ reply_count: 2, last_reply_seq: 4, last_reply_at: T2 })
      await remove(third)
      expect(await summary()).toEqual({ reply_count: 1, last_reply_seq: 3, last_reply_at: T1 })
      await remove(second)
      expect(await summary()).toBeNull()
      expect(seqsOf(await stores.messages.thread(chat, root.id, 0, 100))).toEqual([2, 3, 4])
    })

    it('do not reach into other chats', async stores => {
      const ann = newId()
      const [chat, other] = [await newGroup(stores, ann), await newGroup(stores, ann)]
      const root = await said(stores, text(chat, ann))
      await said(stores, text(chat, ann, 'Yes', { thread_of: root.id }))
      expect(await stores.messages.threadSummary(other, root.id)).toBeNull()
      expect(await stores.messages.threadSummary(newId(), root.id)).toBeNull()
      expect(await stores.messages.threadSummary(chat, newId())).toBeNull()
    })
  })
}
