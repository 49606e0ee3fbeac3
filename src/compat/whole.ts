// Lists and histories without pages, as the older APIs promise them: streamed, so that memory holds one page of them.
import type { Chat } from '../chats/model'
import type { Chats } from '../chats/service'
import type { Message } from '../messages/model'
import type { Messages } from '../messages/service'
import type { Users } from '../users/service'

const PAGE = 100

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
  }
}

/** Every chat of mine, newest activity first. */
export async function* wholeList(chats: Chats, me: string): AsyncGenerator<Chat> {
  for (let cursor: string | undefined; ;) {
    const page = await chats.list(me, { cursor, limit: PAGE })
    yield* page.items
    if (page.next === null) return
    cursor = page.next
  }
}

/** Messages of one chat held while those of all chats are put in one order. */
const SMALL_PAGE = 10

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

  for await (const { id } of wholeList(chats, me)) await advance(wholeHistory(messages, me, id, SMALL_PAGE))
  for (let next = nexts.pop(); next; next = nexts.pop()) {
    yield next.message
    await advance(next.rest)
  }
}

/**
 * A JSON array of these items, written as the client takes it. A refusal of the first item is thrown, so that it still
 * becomes an error answer; a failure after that cuts the answer, which then is no valid JSON.
 */
export async function streamed<T>(items: AsyncIterable<T>, show: (item: T) => unknown = item => item) {
  const iterator = items[Symbol.asyncIterator]()
  let next = await iterator.next()
  let separator = ''
  let text = '['
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      while (!next.done && text.length < CHUNK) {
        text += separator + JSON.stringify(await show(next.value))
        separator = ','
        next = await iterator.next()
      }
      controller.enqueue(new TextEncoder().encode(next.done ? `${text}]` : text))
      text = ''
      if (next.done) controller.close()
    },
    cancel: () => void iterator.return?.(),
  })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

/** Characters written at once. */
const CHUNK = 32 * 1024

/** Usernames by id, each read once: made anew for each request. */
export function naming(users: Users): (id: string) => Promise<string> {
  const known = new Map<string, Promise<string>>()
  const read = async (id: string) => (await users.several([id])).get(id)?.username ?? 'deleted_user'
  return id => {
    const name = known.get(id) ?? read(id)
    known.set(id, name)
    return name
  }
}
