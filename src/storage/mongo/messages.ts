// Messages in MongoDB: everything that reads them.
import type { Filter, IndexDescription, Sort } from 'mongodb'
import type { BatchMeter } from '../../lib/batch'
import type { Thread } from '../../messages/model'
import type { MessageName, MessageStore, StoredMessage } from '../../messages/store'
import { toTime, type Collections, type MessageDoc } from './collections'
import type { Heads } from './heads'
import { toEdits, toMessage, unshown } from './messagerecords'
import { messageWriter } from './writer'

const onceDeleted = { deleted_at: { $gt: new Date(0) } }
const pinned = { pinned_at: { $gt: new Date(0) } }
const mentioning = { 'mentioned.0': { $exists: true } }
/** Repeated by every query for messages with files. */
export const showingFiles = { 'attachments.0': { $exists: true } }

export const indexes: IndexDescription[] = [
  // The five that every send writes:
  // one message per place; pages, the newest message, messages of the chat list
  { key: { chat_id: 1, seq: 1 }, unique: true },
  // what changed after a number; the latest change
  { key: { chat_id: 1, rev: 1 } },
  // one change per number, also when the message has gone on to another
  { key: { chat_id: 1, revs: 1 }, unique: true },
  // one message per send, however often it is repeated
  { key: { chat_id: 1, sender_id: 1, client_id: 1 }, unique: true },
  // my own messages after my read position, counted from the index alone
  { key: { chat_id: 1, sender_id: 1, seq: 1 } },

  // A plain message is in none of these: their queries repeat the condition.
  // deleted messages after a read position: without it the count would read all that is unread
  { key: { chat_id: 1, deleted_at: 1, seq: 1 }, partialFilterExpression: onceDeleted },
  // the pinned messages of a chat, in their order
  { key: { chat_id: 1, pinned_at: 1, seq: 1 }, partialFilterExpression: pinned },
  // the replies of a thread: pages, and their number
  { key: { chat_id: 1, thread_of: 1, seq: 1 }, partialFilterExpression: { thread_of: { $gt: '' } } },
  // what mentions me, or all in a chat of mine, over all chats and newest first
  { key: { mentioned: 1, _id: 1 }, partialFilterExpression: mentioning },
  // the same in one chat after a read position, counted
  { key: { chat_id: 1, mentioned: 1, seq: 1 }, partialFilterExpression: mentioning },
  // who may fetch a file: the chats and places that show it; whether any does
  { key: { 'attachments.id': 1, chat_id: 1, seq: 1 }, partialFilterExpression: showingFiles },
  // the files of a chat, newest first: of one kind, or of all
  { key: { chat_id: 1, 'attachments.kind': 1, seq: 1 }, partialFilterExpression: showingFiles },
  // what was changed last, looked for at open
  { key: { changed_at: 1 }, partialFilterExpression: { changed_at: { $gt: new Date(0) } } },
]

