// Messages: sending and reading what was said. Whatever the door, a message is sent here.
import { mustBeAllowedToWrite } from '../chats/roles'
import { mustBeWritable, type Chats, type Door } from '../chats/service'
import type { MemberRecord } from '../chats/store'
import type { Events } from '../events'
import { AppError, conflict, notFound } from '../lib/errors'
import type { Attachment } from './attachment.model'
import type { Composed, Composer } from './compose'
import type { HistoryQuery, Message, MessagePage, SendMessage } from './model'
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
  async function bringBack({ roster }: Door, hidden: MemberRecord[]) {
    for (const { user_id } of hidden) chats.show(roster.chat.id, user_id)
    await chats.tellJoined(roster.chat.id, hidden)
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
     * Every member's sockets hear of a new message once. `acknowledge` is given the answer before they do, where what
     * comes of the message is still to be written: what a thread counts, and that a chat comes back.
     */
    async send(
      me: string,
      chatId: string,
      input: SendMessage,
      acknowledge: (message: Message) => void = () => {},
    ): Promise<{ message: Message; isNew: boolean }> {
      const door = await chats.mustBeWriter(me, chatId)
      mustBeAllowedToWrite(door.roster.chat, door.my.role)
      const isPlain = composer.isPlain(input)
      const composed = isPlain ? composer.plain(me, door, input) : await composedOrSent(me, door, input)
      if ('first' in composed) return again(me, door, composed.first)
      // A block may have come while things were looked up.
      if (!isPlain) await chats.mustBeOpen(me, door)
      // Asked last: what is stored from here on comes after no departure.
      mustBeWritable(door)
      const stored = await store.append(composed.draft)
      if (!stored) throw notFound('chat')
      mustBeSame(stored.message, composed.draft)
      if (stored.isNew)
        return { message: await tellNew(door, stored.message, composed, acknowledge), isNew: true }
      return again(me, door, stored.message)
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
      const shown = hidden.size === 0 ? found : found.filter(({ seq }) => !hidden.has(seq))
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

  async function composedOrSent(me: string, door: Door, input: SendMessage) {
    const composed = await composer
      .compose(me, door, input)
      .catch(error => sentBefore(me, door.roster.chat.id, input, error))
    // That may have taken a while: one who was removed meanwhile sends no more.
    await chats.mustBeMember(me, door.roster.chat.id)
    return composed
  }

  /** What a message forwards or answers may be gone since it was sent the first time: then that one is the answer. */
  async function sentBefore(me: string, chatId: string, input: SendMessage, refusal: unknown) {
    const { content = '', client_id, reply_to } = input
    const attachments = input.attachments?.map(({ file_id, caption }) => ({ id: file_id, caption }))
    const first = client_id === undefined ? null : await store.sent(chatId, me, client_id)
    if (!first) throw refusal
    const { message_type = first.message_type } = input
    const thread_of = input.thread_of && first.thread_of
    const forward = input.forward && first.forward
    mustBeSame(first, { content, message_type, attachments, reply_to, thread_of, forward })
    return { first }
  }

  async function again(me: string, door: Door, first: StoredMessage) {
    await threads.recount(first.chat_id, first.thread_of)
    const [message] = await views.show(me, door.roster, [first])
    return { message: message as Message, isNew: false }
  }

  /** Told in the turn of the store's answer: nothing may come between two messages of one chat. */
  async function tellNew(
    door: Door,
    stored: StoredMessage,
    { beside, origin }: Composed,
    acknowledge: (message: Message) => void,
  ): Promise<Message> {
    const sent = views.sent(stored, beside)
    events.publish(sent)
    const message = origin ? { ...sent.message, forward: origin } : sent.message
    // Asked before, since most messages wait for none of these.
    const hidden = hiddenIn(door)
    if (!stored.thread_of && !hidden) return message
    acknowledge(message)
    if (stored.thread_of) await threads.recount(stored.chat_id, stored.thread_of)
    if (hidden) await bringBack(door, hidden)
    return message
  }
}

/** The members of a private chat who have deleted it for themselves; null: none. */
function hiddenIn({ roster: { chat, members } }: Door): MemberRecord[] | null {
  if (chat.chat_type !== 'private') return null
  let hidden: MemberRecord[] | null = null
  for (const member of members.values()) if (member.hidden) (hidden ??= []).push(member)
  return hidden
}

type Said = Pick<NewMessage, 'content' | 'message_type' | 'reply_to' | 'thread_of' | 'forward'> & {
  attachments?: Pick<Attachment, 'id' | 'caption'>[]
}

function mustBeSame(first: StoredMessage, said: Said) {
  const { message_type, reply_to = null, thread_of = null } = said
  const isSame =
    saysTheSame(first, said) &&
    first.message_type === message_type &&
    first.reply_to === reply_to &&
    first.thread_of === thread_of
  if (!isSame)
    throw conflict('client_id_reused', 'This client_id was used for another message of yours in this chat.')
}

/** What is deleted says nothing any more; what is forwarded may read otherwise by now where it comes from. */
function saysTheSame(first: StoredMessage, { content, attachments = [], forward }: Said): boolean {
  if (first.deleted_at !== null) return true
  if (first.forward || forward) return first.forward?.message_id === forward?.message_id
  if (!isSameAlbum(first.attachments, attachments)) return false
  return first.edited_at !== null || first.content === content
}

function isSameAlbum(album: Attachment[], other: Pick<Attachment, 'id' | 'caption'>[]): boolean {
  const isSame = ({ id, caption }: Attachment, i: number) =>
    other[i]?.id === id && other[i].caption === caption
  return album.length === other.length && album.every(isSame)
}

function mustNameOnePlace({ before, after, around }: HistoryQuery) {
  const named = Object.entries({ before, after, around }).filter(([, seq]) => seq !== undefined)
  if (named.length < 2) return
  const errors = named.map(([field]) => ({ path: `query/${field}`, code: 'one_place' }))
  throw new AppError(422, 'invalid', 'Give one of before, after and around.', { errors })
}
