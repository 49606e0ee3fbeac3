// Lists and histories without pages, as the older APIs promise them: streamed, so that memory holds one page of them.
import type { Chat } from '../chats/model'
import type { Chats } from '../chats/service'
import { AppError } from '../lib/errors'
import type { Message } from '../messages/model'
import type { Messages } from '../messages/service'
import type { User } from '../users/model'
import type { Users } from '../users/service'

const PAGE = 100

/** An embedded store answers at once, and a client may take all of it at once: between pages it is others' turn. */
const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))

/** Messages of one chat held while those of all chats are put in one order. */
const SMALL_PAGE = 10

/** Every message of a chat that I may see, oldest first, without the deleted ones, of which older clients know nothing. */
export async function* wholeHistory(
  messages: Messages,
  me: string,
  chatId: string,
  limit = PAGE,
): AsyncGenerator<Message> {
  for (let after: number | null = 0; after !== null;) {
    const page = await messages.history(me, chatId, { after, limit })
    yield* page.items.filter(({ deleted_at }) => deleted_at === null)
    after = page.after
    await nextTurn()
  }
}

/** The same of a chat that may end, or that I may leave, while others are written: then it ends there. */
export async function* historyWhileMine(...asked: Parameters<typeof wholeHistory>): AsyncGenerator<Message> {
  try {
    yield* wholeHistory(...asked)
  } catch (error) {
    mustBeGone(error)
  }
}

/** Throws on what is not a 404. */
export function mustBeGone(error: unknown): null {
  if (error instanceof AppError && error.status === 404) return null
  throw error
}

/** The newest message of a chat that is not deleted; null: there is none. */
export async function lastSaid(messages: Messages, me: string, chatId: string): Promise<Message | null> {
  for (let before: number | null | undefined; before !== null;) {
    const page = await messages.history(me, chatId, { before, limit: SMALL_PAGE })
    const last = page.items.findLast(({ deleted_at }) => deleted_at === null)
    if (last) return last
    before = page.before
    await nextTurn()
  }
  return null
}

/** Every chat of mine, newest activity first. */
export const wholeList = (chats: Chats, me: string): AsyncGenerator<Chat> =>
  pages(cursor => chats.list(me, { cursor, limit: PAGE }))

/** Everybody, by username; `me` null: a service key, which is told emails too. */
export const everybody = (users: Users, me: string | null): AsyncGenerator<User> =>
  pages(cursor => users.list(me, { cursor, limit: PAGE }))

async function* pages<T>(
  load: (cursor?: string) => Promise<{ items: T[]; next: string | null }>,
): AsyncGenerator<T> {
  for (let cursor: string | undefined; ;) {
    const page = await load(cursor)
    yield* page.items
    if (page.next === null) return
    cursor = page.next
    await nextTurn()
  }
}

/** Every message of all my chats in the order of time; messages of one chat keep theirs. */
export async function* wholeTimeline(chats: Chats, messages: Messages, me: string): AsyncGenerator<Message> {
  /** The next message of each chat, the oldest last. */
  const nexts: { message: Message; rest: AsyncGenerator<Message> }[] = []

  async function advance(rest: AsyncGenerator<Message>) {
    const { value: message, done } = await rest.next()
    if (done) return
    const place = nexts.findLastIndex(other => other.message.created_at >= message.created_at)
    nexts.splice(place + 1, 0, { message, rest })
  }

  for await (const { id } of wholeList(chats, me))
    await advance(historyWhileMine(messages, me, id, SMALL_PAGE))
  for (let next = nexts.pop(); next; next = nexts.pop()) {
    yield next.message
    await advance(next.rest)
  }
}
