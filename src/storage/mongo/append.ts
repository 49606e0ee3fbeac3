// New messages of a batch: one ordered insert for all of them, taken up again where a number was taken.
import type { NewMessage } from '../../messages/store'
import type { Append, Batch } from './batch'
import type { Collections, MessageDoc } from './collections'
import { firstDuplicate } from './failures'
import { headAt, type Head, type Heads } from './heads'
import { messageDoc, toMessage, unshown } from './messagerecords'

/**
 * A number taken by another node, or a `client_id` that came before, stops the insert there: all before it
 * is stored, the rest is numbered again.
 */
export function appending(messages: Collections['messages'], heads: Heads) {
  return async function appendAll(batch: Batch, appends: Append[]): Promise<void> {
    const firsts = firstOfEach(appends)
    let waiting = [...firsts.values()].filter(({ chatId }) => batch.standing.has(chatId))
    while (waiting.length > 0) {
      waiting = await insert(batch, waiting)
      if (waiting.length > 0) waiting = await lookAgain(batch, waiting)
    }
    for (const append of appends) repeat(append, firsts)
  }

  /** Answers what is still waiting: nothing, or all from the first that a unique index refused. */
  async function insert(batch: Batch, waiting: Append[]): Promise<Append[]> {
    const docs = numbered(batch, waiting)
    const stored = await insertInOrder(docs)
    for (const [i, doc] of docs.slice(0, stored).entries()) {
      stand(batch, doc.chat_id, headAt(doc))
      batch.docs.set(doc._id, doc)
      waiting[i]!.answer = { message: toMessage(doc), isNew: true }
    }
    return waiting.slice(stored)
  }

  async function insertInOrder(docs: MessageDoc[]): Promise<number> {
    try {
      await messages.insertMany(docs, { ordered: true })
      return docs.length
    } catch (error) {
      const refused = firstDuplicate(error)
      if (refused === undefined) throw error
      return refused
    }
  }

  /** After a refusal: takes out what was stored before, and asks the messages where their chats stand. */
  async function lookAgain(batch: Batch, waiting: Append[]): Promise<Append[]> {
    const [before, truth] = await Promise.all([
      storedBefore(waiting),
      heads.fromMessages([...new Set(waiting.map(append => append.chatId))]),
    ])
    for (const append of waiting) {
      const doc = before.get(keyOf(append.message))
      if (doc) append.answer = { message: toMessage(doc), isNew: false }
    }
    const [refused] = waiting as [Append]
    const isNumbered = sameHead(truth.get(refused.chatId), batch.standing.get(refused.chatId))
    if (isNumbered && !refused.answer) {
      // Neither its numbers nor its client_id are taken, so it is the id itself.
      refused.refusal = { error: new Error('a message with this id exists') }
    }
    for (const [chatId, head] of truth) stand(batch, chatId, head)
    return waiting.filter(append => !append.answer && !append.refusal)
  }

  async function storedBefore(waiting: Append[]): Promise<Map<string, MessageDoc>> {
    const sends = waiting.map(({ message: { chat_id, sender_id, client_id } }) => ({
      chat_id,
      sender_id,
      client_id,
    }))
    const docs = await messages
      .find({ $or: sends }, { projection: unshown, batchSize: sends.length + 1 })
      .toArray()
    return new Map(docs.map(doc => [keyOf(doc), doc]))
  }
}

type Send = Pick<NewMessage, 'chat_id' | 'sender_id' | 'client_id'>

const keyOf = ({ chat_id, sender_id, client_id }: Send) => `${chat_id}:${sender_id}:${client_id}`

function firstOfEach(appends: Append[]): Map<string, Append> {
  const firsts = new Map<string, Append>()
  for (const append of appends) {
    const key = keyOf(append.message)
    if (!firsts.has(key)) firsts.set(key, append)
  }
  return firsts
}

function repeat(append: Append, firsts: Map<string, Append>): void {
  const first = firsts.get(keyOf(append.message))
  if (!first || first === append) return
  append.refusal = first.refusal
  append.answer = first.answer && { ...first.answer, isNew: false }
}

function numbered({ standing }: Batch, waiting: Append[]): MessageDoc[] {
  const last = new Map(standing)
  return waiting.map(({ chatId, message }) => {
    const { seq, rev } = last.get(chatId)!
    const doc = messageDoc(message, { seq: seq + 1, rev: rev + 1 })
    last.set(chatId, headAt(doc))
    return doc
  })
}

function stand({ standing, appended }: Batch, chatId: string, head: Head): void {
  standing.set(chatId, head)
  appended.add(chatId)
}

const sameHead = (one?: Head, other?: Head) => one?.seq === other?.seq && one?.rev === other?.rev
