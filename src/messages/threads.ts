// Threads: replies gathered under the message that began them.
import type { Roster } from '../chats/roster'
import type { Chats, Door } from '../chats/service'
import type { Events } from '../events'
import { nowIso } from '../lib/schema'
import type { Message, Thread } from './model'
import type { MessageStore, StoredMessage } from './store'
import type { Views } from './view'

export type Threads = ReturnType<typeof createThreads>

export function createThreads(store: MessageStore, chats: Chats, views: Views, events: Events) {
  /** Counts the replies anew and tells the root where that changed it: derived, so a repeat mends what a crash left. */
  async function recount(roster: Roster, rootId: string) {
    const chatId = roster.chat.id
    const root = await store.byId(chatId, rootId)
    const quote = root && (await views.quoteFor(root))
    const thread = await store.threadSummary(chatId, rootId)
    const outcome = await store.change(chatId, rootId, stored =>
      sameThread(stored.thread, thread) ? null : { thread, updated_at: nowIso() },
    )
    if (!outcome?.changed) return
    events.publish({ type: 'message', chat_id: chatId, message: views.told(outcome.message, quote, roster) })
  }

  return {
    recount,

    /** After a reply was stored: its thread's root takes note. */
    async grow({ roster }: Door, { thread_of }: StoredMessage): Promise<void> {
      if (thread_of) await recount(roster, thread_of)
    },

    /** After a message was deleted. */
    async shrink({ roster }: Door, rootId: string | null): Promise<void> {
      if (rootId) await recount(roster, rootId)
    },

    /** The replies of a thread above a `seq`, oldest first. */
    async history(me: string, chatId: string, rootId: string, after = 0, limit = 50): Promise<Message[]> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      const hidden = await chats.hiddenFrom(me, chatId)
      const replies = await store.thread(chatId, rootId, Math.max(after, my.cleared_seq), limit)
      return views.show(
        me,
        roster,
        replies.filter(({ seq }) => !hidden.has(seq)),
      )
    },
  }
}

const sameThread = (one: Thread | null, other: Thread | null) =>
  one?.reply_count === other?.reply_count && one?.last_reply_seq === other?.last_reply_seq