export function mongoMessages(collections: Collections, heads: Heads, commits?: BatchMeter): MessageStore {
  const { chats, messages } = collections

  async function page(filter: Filter<MessageDoc>, sort: Sort, limit: number): Promise<StoredMessage[]> {
    if (limit <= 0) return []
    const docs = await messages
      .find(filter, { projection: unshown, batchSize: limit + 1 })
      .sort(sort)
      .limit(limit)
      .toArray()
    return docs.map(toMessage)
  }

  return {
    ...messageWriter(collections, heads, commits),

    async byId(chatId, id) {
      const doc = await messages.findOne({ _id: id, chat_id: chatId }, { projection: unshown })
      return doc && toMessage(doc)
    },

    async sent(chat_id, sender_id, client_id) {
      const doc = await messages.findOne({ chat_id, sender_id, client_id }, { projection: unshown })
      return doc && toMessage(doc)
    },

    async chatOf(id, chatIds) {
      const doc = await messages.findOne(
        { _id: id, chat_id: { $in: chatIds } },
        { projection: { chat_id: 1 } },
      )
      return doc?.chat_id ?? null
    },

    async byIds(chatId, ids) {
      if (ids.length === 0) return []
      const options = { projection: unshown, batchSize: ids.length + 1 }
      const docs = await messages.find({ _id: { $in: ids }, chat_id: chatId }, options).toArray()
      return docs.map(toMessage)
    },

    async several(named) {
      if (named.length === 0) return []
      const nameOf = ({ chat_id, id }: MessageName) => `${chat_id} ${id}`
      const names = new Set(named.map(nameOf))
      const options = { projection: unshown, batchSize: names.size + 1 }
      const docs = await messages.find({ _id: { $in: named.map(({ id }) => id) } }, options).toArray()
      return docs.map(toMessage).filter(message => names.has(nameOf(message)))
    },

    async edits(chatId, id) {
      const doc = await messages.findOne({ _id: id, chat_id: chatId }, { projection: { edits: 1 } })
      return doc ? toEdits(doc.edits) : []
    },

    async below(chatId, below, floor, limit) {
      const found = await page({ chat_id: chatId, seq: { $gt: floor, $lt: below } }, { seq: -1 }, limit)
      return found.reverse()
    },

    above: (chatId, above, limit) => page({ chat_id: chatId, seq: { $gt: above } }, { seq: 1 }, limit),

    async changes(chatId, since, limit) {
      for (;;) {
        const found = await page({ chat_id: chatId, rev: { $gt: since } }, { rev: 1 }, limit)
        // A message that changes while the range is read moves ahead in it and may be met again.
        if (new Set(found.map(message => message.id)).size === found.length) return found
      }
    },

    pins: chatId => all({ chat_id: chatId, ...pinned }, { pinned_at: -1, seq: -1 }),

    thread: (chatId, rootId, above, limit) =>
      page({ chat_id: chatId, thread_of: rootId, seq: { $gt: above } }, { seq: 1 }, limit),

    async threadSummary(chatId, rootId) {
      const [summary] = await messages
        .aggregate<Omit<Thread, 'last_reply_at'> & { last_reply_at: Date }>([
          { $match: { chat_id: chatId, thread_of: rootId, deleted_at: null } },
          { $sort: { seq: 1 } },
          {
            $group: {
              _id: null,
              reply_count: { $sum: 1 },
              last_reply_seq: { $last: '$seq' },
              last_reply_at: { $last: '$created_at' },
            },
          },
          { $project: { _id: 0 } },
        ])
        .toArray()
      return summary ? { ...summary, last_reply_at: toTime(summary.last_reply_at) } : null
    },

    async mentionsOf(userId, chatIds, { below, limit }) {
      if (chatIds.length === 0) return []
      const ofOthers = { chat_id: { $in: chatIds }, sender_id: { $ne: userId }, deleted_at: null }
      const older = below === undefined ? {} : { _id: { $lt: below } }
      const mine = { ...mentioning, mentioned: { $in: [userId, ...chatIds] } }
      return page({ ...mine, ...ofOthers, ...older }, { _id: -1 }, limit)
    },

    async chatsOfSender(userId, { after, limit }) {
      const some = await chats
        .find({ _id: { $gt: after }, deleted_at: null }, { batchSize: limit + 1 })
        .sort({ _id: 1 })
        .limit(limit)
        .project<{ _id: string }>({ _id: 1 })
        .toArray()
      const ids = some.map(({ _id }) => _id)
      if (ids.length === 0) return { chat_ids: [], last: null }
      // By the index of sends: one look for each chat.
      const chat_ids = await messages.distinct('chat_id', { chat_id: { $in: ids }, sender_id: userId })
      return { chat_ids: chat_ids.sort(), last: ids.at(-1) ?? null }
    },

    ofSender: (chatId, userId, { after, limit }) =>
      page({ chat_id: chatId, sender_id: userId, client_id: { $gt: after } }, { client_id: 1 }, limit),

    showing(chatId, kinds, { below, floor, limit }) {
      const ofKinds = { ...showingFiles, 'attachments.kind': { $in: kinds } }
      return page({ chat_id: chatId, ...ofKinds, seq: { $gt: floor, $lt: below } }, { seq: -1 }, limit)
    },

    async head(chatId) {
      const projection = { last_seq: 1, rev: 1 }
      const chat = await chats.findOne({ _id: chatId, deleted_at: null }, { projection })
      return { last_seq: chat?.last_seq ?? 0, rev: chat?.rev ?? 0 }
    },
  }

  async function all(filter: Filter<MessageDoc>, sort: Sort): Promise<StoredMessage[]> {
    return (await messages.find(filter, { projection: unshown }).sort(sort).toArray()).map(toMessage)
  }
}
