// A message as it is shown: what is stored, whether the others have read it, and what it quotes.
import type { Roster, Rosters } from '../chats/roster'
import type { Chats } from '../chats/service'
import type { ChatEvent } from '../events'
import { previewOf } from './attachment.model'
import { SHOWN_REACTORS, type Forward, type Message, type Quote, type Reaction } from './model'
import type { MessageStore, StoredMessage, StoredReaction } from './store'

type MessageEvent = Extract<ChatEvent, { type: 'message' }>

/** What a message quotes, and who hears nothing of it or of what it quotes; absent: nobody. */
export type Beside = { quote: Quote | null } & Pick<MessageEvent, 'hidden_from'>

export type Views = ReturnType<typeof createViews>

export function createViews(store: MessageStore, chats: Chats, rosters: Rosters) {
  /** The messages replied to, by id, as they are now: one read, and none where nothing is a reply. */
  async function quotesOf(chatId: string, messages: StoredMessage[]): Promise<Map<string, Quote>> {
    const ids = new Set<string>()
    for (const { reply_to } of messages) if (reply_to !== null) ids.add(reply_to)
    const found = ids.size > 0 ? await store.byIds(chatId, [...ids]) : []
    return new Map(found.map(message => [message.id, toQuote(message)]))
  }

  async function hiddenFrom(chatId: string, seqs: (number | undefined)[]) {
    const found = await chats.hiddenBy(
      chatId,
      seqs.filter(seq => seq !== undefined),
    )
    return found.length > 0 ? found : undefined
  }

  /** The same without those that are deleted for this member. */
  async function quotesFor(me: string, { chat, members }: Roster, messages: StoredMessage[]) {
    const quotes = await quotesOf(chat.id, messages)
    const my = members.get(me)
    if (quotes.size === 0 || !my) return quotes
    const hidden = await chats.hiddenFrom(me, chat.id)
    const isVisible = ({ seq }: Quote) => seq > my.cleared_seq && !hidden.has(seq)
    return new Map([...quotes].filter(([, quote]) => isVisible(quote)))
  }

  /** Where a message comes from, for members of that chat; for others only that it is forwarded. */
  async function originFor(me: string, { forward }: Pick<StoredMessage, 'forward'>): Promise<Forward | null> {
    if (!forward) return null
    const roster = await rosters.get(forward.chat_id)
    return roster?.members.has(me) ? forward : UNTOLD
  }

  /** Of those that are forwarded: most pages have none, and wait for none. */
  async function originsFor(
    me: string,
    messages: StoredMessage[],
  ): Promise<Map<StoredMessage, Forward | null>> {
    const forwarded = messages.filter(({ forward }) => forward !== null)
    const origins = forwarded.map(async message => [message, await originFor(me, message)] as const)
    return new Map(await Promise.all(origins))
  }

  return {
    /** As one member sees them: of a message that they do not see, a quote tells nothing either. */
    async show(me: string, roster: Roster, messages: StoredMessage[]): Promise<Message[]> {
      const [quotes, seen, origins] = await Promise.all([
        quotesFor(me, roster, messages),
        chats.seenBy(me, roster),
        originsFor(me, messages),
      ])
      return messages.map(message => {
        const forward = message.forward && (origins.get(message) ?? null)
        const reactions = reactionsOf(message, me)
        return toMessage(message, forward, quoteOf(message, quotes), reactions, isRead(message, seen))
      })
    },

    originFor,

    /** What telling of a change of this message takes beside it: read before, so that the change is told at once. */
    async besides(message: StoredMessage): Promise<Beside> {
      const quote = quoteOf(message, await quotesOf(message.chat_id, [message]))
      return { quote, hidden_from: await hiddenFrom(message.chat_id, [message.seq, quote?.seq]) }
    },

    /** The same for a message that is new, which nobody can have hidden. */
    async besidesNew(chatId: string, answered: StoredMessage | null): Promise<Beside> {
      if (!answered) return { quote: null }
      return { quote: toQuote(answered), hidden_from: await hiddenFrom(chatId, [answered.seq]) }
    },

    /**
     * That it changed, as live frames tell it: the same for everybody, so nothing in it depends on who listens.
     * Needs no store, so that it can be told in the turn of the store's answer.
     */
    changed(stored: StoredMessage, { quote, hidden_from }: Beside, roster: Roster): MessageEvent {
      const message = told(stored, quote, isRead(stored, roster))
      return { type: 'message', chat_id: stored.chat_id, message, hidden_from }
    },

    /** That it was sent: nobody has read it. */
    sent(stored: StoredMessage, { quote, hidden_from }: Beside): MessageEvent {
      const message = told(stored, quote, false)
      return { type: 'message', chat_id: stored.chat_id, message, isNew: true, hidden_from }
    },
  }
}

const UNTOLD: Forward = { message_id: null, chat_id: null, sender_id: null }

function told(message: StoredMessage, quote: Quote | null, is_read: boolean): Message {
  const forward = message.forward && UNTOLD
  return toMessage(message, forward, quote, reactionsOf(message), is_read)
}

/** Written out, since every message goes through here: spreading costs more. */
function toMessage(
  stored: StoredMessage,
  forward: Forward | null,
  quote: Quote | null,
  reactions: Reaction[],
  is_read: boolean,
): Message {
  const { mentions, mentions_all, thread_of, thread, delete_reason } = stored
  const message: Message = {
    id: stored.id,
    chat_id: stored.chat_id,
    seq: stored.seq,
    rev: stored.rev,
    client_id: stored.client_id,
    sender_id: stored.sender_id,
    receiver_id: stored.receiver_id,
    content: stored.content,
    message_type: stored.message_type,
    attachments: stored.attachments,
    reply_to: stored.reply_to,
    reactions,
    is_read,
    pinned_at: stored.pinned_at,
    edited_at: stored.edited_at,
    deleted_at: stored.deleted_at,
    created_at: stored.created_at,
    updated_at: stored.updated_at,
  }
  // What few messages have, and no other sends.
  if (quote) message.quote = quote
  if (forward) message.forward = forward
  if (mentions.length > 0) message.mentions = mentions
  if (mentions_all) message.mentions_all = true
  if (thread_of) message.thread_of = thread_of
  if (thread) message.thread = thread
  if (delete_reason) message.delete_reason = delete_reason
  return message
}

const quoteOf = ({ reply_to }: StoredMessage, quotes: Map<string, Quote>) =>
  reply_to === null ? null : (quotes.get(reply_to) ?? null)

export function toQuote(message: StoredMessage): Quote {
  const { id, seq, sender_id, content, attachments, message_type, deleted_at } = message
  return { id, seq, sender_id, content: previewOf(content, attachments), message_type, deleted_at }
}

const reactionsOf = ({ reactions }: StoredMessage, me?: string): Reaction[] =>
  reactions.length === 0 ? [] : reactions.map(reaction => toReaction(reaction, me))

function toReaction({ emoji, user_ids }: StoredReaction, me?: string): Reaction {
  const shown = user_ids.slice(0, SHOWN_REACTORS)
  if (me !== undefined && !shown.includes(me) && user_ids.includes(me)) shown[shown.length - 1] = me
  return { emoji, count: user_ids.length, user_ids: shown }
}

/** Whether every other member has read a message; false where there is nobody else. */
function isRead({ sender_id, seq }: StoredMessage, { members, positions }: Roster): boolean {
  const others = positions.lowestBut(members.get(sender_id)?.read_seq)
  return others !== Infinity && seq <= others
}
