// Where each chat stands: kept in memory, moved after every batch of messages.
import { LRUCache } from 'lru-cache'
import type { Collections, MessageDoc } from './collections'

/** The place of a chat's newest message, and its latest change. */
export interface Head {
  seq: number
  rev: number
  activity_at: Date
}

/** What is new in chats. */
export interface News {
  /** Where each chat stands that exists, by the messages stored so far. */
  standing: Map<string, Head>
  /** The chats that have yet to be told of new messages, and of changes. */
  appended: Set<string>
  changed: Set<string>
}

const REMEMBERED = 50_000
// A number is proven by what messages keep of the numbers they had, so no memory may be much older.
const REMEMBERED_MS = 60_000
const RETRY_MS = 1_000

const BEFORE_THE_FIRST: Head = { seq: 0, rev: 0, activity_at: new Date(0) }

export type Heads = ReturnType<typeof chatHeads>

export function chatHeads({ chats, messages }: Pick<Collections, 'chats' | 'messages'>) {
  const remembered = new LRUCache<string, Head>({ max: REMEMBERED, ttl: REMEMBERED_MS })
  const doubtful = new Set<string>()
  let retry: Timer | undefined
  let stopped = false

  const living = (chatIds: string[]) =>
    chats.find(
      { _id: { $in: chatIds }, deleted_at: null },
      { projection: { last_seq: 1, rev: 1, activity_at: 1 }, batchSize: chatIds.length + 1 },
    )

  /** The heads of the chats that exist: from memory, the others in one round trip. */
  async function of(chatIds: string[]): Promise<Map<string, Head>> {
    const heads = new Map<string, Head>()
    const unknown: string[] = []
    for (const id of chatIds) {
      const head = remembered.get(id)
      if (head) heads.set(id, head)
      else unknown.push(id)
    }
    const docs = unknown.length > 0 ? await living(unknown).toArray() : []
    for (const { _id, last_seq, rev, activity_at } of docs)
      heads.set(_id, { seq: last_seq, rev, activity_at })
    return heads
  }

  /** The heads as the messages themselves tell them; 0 in a chat without messages. */
  async function fromMessages(chatIds: string[]): Promise<Map<string, Head>> {
    const heads = new Map<string, Head>()
    await Promise.all(chatIds.map(readOne))
    return heads

    async function readOne(chat_id: string) {
      const projection = { seq: 1, rev: 1, created_at: 1 }
      const [newest, changed] = await Promise.all([
        messages.findOne({ chat_id }, { projection, sort: { seq: -1 } }),
        messages.findOne({ chat_id }, { projection, sort: { rev: -1 } }),
      ])
      heads.set(chat_id, newest && changed ? { ...headAt(newest), rev: changed.rev } : BEFORE_THE_FIRST)
    }
  }

  /**
   * Moves chats forward to their heads, never back, and answers those that do not exist any more.
   * A chat that another node moved further is told of the changes alone.
   */
  async function move({ standing, appended, changed }: News): Promise<string[]> {
    const chatIds = [...appended.union(changed)]
    if (chatIds.length === 0) return []
    const heads = new Map(chatIds.map(id => [id, standing.get(id)!]))
    const moves = chatIds.map(id => (appended.has(id) ? forward : raise)(id, heads.get(id)!))
    const { matchedCount } = await chats.bulkWrite(moves, { ordered: false })
    if (matchedCount === chatIds.length || (await raiseAll(heads)) === chatIds.length) return []
    const alive = new Set((await living(chatIds).toArray()).map(doc => doc._id))
    return chatIds.filter(id => !alive.has(id))
  }

  async function raiseAll(heads: Map<string, Head>): Promise<number> {
    const raises = [...heads].map(([id, head]) => raise(id, head))
    return (await chats.bulkWrite(raises, { ordered: false })).matchedCount
  }

  /** Brings what the chats know of themselves up to these heads. */
  async function setRight(heads: Map<string, Head>): Promise<void> {
    const moves = [...heads].flatMap(([id, head]) => [forward(id, head), raise(id, head)])
    if (moves.length > 0) await chats.bulkWrite(moves, { ordered: false })
  }

  function remember(heads: Map<string, Head>): void {
    for (const [id, head] of heads) remembered.set(id, head)
  }

  function forget(chatIds: string[]): void {
    for (const id of chatIds) remembered.delete(id)
  }

  /** A write to these chats has an unknown outcome: forgets their heads and sets them right later. */
  function doubt(chatIds: string[]): void {
    forget(chatIds)
    for (const id of chatIds) doubtful.add(id)
    if (!stopped) retry ??= setTimeout(settleDoubts, RETRY_MS).unref()
  }

  async function settleDoubts(): Promise<void> {
    const ids = [...doubtful]
    doubtful.clear()
    retry = undefined
    await fromMessages(ids)
      .then(setRight)
      .catch(() => doubt(ids))
  }

  function stop(): void {
    stopped = true
    clearTimeout(retry)
  }

  return { of, fromMessages, move, setRight, remember, forget, doubt, stop }
}

type Numbered = Pick<MessageDoc, 'seq' | 'rev' | 'created_at'>

export const headAt = ({ seq, rev, created_at }: Numbered): Head => ({ seq, rev, activity_at: created_at })

const forward = (_id: string, { seq, rev, activity_at }: Head) => ({
  updateOne: {
    filter: { _id, deleted_at: null, last_seq: { $lt: seq } },
    update: { $set: { last_seq: seq, activity_at }, $max: { rev } },
  },
})

const raise = (_id: string, { rev }: Head) => ({
  updateOne: { filter: { _id, deleted_at: null }, update: { $max: { rev } } },
})
