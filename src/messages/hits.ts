// From what the index finds to what I may see: every candidate is looked at as it is now.
import type { Rosters } from '../chats/roster'
import type { Chats } from '../chats/service'
import type { Range, Sought } from '../lib/terms'
import type { MessageStore, StoredMessage } from './store'
import type { SearchQuery, SearchStore } from './search.store'

export type Hits = ReturnType<typeof createHits>

export interface Hit {
  message: StoredMessage
  ranges: Range[]
}

export interface Wanted {
  sought: Sought
  /** Sent between these two, in milliseconds, both left out. */
  after: number
  before: number
}

type Candidate = Awaited<ReturnType<SearchStore['find']>>[number]

const MOST_AT_ONCE = 400
const TURN_MS = 5

export function createHits(store: SearchStore, messages: MessageStore, chats: Chats, rosters: Rosters) {
  /** By chat: the hits among its candidates, and from which place on it is mine to see. */
  async function among(me: string, found: Candidate[], wanted: Wanted) {
    const chatIds = [...new Set(found.map(({ chat_id }) => chat_id))]
    const [now, hidden, known] = await Promise.all([
      messages.several(found),
      chats.hiddenAmong(me, found),
      rosters.all(chatIds),
    ])
    const shown = Map.groupBy(
      now.filter(({ id }) => !hidden.has(id)),
      ({ chat_id }) => chat_id,
    )
    return Promise.all(
      chatIds.map(async chatId => {
        const my = known.get(chatId)?.members.get(me)
        if (!my) return { chatId, above: Infinity, hits: [] }
        const visible = (shown.get(chatId) ?? []).filter(({ seq }) => seq > my.cleared_seq)
        return { chatId, above: my.cleared_seq, hits: await hitsAmong(visible, wanted) }
      }),
    )
  }

  return {
    /** The newest hits that fit `query`, at most its `limit`, newest first; candidates are asked for until they are enough. */
    async collect(me: string, chatIds: string[], wanted: Wanted, query: SearchQuery): Promise<Hit[]> {
      const above = new Map(chatIds.map(id => [id, 0]))
      const hits: Hit[] = []
      let { limit, olderThan } = query
      for (;;) {
        const places = [...above]
          .map(([id, seq]) => ({ id, above: seq }))
          .filter(place => place.above < Infinity)
        const found = await store.find(places, { ...query, olderThan, limit })
        const looked = await among(me, found, wanted)
        for (const chat of looked) above.set(chat.chatId, chat.above)
        hits.push(...newestFirst(looked.flatMap(chat => chat.hits)))
        if (found.length < limit || hits.length >= query.limit) return hits.slice(0, query.limit)
        olderThan = found.at(-1)?.id
        limit = Math.min(limit * 4, MOST_AT_ONCE)
        await nextTurn()
      }
    },
  }
}

/** A hundred long messages take a hundred times some milliseconds: others get their turns between. */
async function hitsAmong(messages: StoredMessage[], wanted: Wanted): Promise<Hit[]> {
  const hits: Hit[] = []
  let began = performance.now()
  for (const message of messages) {
    hits.push(...hitOf(message, wanted))
    if (performance.now() - began < TURN_MS) continue
    await nextTurn()
    began = performance.now()
  }
  return hits
}

function hitOf(message: StoredMessage, { sought, after, before }: Wanted): Hit[] {
  const sent = Date.parse(message.created_at)
  if (message.deleted_at !== null || sent <= after || sent >= before) return []
  const ranges = sought.rangesIn(message.content)
  return ranges ? [{ message, ranges }] : []
}

export const newestFirst = <H extends { message: { id: string } }>(hits: H[]): H[] =>
  hits.toSorted((a, b) => (a.message.id < b.message.id ? 1 : -1))

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
