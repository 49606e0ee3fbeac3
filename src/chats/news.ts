// What members are told of their chat: that it is theirs, and that it changed.
import type { Events } from '../events'
import type { Rosters } from './roster'
import type { ChatStore, MemberRecord } from './store'
import { toChat, toSharedChat } from './view'

export type News = ReturnType<typeof createNews>

/** Who has a chat from now on; `cleared_seq` is the place up to which they see nothing of it. */
export type Entering = Pick<MemberRecord, 'user_id'> & Partial<Pick<MemberRecord, 'cleared_seq'>>

/** A chat that changes again within this time is told of once more, at its end: not 5,000 times for 5,000 joins. */
const CALM_MS = 250

export function createNews(store: ChatStore, rosters: Rosters, events: Events) {
  /** Chats told of a moment ago, and whether they changed since. */
  const restless = new Map<string, { isChanged: boolean }>()

  async function tell(chatId: string) {
    const roster = await rosters.get(chatId)
    if (roster) events.publish({ type: 'chat', chat_id: chatId, chat: toSharedChat(roster.chat, roster) })
  }

  function rest(chatId: string) {
    const state = { isChanged: false }
    restless.set(chatId, state)
    const calm = () => {
      restless.delete(chatId)
      if (!state.isChanged) return
      rest(chatId)
      // What cannot be read now is told with the next change.
      void tell(chatId).catch(() => {})
    }
    setTimeout(calm, CALM_MS).unref()
  }

  /**
   * The chat is these members' from now on: they hear it at once, with no wait since the store's answer;
   * what it looks like follows. One who left meanwhile is passed over.
   */
  async function tellJoined(chatId: string, members: Entering[]) {
    for (const { user_id, cleared_seq = 0 } of members)
      events.publish({ type: 'entered', chat_id: chatId, user_id, floor: cleared_seq })
    const [roster, ...views] = await Promise.all([
      rosters.get(chatId),
      ...members.map(({ user_id }) => store.listed(user_id, chatId)),
    ])
    if (!roster) return
    for (const found of views) {
      if (!found || !roster.members.has(found.my.user_id)) continue
      events.publish({
        type: 'joined',
        chat_id: chatId,
        user_id: found.my.user_id,
        chat: toChat(found, roster),
      })
    }
  }

  /** Tells all members that name, picture, settings, members or roles changed: at once, or when it is calm again. */
  async function tellChanged(chatId: string) {
    const state = restless.get(chatId)
    if (state) return void (state.isChanged = true)
    rest(chatId)
    await tell(chatId)
  }

  return {
    tellJoined,
    tellChanged,

    /** The store has made these members of the chat: right after its answer. */
    async welcome(chatId: string, newcomers: MemberRecord[]): Promise<void> {
      if (newcomers.length === 0) return
      rosters.join(chatId, newcomers)
      await tellJoined(chatId, newcomers)
      await tellChanged(chatId)
    },
  }
}
