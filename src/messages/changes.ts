// What changed in a chat: how a client that was away becomes level.
import type { Chats } from '../chats/service'
import { conflict } from '../lib/errors'
import { MAX_CHANGES, type Changes } from './model'
import type { EpochStore } from './epoch.store'
import type { MessageStore } from './store'
import type { Views } from './view'

export type ChangeLog = ReturnType<typeof createChangeLog>

export function createChangeLog(store: MessageStore, epoch: EpochStore, chats: Chats, views: Views) {
  /**
   * Whether no change has this number. Where a chat stands is told a moment after its messages can be read, so a client
   * may be ahead of that; the messages themselves show whether it was ever given the number.
   */
  async function isAhead(chatId: string, rev: number): Promise<boolean> {
    return rev > 0 && (await store.changes(chatId, rev - 1, 1)).length === 0
  }

  return {
    isAhead,

    /** The epoch of the store: numbers that clients keep mean something in that one alone. */
    epoch: epoch.current,

    /** Resolves once all that a reader may have seen by now has been told to everybody as a live event. */
    async told(): Promise<void> {
      await store.settled()
      await new Promise(resolve => setImmediate(resolve))
    },

    /**
     * Messages changed after `since`, each once, as it is now, ascending by `rev`, tombstones included; at most 300.
     * `rev` is where to go on: the number of the last item, also where items are hidden from me.
     * 409 where no change has the number `since`, or where it is of another epoch (null: not known), as after a store
     * was put back from a copy: load the chat anew.
     */
    async since(
      me: string,
      chatId: string,
      since = 0,
      limit = MAX_CHANGES,
      known: string | null = null,
    ): Promise<Changes> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      if (since > 0 && known !== null && known !== epoch.current()) throw otherEpoch()
      const [found, hidden] = await Promise.all([
        store.changes(chatId, since, limit + 1),
        chats.hiddenFrom(me, chatId),
      ])
      if (found.length === 0 && (await isAhead(chatId, since))) throw ahead()
      const page = found.slice(0, limit)
      const visible = page.filter(({ seq }) => seq > my.cleared_seq && !hidden.has(seq))
      return {
        items: await views.show(me, roster, visible),
        rev: page.at(-1)?.rev ?? since,
        more: found.length > limit,
        epoch: epoch.current(),
      }
    },
  }
}

const otherEpoch = () =>
  conflict('other_epoch', 'The store was put back from a copy meanwhile. Load all chats anew.')

const ahead = () => conflict('ahead', 'No change of this chat has that number. Load the chat anew.')
