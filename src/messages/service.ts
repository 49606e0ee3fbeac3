// Messages: sending and reading what was said. Whatever the door, a message is sent here.
import type { Chats, Door } from '../chats/service'
import type { Events } from '../events'
import { conflict, invalid, notFound } from '../lib/errors'
import type { Composer } from './compose'
import type { HistoryQuery, Message, MessagePage, Quote, SendMessage } from './model'
import type { MessageStore, NewMessage, StoredMessage } from './store'
import type { Threads } from './threads'
import type { Views } from './view'

export type Messages = ReturnType<typeof createMessages>

export function createMessages(
  store: MessageStore,
  chats: Chats,
  composer: Composer,
  threads: Threads,
  views: Views,
  events: Events,
) {
  /** A chat that somebody deleted for themself comes back to their list when a message arrives. */
  async function bringBack({ roster }: Door) {
    if (roster.chat.chat_type !== 'private') return
    const hidden = [...roster.members.values()].filter(member => member.hidden).map(member => member.user_id)
    for (const userId of hidden) chats.show(roster.chat.id, userId)
    if (hidden.length > 0) await chats.tellJoined(roster.chat.id, hidden)
  }

  /** The messages asked for, ascending. */
  async function page(chatId: string, floor: number, { before, after, around, limit = 50 }: HistoryQuery) {
    const above = (seq: number, count: number) => store.above(chatId, Math.max(seq, floor), count)
    const below = (seq: number, count: number) => store.below(chatId, seq, floor, count)
    if (before !== undefined) return below(before, limit)
    if (after !== undefined) return above(after, limit)
    if (around === undefined) return below(Infinity, limit)
    const older = Math.floor((limit - 1) / 2)
    const [left, right] = await Promise.all([below(around, older), above(around - 1, limit - older)])
    return [...left, ...right]
  }

  return {
    /**
     * Sends a message to a chat of mine and answers once it is on stable storage.
     * The same `client_id` again answers the first message, `isNew: false`; with another body: 409.
     * Every member's sockets hear of a new message once.
     */
    async send(
      me: string,
      chatId: string,
      input: SendMessage,
    ): Promise<{ message: Message; isNew: boolean }> {
      const door = await chats.mustBeWriter(me, chatId)
      const isPlain = composer.isPlain(input)
      const composed = isPlain ? composer.plain(me, door, input) : await composer.compose(me, door, input)
      // A block may have come while things were looked up.
      if (!isPlain) await chats.mustBeOpen(me, door)
      const { draft, quote } = composed
      const stored = await store.append(draft)
      if (!stored) throw notFound('chat')
      mustBeSame(stored.message, draft)
      if (stored.isNew) return { message: await tellNew(door, stored.message, quote), isNew: true }
      await threads.grow(door, stored.message)
      const [message] = await views.show(me, door.roster, [stored.message])
      return { message: message as Message, isNew: false }
    },

    /** A page of history: the newest, or before, after or around a `seq`. */
    async history(me: string, chatId: string, query: HistoryQuery): Promise<MessagePage> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      mustNameOnePlace(query)
      const floor = my.cleared_seq
      const [found, { last_seq: last }, hidden] = await Promise.all([
        page(chatId, floor, query),
        store.head(chatId),
        chats.hiddenFrom(me, chatId),
      ])
      const first = found[0]?.seq ?? query.before ?? last + 1
      const newest = found.at(-1)?.seq ?? query.after ?? Math.max(floor, (query.before ?? last + 1) - 1)
      const shown = found.filter(({ seq }) => !hidden.has(seq))
      return {
        items: await views.show(me, roster, shown),
        before: first - 1 > floor && last > floor ? Math.min(first, last + 1) : null,
        after: newest < last ? Math.max(newest, floor) : null,
      }
    },

    /** One message of a chat of mine; 404 where I deleted it, or the chat, for me. */
    async get(me: string, chatId: string, id: string): Promise<Message> {
      const { roster } = await chats.mustBeMember(me, chatId)
      const [message] = await views.show(me, roster, [await this.mustSee(me, chatId, id)])
      return message as Message
    },

    /** The stored message behind an id, if I may see it: 404 otherwise. */
    async mustSee(me: string, chatId: string, id: string): Promise<StoredMessage> {
      const { my } = await chats.mustBeMember(me, chatId)
      const found = await store.byId(chatId, id)
      const isVisible = found && found.seq > my.cleared_seq
      if (!isVisible || (await chats.hiddenFrom(me, chatId)).has(found.seq)) throw notFound('message')
      return found
    },
  }

  /** Told in the turn of the store's answer: nothing may come between two messages of one chat. */
  async function tellNew(door: Door, stored: StoredMessage, quote: Quote | null): Promise<Message> {
    const message = views.toldNew(stored, quote)
    events.publish({ type: 'message', chat_id: stored.chat_id, message })
    await threads.grow(door, stored)
    await bringBack(door)
    return message
  }
}

function mustBeSame(first: StoredMessage, draft: NewMessage) {
  const { content, message_type, reply_to = null, thread_of = null, forward = null } = draft
  const isSame =
    (first.deleted_at !== null || first.edited_at !== null || first.content === content) &&
    first.message_type === message_type &&
    first.reply_to === reply_to &&
    first.thread_of === thread_of &&
    first.forward?.message_id === forward?.message_id
  if (!isSame)
    throw conflict('client_id_reused', 'This client_id was used for another message of yours in this chat.')
}

function mustNameOnePlace({ before, after, around }: HistoryQuery) {
  const named = [before, after, around].filter(seq => seq !== undefined)
  if (named.length > 1) throw invalid('query/around', 'one_place', 'Give one of before, after and around.')
}
