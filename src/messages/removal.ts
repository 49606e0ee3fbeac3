// Deleting all that one person has said, everywhere: tombstones take the place of their messages.
import type { Rosters } from '../chats/roster'
import type { Events } from '../events'
import { tombstone } from './changing'
import type { MessageStore, StoredMessage } from './store'
import type { Threads } from './threads'
import type { Views } from './view'

export type Removal = ReturnType<typeof createRemoval>

const CHATS_AT_ONCE = 500
/** Stored together; every member's sockets hear of each. */
const MESSAGES_AT_ONCE = 50
/** Left to others between two writes. */
const REST_MS = 10

export function createRemoval(
  store: MessageStore,
  rosters: Rosters,
  threads: Threads,
  views: Views,
  events: Events,
) {
  async function remove(message: StoredMessage) {
    const { chat_id, id, thread_of } = message
    const [beside, roster] = await Promise.all([views.besides(message), rosters.get(chat_id)])
    if (!roster) return
    const outcome = await store.change(chat_id, id, stored =>
      stored.deleted_at ? null : tombstone('deleted'),
    )
    // Told in the turn of the store's answer, so that nothing comes between two changes of one chat.
    if (outcome?.changed) events.publish(views.changed(outcome.message, beside, roster))
    await threads.recount(chat_id, thread_of)
  }

  async function removeIn(chatId: string, userId: string, mayGoOn: () => boolean) {
    for (let after = ''; mayGoOn();) {
      const found = await store.ofSender(chatId, userId, { after, limit: MESSAGES_AT_ONCE })
      const standing = found.filter(({ deleted_at }) => deleted_at === null)
      await Promise.all(standing.map(remove))
      const last = found.at(-1)
      if (!last || found.length < MESSAGES_AT_ONCE) return
      after = last.client_id
      await Bun.sleep(REST_MS)
    }
  }

  return {
    /**
     * Resolves once nothing of this person stands in any chat, also in those they had left; or when it is told not to
     * go on. A repeat goes over what is left, so that a crash does no harm.
     */
    async removeAllOf(userId: string, mayGoOn: () => boolean): Promise<void> {
      await store.settled()
      for (let after = ''; mayGoOn();) {
        const { chat_ids, last } = await store.chatsOfSender(userId, { after, limit: CHATS_AT_ONCE })
        for (const chatId of chat_ids) await removeIn(chatId, userId, mayGoOn)
        if (last === null) return
        after = last
        await Bun.sleep(REST_MS)
      }
    },
  }
}
