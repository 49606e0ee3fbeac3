// The search index in MongoDB: one document of terms per message, and up to which rev each chat is in it.
import type { AnyBulkWriteOperation, Filter, IndexDescription } from 'mongodb'
import type { SearchedChat, SearchEntry, SearchQuery, SearchStore } from '../../messages/search.store'
import type { Collections, SearchDoc } from './collections'
import { allDuplicates } from './failures'

export const indexes: IndexDescription[] = [
  // messages of a chat by the beginning of a term: an anchored pattern reads one range of it
  { key: { chat_id: 1, terms: 1, _id: -1 } },
  // the newest of a chat, where a term is in most of them; all of a deleted chat
  { key: { chat_id: 1, _id: -1 } },
]

const CHATS_AT_ONCE = 1_000
const SLICE = 5_000

export function mongoSearch({ chats, search, indexed }: Collections): SearchStore {
  async function living(ids: string[]): Promise<{ _id: string; rev: number }[]> {
    return chats
      .find({ _id: { $in: ids }, deleted_at: null }, { batchSize: ids.length + 1 })
      .project<{ _id: string; rev: number }>({ rev: 1 })
      .toArray()
  }

  async function behindAmong(known: { _id: string; rev: number }[]): Promise<string[]> {
    const ids = known.map(({ _id }) => _id)
    const places = await indexed.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray()
    const revs = new Map(places.map(({ _id, rev }) => [_id, rev]))
    return known.flatMap(({ _id, rev }) => (rev > (revs.get(_id) ?? 0) ? [_id] : []))
  }

  async function behindOfAll(): Promise<string[]> {
    const behind: string[] = []
    for (let last = ''; ;) {
      const some = await chats
        .find({ _id: { $gt: last }, deleted_at: null }, { batchSize: CHATS_AT_ONCE + 1 })
        .sort({ _id: 1 })
        .limit(CHATS_AT_ONCE)
        .project<{ _id: string; rev: number }>({ rev: 1 })
        .toArray()
      behind.push(...(await behindAmong(some)))
      if (some.length < CHATS_AT_ONCE) return behind
      last = some.at(-1)?._id ?? last
    }
  }

  async function indexedRev(chatId: string): Promise<number | null> {
    const [[chat], place] = await Promise.all([living([chatId]), indexed.findOne({ _id: chatId })])
    return chat ? (place?.rev ?? 0) : null
  }

  /**
   * Of two nodes that follow the same chat the slower one may come late: what it has is older, and refused.
   * Where both write a message for the first time, either may be refused, and knows better when it tries again.
   */
  async function put(chatId: string, entries: SearchEntry[]): Promise<void> {
    const refused = await tryToPut(chatId, entries)
    if (refused.length > 0) await tryToPut(chatId, refused)
  }

  /** Answers the entries whose message is there already, in a form that is as new or newer, or just written. */
  async function tryToPut(chatId: string, entries: SearchEntry[]): Promise<SearchEntry[]> {
    if (entries.length === 0) return []
    try {
      const writes = entries.map(entry => newer(chatId, entry))
      await search.bulkWrite(writes, { ordered: false })
      return []
    } catch (error) {
      const refused = allDuplicates(error)
      if (!refused) throw error
      return entries.filter((_, i) => refused.has(i))
    }
  }

  return {
    indexedRev,

    async index(chatId, upToRev, entries) {
      const rev = await indexedRev(chatId)
      if (rev === null || rev >= upToRev) return
      await put(chatId, entries)
      await indexed.updateOne({ _id: chatId }, { $max: { rev: upToRev } }, { upsert: true })
      // A chat that was deleted meanwhile may have been cleared before this was written.
      if ((await living([chatId])).length === 0) await removeFromIndex({ search, indexed }, chatId)
    },

    async behind(chatIds) {
      if (chatIds === undefined) return behindOfAll()
      return chatIds.length === 0 ? [] : behindAmong(await living(chatIds))
    },

    async find(places, query) {
      if (places.length === 0 || query.limit <= 0) return []
      const docs = await search
        .find(filterOf(places, query), { batchSize: query.limit + 1 })
        .sort({ _id: -1 })
        .limit(query.limit)
        .project<{ _id: string; chat_id: string }>({ chat_id: 1 })
        .toArray()
      return docs.map(({ _id, chat_id }) => ({ chat_id, id: _id }))
    },
  }
}

/** In slices, so that no single command of a long chat runs into the time limit. */
export async function removeFromIndex(
  { search, indexed }: Pick<Collections, 'search' | 'indexed'>,
  chatId: string,
): Promise<void> {
  const chat_id = chatId
  for (;;) {
    const beyond = { projection: { _id: 1 }, sort: { _id: -1 }, skip: SLICE } as const
    const rest = await search.findOne({ chat_id }, beyond)
    await search.deleteMany(rest ? { chat_id, _id: { $gt: rest._id } } : { chat_id })
    if (!rest) break
  }
  await indexed.deleteOne({ _id: chatId })
}

/** A message without terms stays as an empty document: its `rev` keeps out what a slower node writes late. */
function newer(chat_id: string, entry: SearchEntry): AnyBulkWriteOperation<SearchDoc> {
  const { id: _id, rev, ...rest } = entry
  return {
    updateOne: {
      filter: { _id, rev: { $lt: rev } },
      update: { $set: { ...rest, rev, chat_id } },
      upsert: true,
    },
  }
}

function filterOf(places: SearchedChat[], query: SearchQuery): Filter<SearchDoc> {
  const { prefixes, sender_id, message_type, olderThan, newerThan } = query
  const cleared = places.filter(({ above }) => above > 0)
  return {
    chat_id: { $in: places.map(({ id }) => id) },
    $and: prefixes.map(prefix => ({ terms: { $regex: `^${escaped(prefix)}` } })),
    ...(cleared.length > 0 && {
      $nor: cleared.map(({ id, above }) => ({ chat_id: id, seq: { $lte: above } })),
    }),
    ...(sender_id !== undefined && { sender_id }),
    ...(message_type !== undefined && { message_type }),
    ...((olderThan ?? newerThan) !== undefined && {
      _id: {
        ...(olderThan !== undefined && { $lt: olderThan }),
        ...(newerThan !== undefined && { $gt: newerThan }),
      },
    }),
  }
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
