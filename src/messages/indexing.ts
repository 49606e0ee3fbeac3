// Keeps the search index level with the messages, and threads with their replies: it follows what is stored, and no
// send waits for it.
import type { Events } from '../events'
import { unavailable } from '../lib/errors'
import { messageTerms } from '../lib/terms'
import type { MessageStore, StoredMessage } from './store'
import type { SearchEntry, SearchStore } from './search.store'
import type { Threads } from './threads'

export type Indexing = ReturnType<typeof createIndexing>

/** What is stored within this time is taken up together. */
const SOON_MS = 20
const RETRY_MS = 1_000
const AT_ONCE = 200
/**
 * One long message can have as many terms as hundreds of others, and a write keeps everybody waiting. It changes nearly
 * as many pages with half of these.
 */
const TERMS_AT_ONCE = 1_000
/** A text can take long to look through and have few terms. */
const CHARACTERS_PER_TERM = 20
/**
 * A write takes some 3 ms: this long is left to others before the next, and longer while messages are sent, so that of
 * one who sends one after the other fewer than a hundredth meet it.
 */
const REST_MS = 20
const REST_WHILE_SENDING_MS = 60
/** A search waits no longer for an index that is built anew. */
const PATIENCE_MS = 10_000

/** Waits between two writes; false: leave the rest. */
type Pause = () => Promise<boolean>

/**
 * Its place in each chat is in the store, so what a crash or another node left undone is taken up from there.
 * A chat is taken up by one at a time; what changed while it was, is taken up after.
 */
export function createIndexing(
  messages: Pick<MessageStore, 'changes'>,
  search: SearchStore,
  threads: Pick<Threads, 'recount'>,
  events: Events,
  report: (error: unknown) => void,
) {
  const dirty = new Set<string>()
  const underWay = new Map<string, Promise<void>>()
  let timer: Timer | undefined
  let searchesWaiting = 0
  let sentMeanwhile = false
  let stopped = false

  events.subscribe(event => {
    if (event.type !== 'message') return
    sentMeanwhile = true
    mark([event.chat_id])
  })

  function mark(chatIds: string[]) {
    for (const id of chatIds) dirty.add(id)
    if (chatIds.length > 0) wake(SOON_MS)
  }

  function wake(ms: number) {
    if (!stopped) timer ??= setTimeout(follow, ms).unref()
  }

  async function follow() {
    try {
      for (const chatId of new Set(dirty)) {
        await bringLevel(chatId, rest)
        if (stopped) return
      }
      timer = undefined
      if (dirty.size > 0) wake(SOON_MS)
    } catch (error) {
      timer = undefined
      if (!stopped) report(error)
      wake(RETRY_MS)
    }
  }

  /** Resolves when the index has all that was stored in this chat before the call. */
  async function bringLevel(chatId: string, mayGoOn: Pause): Promise<void> {
    const before = underWay.get(chatId) ?? Promise.resolve()
    const run = before.catch(() => {}).then(() => catchUp(chatId, mayGoOn))
    underWay.set(chatId, run)
    try {
      await run
    } catch (error) {
      mark([chatId])
      throw error
    } finally {
      if (underWay.get(chatId) === run) underWay.delete(chatId)
    }
  }

  async function catchUp(chatId: string, mayGoOn: Pause) {
    dirty.delete(chatId)
    let rev = await search.indexedRev(chatId)
    while (rev !== null) {
      const changed: StoredMessage[] = await messages.changes(chatId, rev, AT_ONCE)
      await recount(chatId, changed)
      for (const slice of slicesOf(changed)) {
        rev = slice.at(-1)?.rev ?? rev
        await search.index(chatId, rev, slice)
        if (!(await mayGoOn())) return
      }
      if (changed.length < AT_ONCE) return
    }
  }

  /** Mostly done already, by whoever replied or deleted; a crash may have come between. */
  const recount = (chatId: string, changed: StoredMessage[]) =>
    Promise.all(
      [...new Set(changed.map(({ thread_of }) => thread_of))].map(id => threads.recount(chatId, id)),
    )

  /** Most of the time is for others, unless a search waits. */
  async function rest(): Promise<boolean> {
    const ms = sentMeanwhile ? REST_WHILE_SENDING_MS : REST_MS
    sentMeanwhile = false
    if (searchesWaiting === 0) await Bun.sleep(ms)
    else await nextTurn()
    return !stopped
  }

  async function hurry(): Promise<boolean> {
    await nextTurn()
    return true
  }

  /** What takes too long goes on, for the next search. */
  async function bringAllLevel(chatIds: string[]) {
    const behind = await search.behind(chatIds)
    if (behind.length === 0) return
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timeout = setTimeout(() => reject(notYet()), PATIENCE_MS)
    const level = Promise.all(behind.map(id => bringLevel(id, hurry)))
    searchesWaiting++
    try {
      await Promise.race([level, late])
    } finally {
      searchesWaiting--
      clearTimeout(timeout)
    }
  }

  return {
    /** Resolves when the index has all that these chats had at the call; 503 where that takes too long. */
    level: bringAllLevel,

    /** Takes up every chat that is behind: at the start, after a crash or another node's. */
    async takeUp(): Promise<void> {
      mark(await search.behind())
    },

    /** How many chats are waiting, or being taken up. */
    lag: (): number => new Set([...dirty, ...underWay.keys()]).size,

    /** Leaves the rest for the next start. Searches still bring level what they need. */
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

const entryOf = ({
  id,
  seq,
  rev,
  sender_id,
  message_type,
  content,
  deleted_at,
}: StoredMessage): SearchEntry => {
  return { id, seq, rev, sender_id, message_type, terms: deleted_at === null ? messageTerms(content) : [] }
}

/** In order, each with one message or with few terms; one after the other, since finding the terms takes its time. */
function* slicesOf(messages: StoredMessage[]): Generator<SearchEntry[]> {
  let slice: SearchEntry[] = []
  let weight = 0
  for (const message of messages) {
    const entry = entryOf(message)
    const more = entry.terms.length + message.content.length / CHARACTERS_PER_TERM
    if (slice.length > 0 && weight + more > TERMS_AT_ONCE) {
      yield slice
      slice = []
      weight = 0
    }
    slice.push(entry)
    weight += more
  }
  if (slice.length > 0) yield slice
}

const notYet = () => unavailable('index_behind', 'The search index is being built. Try again.', 5)

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
