// Messages that a person keeps for themself.
import type { Chats } from '../chats/service'
import type { Events } from '../events'
import { fromCursor, toCursor } from '../lib/cursors'
import { AppError, notFound } from '../lib/errors'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import type { Message } from './model'
import type { Messages } from './service'
import type { MessageStore } from './store'
import type { SavedStore } from './mine.store'

export type SavedMessages = ReturnType<typeof createSaved>

export function createSaved(
  store: SavedStore,
  messageStore: MessageStore,
  messages: Messages,
  chats: Pick<Chats, 'idsOf'>,
  events: Events,
) {
  /** What I may no longer see is left out, but stays kept: I may come back. */
  const shown = (me: string, chatId: string, id: string): Promise<Message | null> =>
    messages.get(me, chatId, id).catch(error => {
      if (error instanceof AppError && error.status === 404) return null
      throw error
    })

  return {
    /** Keeps a message of one of my chats; a repeat changes nothing. In others' chats it is as unknown as any. */
    async save(me: string, id: string): Promise<Message> {
      const chatId = await messageStore.chatOf(id, await chats.idsOf(me))
      if (!chatId) throw notFound('message')
      const message = await shown(me, chatId, id)
      if (!message) throw notFound('message')
      await store.save({ user_id: me, message_id: id, chat_id: chatId, saved_at: nowIso() })
      events.publish({ type: 'saved', user_id: me, message_id: id, saved: true })
      return message
    },

    async unsave(me: string, id: string): Promise<void> {
      if (!(await store.unsave(me, id))) throw notFound('saved message')
      events.publish({ type: 'saved', user_id: me, message_id: id, saved: false })
    },

    /** What I keep, saved last first. */
    async list(me: string, { limit = 20, cursor }: PageQuery) {
      const [saved_at, message_id] = cursor === undefined ? [] : fromCursor(cursor, 'string', 'string')
      const after = saved_at !== undefined && message_id !== undefined ? { saved_at, message_id } : undefined
      const rows = await store.list(me, { after, limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(last.saved_at, last.message_id))
      const items = await Promise.all(
        page.items.map(async row => ({
          saved_at: row.saved_at,
          message: await shown(me, row.chat_id, row.message_id),
        })),
      )
      return {
        items: items.flatMap(({ saved_at, message }) => (message ? [{ saved_at, message }] : [])),
        next: page.next,
      }
    },
  }
}
