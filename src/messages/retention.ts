// Messages that expire: after the time an owner set, tombstones take their place.
import type { Rosters } from '../chats/roster'
import type { ChatRecord, ChatStore } from '../chats/store'
import type { Events } from '../events'
import { tombstone } from './changing'
import type { MessageStore, StoredMessage } from './store'
import type { Threads } from './threads'
import type { Views } from './view'

export type Retention = ReturnType<typeof createRetention>

const AT_ONCE = 100

export function createRetention(
  store: MessageStore,
  chatStore: ChatStore,
  rosters: Rosters,
  threads: Threads,
  views: Views,
  events: Events,
) {
  async function expire(chat: ChatRecord, message: StoredMessage) {
    const beside = await views.besides(message)
    const outcome = await store.change(chat.id, message.id, stored =>
      stored.deleted_at ? null : tombstone('expired'),
    )
    const roster = await rosters.get(chat.id)
    if (!outcome?.changed || !roster) return
    events.publish(views.changed(outcome.message, beside, roster))
  }

  /**
   * Goes on from where it was, some at a time. Places are given about in order of time: the first young one ends it,
   * and what is older behind that waits, or the young one would be passed over for good.
   */
  async function expireIn(chat: ChatRecord, now: number) {
    const limit = new Date(now - (chat.retention_seconds ?? Infinity) * 1000).toISOString()
    const found = await store.above(chat.id, chat.expired_seq, AT_ONCE)
    const young = found.findIndex(({ created_at }) => created_at > limit)
    const old = young === -1 ? found : found.slice(0, young)
    for (const message of old) await expire(chat, message)
    const roots = new Set(old.map(({ thread_of }) => thread_of))
    for (const root of roots) await threads.recount(chat.id, root)
    const last = old.at(-1)
    if (!last) return
    const moved = await chatStore.update(chat.id, { expired_seq: last.seq }, chat.updated_at)
    if (moved && old.length === AT_ONCE) await expireIn(moved, now)
  }

  return {
    /** Expires what is due in every chat that has a time set. A cut or a repeat does no harm. */
    async sweep(now = Date.now()): Promise<void> {
      for (const chat of await chatStore.retaining()) await expireIn(chat, now)
    },
  }
}
