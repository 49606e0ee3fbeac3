// The writer of messages in MongoDB: all that arrived while the last batch was written goes in together.
import { batched, type BatchMeter } from '../../lib/batch'
import type { MessageStore } from '../../messages/store'
import { appending } from './append'
import { distinctChats, roundsOf, type Batch, type Write } from './batch'
import { changing } from './change'
import type { Collections, MessageDoc } from './collections'
import type { Heads } from './heads'

/**
 * New messages cost two round trips for a whole batch, changes one or two more: the messages themselves,
 * then the heads of their chats.
 *
 * Numbers are taken from memory and proven by the unique indexes: of `seq`, and of all the `revs` a message
 * ever had. The second holds what a plain unique `rev` cannot: a message that changes again leaves its number
 * behind, and a node that was away would take it for the next one, below what readers were given already.
 * A number is only ever given after its predecessor was stored, so there is no gap, whatever fails, and
 * whoever sees one can see all below it, whichever nodes wrote them.
 */
export function messageWriter(
  { messages }: Collections,
  heads: Heads,
  meter?: BatchMeter,
): Pick<MessageStore, 'append' | 'change' | 'settled'> {
  const appendAll = appending(messages, heads)
  const changeAll = changing(messages, heads)
  const write = batched<Write, void>(flush, meter)

  async function flush(writes: Write[]): Promise<undefined[]> {
    try {
      await store(writes)
      return writes.map(() => undefined)
    } catch (error) {
      heads.doubt(distinctChats(writes))
      throw error
    }
  }

  async function store(writes: Write[]): Promise<void> {
    const [standing, docs] = await Promise.all([heads.of(distinctChats(writes)), toBeChanged(writes)])
    const batch: Batch = { standing, docs, appended: new Set(), changed: new Set() }
    for (const { appends, changes } of roundsOf(writes)) {
      await appendAll(batch, appends)
      await changeAll(batch, changes)
    }
    heads.remember(batch.standing)
    await moveHeads(batch, writes)
  }

  async function toBeChanged(writes: Write[]): Promise<Map<string, MessageDoc>> {
    const ids = [...new Set(writes.flatMap(each => (each.kind === 'change' ? each.id : [])))]
    if (ids.length === 0) return new Map()
    const docs = await messages.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray()
    return new Map(docs.map(doc => [doc._id, doc]))
  }

  async function moveHeads(batch: Batch, writes: Write[]): Promise<void> {
    const gone = await heads.move(batch)
    if (gone.length === 0) return
    heads.forget(gone)
    await messages.deleteMany({ chat_id: { $in: gone } })
    for (const each of writes) if (gone.includes(each.chatId)) each.answer = null
  }

  async function done<W extends Write>(each: W): Promise<W['answer']> {
    await write(each)
    if (each.refusal) throw each.refusal.error
    return each.answer
  }

  return {
    append: message => done({ kind: 'append', chatId: message.chat_id, message, answer: null }),
    change: (chatId, id, edit) => done({ kind: 'change', chatId, id, edit, answer: null }),
    settled: write.settled,
  }
}
