// A message as it is shown: what is stored, whether the others have read it, and what it quotes.
import type { Roster, Rosters } from '../chats/roster'
import { previewOf } from './attachment.model'
import { SHOWN_REACTORS, type Forward, type Message, type Quote, type Reaction } from './model'
import type { MessageStore, StoredMessage, StoredReaction } from './store'

export type Views = ReturnType<typeof createViews>

export function createViews(store: MessageStore, rosters: Rosters) {
  /** The messages replied to, by id, as they are now: one read, and none where nothing is a reply. */
  async function quotesOf(chatId: string, messages: StoredMessage[]): Promise<Map<string, Quote>> {
    const ids = [...new Set(messages.flatMap(({ reply_to }) => reply_to ?? []))]
    const found = ids.length > 0 ? await store.byIds(chatId, ids) : []
    return new Map(found.map(message => [message.id, toQuote(message)]))
  }

  /** Where a message comes from, for members of that chat; for others only that it is forwarded. */
  async function originFor(me: string, { forward }: StoredMessage): Promise<Forward | null> {
    if (!forward) return null
    const roster = await rosters.get(forward.chat_id)
    return roster?.members.has(me) ? forward : UNTOLD
  }

  return {
    /** As one member sees them. */
    async show(me: string, { chat, members }: Roster, messages: StoredMessage[]): Promise<Message[]> {
      const isRead = readersOf(members.values())
      const quotes = await quotesOf(chat.id, messages)
      return Promise.all(
        messages.map(async message => ({
          ...message,
          forward: await originFor(me, message),
          quote: quoteOf(message, quotes),
          reactions: message.reactions.map(reaction => toReaction(reaction, me)),
          is_read: isRead(message),
        })),
      )
    },

    /** The message that one answers, as it is now; null where it answers none. */
    async quoteFor(message: StoredMessage): Promise<Quote | null> {
      return quoteOf(message, await quotesOf(message.chat_id, [message]))
    },

    /**
     * As live frames tell it: the same for everybody, so nothing in it depends on who listens.
     * Needs no store, so that it can be told in the turn of the store's answer.
     */
    told(message: StoredMessage, quote: Quote | null, { members }: Roster): Message {
      return told(message, quote, readersOf(members.values())(message))
    },

    /** The same for a message that is new, which nobody has read. */
    toldNew: (message: StoredMessage, quote: Quote | null): Message => told(message, quote, false),
  }
}

const UNTOLD: Forward = { message_id: null, chat_id: null, sender_id: null }

function told(message: StoredMessage, quote: Quote | null, isRead: boolean): Message {
  const forward = message.forward && UNTOLD
  const reactions = message.reactions.map(reaction => toReaction(reaction))
  return { ...message, forward, quote, reactions, is_read: isRead }
}

const quoteOf = ({ reply_to }: StoredMessage, quotes: Map<string, Quote>) =>
  reply_to === null ? null : (quotes.get(reply_to) ?? null)

export function toQuote(message: StoredMessage): Quote {
  const { id, seq, sender_id, content, attachments, message_type, deleted_at } = message
  return { id, seq, sender_id, content: previewOf(content, attachments), message_type, deleted_at }
}

function toReaction({ emoji, user_ids }: StoredReaction, me?: string): Reaction {
  const shown = user_ids.slice(0, SHOWN_REACTORS)
  if (me !== undefined && !shown.includes(me) && user_ids.includes(me)) shown[shown.length - 1] = me
  return { emoji, count: user_ids.length, user_ids: shown }
}

/** Tells whether every other member has read a message; false where there is nobody else. One pass over the members. */
function readersOf(members: Iterable<{ user_id: string; read_seq: number }>) {
  let by = ''
  let lowest = Infinity
  let next = Infinity
  for (const { user_id, read_seq } of members) {
    if (read_seq < lowest) [by, lowest, next] = [user_id, read_seq, lowest]
    else if (read_seq < next) next = read_seq
  }
  return ({ sender_id, seq }: StoredMessage) => {
    const others = sender_id === by ? next : lowest
    return others !== Infinity && seq <= others
  }
}
