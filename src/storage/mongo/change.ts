// Changes of a batch: one conditional update per changed message, in the order of their numbers.
import type { Batch, Change } from './batch'
import type { Collections, MessageDoc } from './collections'
import { isDuplicate } from './failures'
import type { Head, Heads } from './heads'
import { patched, toEdits, toMessage } from './messagerecords'

// Far more than one message changes by while a node still goes by what it remembers of the chat.
const KEPT_REVS = 1_000

/**
 * Chats do not wait for each other; in one chat a change is stored before the next is numbered.
 * Changes of one message go together: many who react at once cost one update.
 */
export function changing(messages: Collections['messages'], heads: Heads) {
  return async function changeAll(batch: Batch, changes: Change[]): Promise<void> {
    const ofChats = Map.groupBy(changes, change => change.chatId).values()
    // All have to end before the next batch begins, also when one fails.
    const ended = await Promise.allSettled([...ofChats].map(ofOne => changeInOrder(batch, ofOne)))
    for (const each of ended) if (each.status === 'rejected') throw each.reason
  }

  async function changeInOrder(batch: Batch, ofOneChat: Change[]): Promise<void> {
    for (const ofOneMessage of Map.groupBy(ofOneChat, change => change.id).values()) {
      await changeMessage(batch, ofOneMessage)
    }
  }

  async function changeMessage(batch: Batch, changes: Change[]): Promise<void> {
    const [{ chatId, id }] = changes as [Change]
    for (;;) {
      const head = batch.standing.get(chatId)
      const doc = batch.docs.get(id)
      if (!head || doc?.chat_id !== chatId) return forgetAnswers(changes)
      // The index compares messages with each other; what this one is ahead by it cannot refuse.
      const { next, set } = edited(doc, changes, Math.max(head.rev, doc.rev))
      if (next === doc) return
      if (await isStored(doc, set)) {
        batch.docs.set(id, next)
        batch.standing.set(chatId, { ...head, rev: next.rev })
        batch.changed.add(chatId)
        return
      }
      await lookAgain(batch, doc, head)
    }
  }

  /** False: another node changed the message, or took the number. */
  async function isStored({ _id, chat_id, rev }: MessageDoc, set: Partial<MessageDoc>): Promise<boolean> {
    try {
      const { matchedCount } = await messages.updateOne({ _id, chat_id, rev }, { $set: set })
      return matchedCount === 1
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }

  async function lookAgain(batch: Batch, before: MessageDoc, head: Head): Promise<void> {
    const { _id, chat_id } = before
    const [doc, truth] = await Promise.all([messages.findOne({ _id }), heads.fromMessages([chat_id])])
    const now = truth.get(chat_id) ?? head
    if (doc?.rev === before.rev && now.rev === head.rev) {
      throw new Error(`no number follows ${head.rev} in the chat ${chat_id}`)
    }
    batch.standing.set(chat_id, now)
    if (doc) batch.docs.set(_id, doc)
    else batch.docs.delete(_id)
  }
}

/** The message after these changes, each under the next number after `rev`; the same one if none is to be made. */
function edited(doc: MessageDoc, changes: Change[], rev: number) {
  let next = doc
  let set: Partial<MessageDoc> = {}
  for (const change of changes) {
    change.refusal = undefined
    try {
      const patch = change.edit(toMessage(next), toEdits(next.edits))
      if (patch) {
        const numbered = { ...patched(next, patch), ...underNext(next, ++rev) }
        set = { ...set, ...numbered }
        next = { ...next, ...numbered }
      }
      change.answer = { message: toMessage(next), changed: patch !== null }
    } catch (error) {
      change.refusal = { error }
    }
  }
  return { next, set }
}

const underNext = ({ revs }: MessageDoc, rev: number) => ({
  rev,
  revs: [...revs, rev].slice(-KEPT_REVS),
  changed_at: new Date(),
})

function forgetAnswers(changes: Change[]): void {
  for (const change of changes) {
    change.answer = null
    change.refusal = undefined
  }
}
