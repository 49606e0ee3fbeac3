// What changed in a chat: how a client that was away becomes level.
import type { Chats } from '../chats/service'
import { MAX_CHANGES, type Changes } from './model'
import type { MessageStore } from './store'
import type { Views } from './view'

export type ChangeLog = ReturnType<typeof createChangeLog>

export function createChangeLog(store: MessageStore, chats: Chats, views: Views) {
  return {
    /** Resolves once all that a reader may have seen by now has been told to everybody as a live event. */
    async told(): Promise<void> {
      await store.settled()
      await new Promise(resolve => setImmediate(resolve))
    },

    /**
     * Messages changed after `since`, each once, as it is now, ascending by `rev`, tombstones included; at most 300.
     * `rev` is where to go on: the number of the last item, also where items are hidden from me.
     */
    async since(me: string, chatId: string, since = 0, limit = MAX_CHANGES): Promise<Changes> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      const [found, hidden] = await Promise.all([
        store.changes(chatId, since, limit + 1),
        chats.hiddenFrom(me, chatId),
      ])
      const page = found.slice(0, limit)
      const visible = page.filter(({ seq }) => seq > my.cleared_seq && !hidden.has(seq))
      return {
        items: await views.show(me, roster, visible),
        rev: page.at(-1)?.rev ?? since,
        more: found.length > limit,
      }
    },
  }
}
