// Finding messages by their words, in all my chats and nowhere else.
import type { Rosters } from '../chats/roster'
import type { Chats } from '../chats/service'
import { fromCursor, toCursor } from '../lib/cursors'
import { badRequest } from '../lib/errors'
import { firstIdAt, isId } from '../lib/ids'
import { pageOf } from '../lib/schema'
import { millisecondsAt } from '../lib/times'
import { soughtBy } from '../lib/terms'
import type { Users } from '../users/service'
import { newestFirst, type Hit, type Hits } from './hits'
import type { Indexing } from './indexing'
import type { SearchHit, SearchMessages } from './search.model'
import type { Views } from './view'

export type Search = ReturnType<typeof createSearch>

/** An id may be made this long before or after its message's time. */
const ID_SLACK_MS = 60_000

export function createSearch(
  hits: Hits,
  indexing: Indexing,
  chats: Chats,
  rosters: Rosters,
  users: Users,
  views: Views,
) {
  /** The chats to look in; 404 for one that is not mine. */
  async function chatsOf(me: string, chatId: string | undefined): Promise<string[]> {
    if (chatId === undefined) return chats.idsOf(me)
    await chats.mustBeMember(me, chatId)
    return [chatId]
  }

  /** As I see them, in the same order. */
  async function show(me: string, found: Hit[]): Promise<SearchHit[]> {
    const inChats = Map.groupBy(found, ({ message }) => message.chat_id)
    const shown = await Promise.all([...inChats].map(([chatId, there]) => showOne(me, chatId, there)))
    return newestFirst(shown.flat())
  }

  async function showOne(me: string, chatId: string, found: Hit[]): Promise<SearchHit[]> {
    const roster = await rosters.get(chatId)
    if (!roster?.members.has(me)) return []
    const messages = found.map(({ message }) => message)
    const shown = await views.show(me, roster, messages)
    return shown.map((message, i) => ({ message, ranges: found[i]?.ranges ?? [] }))
  }

  return {
    /** Messages of my chats with every word of `q`, newest first; a `q` without any word finds nothing. */
    async find(
      me: string,
      { q, chat_id, from, type, after, before, limit = 20, cursor }: SearchMessages,
    ): Promise<{ items: SearchHit[]; next: string | null }> {
      const sought = soughtBy(q)
      const times = { after: timeIn('after', after, -Infinity), before: timeIn('before', before, Infinity) }
      const ids = idsWithin(times, cursor === undefined ? undefined : placeOf(cursor))
      const chatIds = await chatsOf(me, chat_id)
      const sender_id = from === undefined ? undefined : (await users.profile(me, from)).id
      const { prefixes } = sought
      if (prefixes.length === 0) return { items: [], next: null }

      await indexing.level(chatIds)
      const query = { prefixes, sender_id, message_type: type, ...ids, limit: limit + 1 }
      const found = await hits.collect(me, chatIds, { sought, ...times }, query)
      const page = pageOf(found, limit, ({ message }) => toCursor(message.id))
      return { items: await show(me, page.items), next: page.next }
    },
  }
}

function placeOf(cursor: string): string {
  const [id] = fromCursor(cursor, 'string')
  if (!isId(id)) throw badRequest('bad_cursor', 'The cursor is not one that this list gave out.')
  return id
}

function timeIn(field: string, text: string | undefined, unset: number): number {
  return text === undefined ? unset : millisecondsAt(`query/${field}`, text)
}

/** Ids begin with the second they were made in, so times are ranges of them. */
function idsWithin({ after, before }: { after: number; before: number }, olderThan: string | undefined) {
  const end = before === Infinity ? undefined : firstIdAt(before + ID_SLACK_MS)
  return {
    newerThan: after === -Infinity ? undefined : firstIdAt(after - ID_SLACK_MS),
    olderThan: [olderThan, end].filter(id => id !== undefined).toSorted()[0],
  }
}
