// Changing what was said: editing, deleting, and what both leave behind.
import { isAllowed, mustBeAllowedToWrite } from '../chats/roles'
import { mustBeWritable, type Chats, type Door } from '../chats/service'
import type { ChatStore } from '../chats/store'
import type { Events } from '../events'
import { conflict, forbidden, notFound } from '../lib/errors'
import { nowIso } from '../lib/schema'
import { mustSaySomething, wordsBeside } from './compose'
import type { Mentions } from './mentions'
import { MAX_EDITS, type Message } from './model'
import type { Messages } from './service'
import type { Edit, MessagePatch, MessageStore, StoredMessage } from './store'
import type { Threads } from './threads'
import type { Beside, Views } from './view'

export type Changing = ReturnType<typeof createChanging>

/** Decides what changes of a message, or null for nothing; may throw to refuse; has no effects. */
export type Change = (message: StoredMessage, edits: Edit[]) => MessagePatch | null

export interface Target {
  door: Door
  message: StoredMessage
  beside: Beside
}

export function createChanging(
  store: MessageStore,
  chatStore: ChatStore,
  chats: Chats,
  messages: Messages,
  mentions: Mentions,
  threads: Threads,
  views: Views,
  events: Events,
) {
  /** The one way a message changes: stored under the next `rev`, told to all, answered as the caller sees it. */
  async function change(me: string, { door, message, beside }: Target, decide: Change): Promise<Message> {
    const { roster } = door
    await chats.mustBeOpen(me, door)
    const outcome = await store.change(roster.chat.id, message.id, decide)
    if (!outcome) throw notFound('message')
    if (outcome.changed) events.publish(views.changed(outcome.message, beside, roster))
    const [shown] = await views.show(me, roster, [outcome.message])
    return shown as Message
  }

  /** A message that I may see, with all that telling of its change needs: 404 otherwise. */
  async function target(me: string, chatId: string, id: string): Promise<Target> {
    const door = await chats.mustBeWriter(me, chatId)
    const message = await messages.mustSee(me, chatId, id)
    return { door, message, beside: await views.besides(message) }
  }

  return {
    change,
    target,

    /**
     * Replaces the text, not the files: by the author only (403), not of a deleted or forwarded message (409). The former texts are kept.
     * It is writing, so it takes the right to write too: else a new text would come by an old message.
     */
    async edit(me: string, chatId: string, id: string, content: string): Promise<Message> {
      const goal = await target(me, chatId, id)
      mustBeWritable(goal.door)
      mustBeAllowedToWrite(goal.door.roster.chat, goal.door.my.role)
      const text = goal.message.attachments.length > 0 ? wordsBeside(content) : mustSaySomething(content)
      const meant = await mentions.meantBy(me, text, goal.door)
      return change(me, goal, (message, edits) => {
        mustBeAuthor(me, message)
        mustStand(message)
        mustBeOwnWords(message)
        if (message.content === text) return null
        if (edits.length >= MAX_EDITS)
          throw conflict('too_many_edits', `A message is edited at most ${MAX_EDITS} times.`)
        const now = nowIso()
        const former = { content: message.content, edited_at: now }
        return { content: text, ...meant, edited_at: now, updated_at: now, edits: [...edits, former] }
      })
    },

    /** The texts a message had before, oldest first; for everybody who may see the message. */
    async edits(me: string, chatId: string, id: string): Promise<Edit[]> {
      await messages.mustSee(me, chatId, id)
      return store.edits(chatId, id)
    },

    /** Leaves a tombstone that keeps its place: by the author, or by an admin of the group (403). A repeat changes nothing. */
    async deleteForEveryone(me: string, chatId: string, id: string): Promise<Message> {
      const goal = await target(me, chatId, id)
      const message = await change(me, goal, stored => {
        mustBeDeletable(me, goal.door, stored)
        return stored.deleted_at ? null : tombstone('deleted')
      })
      await threads.recount(chatId, message.thread_of ?? null)
      return message
    },

    /** Hides a message from me everywhere, on all my devices; nobody else notices and no `rev` is taken. */
    async deleteForMe(me: string, chatId: string, id: string): Promise<Message> {
      const { seq } = await messages.mustSee(me, chatId, id)
      const message = await messages.get(me, chatId, id)
      await chatStore.hideMessage(me, { chat_id: chatId, message_id: id, seq })
      events.publish({ type: 'hidden', chat_id: chatId, user_id: me, message_id: id, seq })
      return message
    },
  }
}

/** What is left of a message: its place, and why it is gone. */
export function tombstone(delete_reason: 'deleted' | 'expired'): MessagePatch {
  const now = nowIso()
  const empty = { content: '', attachments: [], reactions: [], mentions: [], mentions_all: false, edits: [] }
  return { ...empty, forward: null, pinned_at: null, deleted_at: now, delete_reason, updated_at: now }
}

function mustBeAuthor(me: string, { sender_id }: StoredMessage) {
  if (sender_id !== me) throw forbidden('not_the_author', 'Only the author may edit a message.')
}

/** 409 for a forwarded message, whose words are somebody else's. */
function mustBeOwnWords({ forward }: StoredMessage) {
  if (forward) throw conflict('forwarded', 'A forwarded message says what its first sender said.')
}

/** 409 for a deleted message, which has nothing left to change. */
export function mustStand({ deleted_at }: StoredMessage) {
  if (deleted_at) throw conflict('deleted', 'This message was deleted.')
}

function mustBeDeletable(me: string, { roster, my }: Door, { sender_id }: StoredMessage) {
  const isAdmin = roster.chat.chat_type === 'group' && isAllowed('deleteOthers', my.role)
  if (sender_id !== me && !isAdmin)
    throw forbidden('not_the_author', 'Only the author or an admin may delete a message.')
}
