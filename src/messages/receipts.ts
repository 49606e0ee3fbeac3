// How far each member has read.
import type { Chats, Door } from '../chats/service'
import { membersAfter, type Rosters } from '../chats/roster'
import type { ChatStore } from '../chats/store'
import { toMyChat } from '../chats/view'
import type { ChatEvent, Events } from '../events'
import { fromCursor, toCursor } from '../lib/cursors'
import { notFound } from '../lib/errors'
import { pageOf, type PageQuery } from '../lib/schema'
import type { Message, ReadPosition } from './model'
import type { Messages } from './service'

type Receipt = Extract<ChatEvent, { type: 'read' | 'delivered' }>

export type Receipts = ReturnType<typeof createReceipts>

export function createReceipts(
  store: ChatStore,
  rosters: Rosters,
  chats: Chats,
  messages: Messages,
  events: Events,
) {
  /** Where a block stands between two people only my own devices hear of it. */
  function tell({ my }: Door, event: Receipt, isApart: boolean) {
    if (!isApart) return events.publish(event)
    if (event.type === 'delivered') return
    const moved = toMyChat({ ...my, read_seq: event.seq })
    events.publish({ type: 'mine', chat_id: event.chat_id, user_id: my.user_id, my: moved })
  }

  return {
    /**
     * Moves my read position to `seq`, at most to the head; it may also go back, which marks as unread.
     * The same position again changes nothing and tells nobody.
     */
    async markRead(me: string, chatId: string, seq: number, onlyForward = false): Promise<number> {
      const door = await chats.mustBeMember(me, chatId)
      const isApart = await chats.isApart(me, door)
      const position = await store.markRead(chatId, me, seq, onlyForward)
      if (position === null) throw notFound('chat')
      const moved = rosters.changeMember(chatId, me, ({ delivered_seq }) => ({
        read_seq: position,
        delivered_seq: Math.max(position, delivered_seq),
      }))
      if (moved) tell(door, { type: 'read', chat_id: chatId, user_id: me, seq: position }, isApart)
      return position
    },

    /** The same, and what is left unread. */
    async markReadAndCount(me: string, chatId: string, to: number): Promise<ReadPosition> {
      const seq = await this.markRead(me, chatId, to)
      const { unread_count } = await chats.view(me, chatId)
      return { chat_id: chatId, user_id: me, seq, unread_count }
    },

    /** Tells that messages up to `seq` have reached me; never back, and the same again tells nobody. */
    async markDelivered(me: string, chatId: string, seq: number): Promise<number> {
      const door = await chats.mustBeMember(me, chatId)
      const { my } = door
      if (seq <= my.delivered_seq) return my.delivered_seq
      const isApart = await chats.isApart(me, door)
      const position = await store.markDelivered(chatId, me, seq)
      if (position === null) throw notFound('chat')
      const moved = rosters.changeMember(chatId, me, ({ delivered_seq }) => ({
        delivered_seq: Math.max(position, delivered_seq),
      }))
      if (moved) tell(door, { type: 'delivered', chat_id: chatId, user_id: me, seq: position }, isApart)
      return position
    },

    /** Which members, but for the author, have read a message and have been given it; ordered by user id. */
    async list(me: string, chatId: string, messageId: string, { limit = 20, cursor }: PageQuery) {
      const { seq, sender_id } = await messages.mustSee(me, chatId, messageId)
      const door = await chats.mustBeMember(me, chatId)
      const roster = await chats.seenBy(me, door.roster)
      const after = cursor === undefined ? '' : fromCursor(cursor, 'string')[0]
      const others = membersAfter(roster, after, limit + 1, ({ user_id }) => user_id !== sender_id)
      const page = pageOf(others, limit, last => toCursor(last.user_id))
      const items = page.items.map(({ user_id, read_seq, delivered_seq }) => {
        return { user_id, read: read_seq >= seq, delivered: Math.max(read_seq, delivered_seq) >= seq }
      })
      return { items, next: page.next }
    },

    /** The older way: reads up to this message, never back. Answers the message. */
    async markMessageRead(me: string, chatId: string, messageId: string): Promise<Message> {
      const { seq } = await messages.get(me, chatId, messageId)
      const { my } = await chats.mustBeMember(me, chatId)
      if (seq > my.read_seq) await this.markRead(me, chatId, seq, true)
      return messages.get(me, chatId, messageId)
    },
  }
}
