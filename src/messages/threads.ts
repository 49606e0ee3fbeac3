// Threads: replies gathered under the message that began them.
import type { Rosters } from '../chats/roster'
import type { Chats } from '../chats/service'
import type { Events } from '../events'
import { notFound } from '../lib/errors'
import { nowIso } from '../lib/schema'
import type { Message, Thread } from './model'
import type { MessageStore, StoredMessage } from './store'
import type { Views } from './view'

export type Threads = ReturnType<typeof createThreads>

export function createThreads(
  store: MessageStore,
  chats: Chats,
  rosters: Rosters,
  views: Views,
  events: Events,
) {
  /** Answers whether that changed the root: what was counted may be from before what another has written there. */
  async function countOnce(chatId: string, rootId: string): Promise<boolean> {
    const root = await store.byId(chatId, rootId)
    const thread = await store.threadSummary(chatId, rootId)
    const roster = await rosters.get(chatId)
    if (!root || !roster || sameThread(root.thread, thread)) return false
    const beside = await views.besides(root)
    const outcome = await store.change(chatId, rootId, stored =>
      sameThread(stored.thread, thread) ? null : { thread, updated_at: nowIso() },
    )
    if (!outcome?.changed) return false
    events.publish(views.changed(outcome.message, beside, roster))
    return true
  }

  return {
    /**
     * After a reply was stored, deleted or expired: the root takes note, and all are told where that changed it.
     * Derived, so a repeat mends what a crash left; counted until it stays the same, so the last of many who count
     * at once leaves it right.
     */
    async recount(chatId: string, rootId: string | null): Promise<void> {
      while (rootId && (await countOnce(chatId, rootId)));
    },

    /** The replies of a thread above a `seq`, oldest first. */
    async history(me: string, chatId: string, rootId: string, after = 0, limit = 50): Promise<Message[]> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      const [root, hidden] = await Promise.all([store.byId(chatId, rootId), chats.hiddenFrom(me, chatId)])
      if (!root) throw notFound('message')
      const shown: StoredMessage[] = []
      // Whoever pages goes on from the last one shown: a page must not end because all of it is hidden.
      for (let above = Math.max(after, my.cleared_seq); ;) {
        const replies = await store.thread(chatId, rootId, above, limit)
        shown.push(...replies.filter(({ seq }) => !hidden.has(seq)))
        if (replies.length < limit || shown.length >= limit)
          return views.show(me, roster, shown.slice(0, limit))
        above = replies.at(-1)?.seq ?? above
      }
    },
  }
}

const sameThread = (one: Thread | null, other: Thread | null) =>
  one?.reply_count === other?.reply_count && one?.last_reply_seq === other?.last_reply_seq
