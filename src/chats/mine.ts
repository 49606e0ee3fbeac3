// What is mine alone in a chat: muted, pinned, archived, and what I have begun to write; the same on all my devices.
import type { Events } from '../events'
import { notFound } from '../lib/errors'
import { nowIso } from '../lib/schema'
import { millisecondsAt } from '../lib/times'
import type { MyChat, MySettings } from './model'
import type { Rosters } from './roster'
import type { Chats } from './service'
import type { ChatStore, MemberRecord, MyPatch } from './store'
import { toMyChat } from './view'

export type Mine = ReturnType<typeof createMine>

export function createMine(store: ChatStore, rosters: Rosters, chats: Chats, events: Events) {
  async function set(me: string, chatId: string, patch: MyPatch): Promise<MyChat> {
    await chats.mustBeMember(me, chatId)
    const record = await store.setMine(chatId, me, patch)
    if (!record) throw notFound('chat')
    rosters.changeMember(chatId, me, () => record)
    return tell(record)
  }

  function tell(record: MemberRecord): MyChat {
    const my = toMyChat(record)
    events.publish({ type: 'mine', chat_id: record.chat_id, user_id: record.user_id, my })
    return my
  }

  return {
    /** Changes the settings given; my other devices hear of it, also those that are away. */
    async setSettings(me: string, chatId: string, settings: MySettings): Promise<MyChat> {
      const { muted_until } = settings
      if (!muted_until) return set(me, chatId, settings)
      const until = new Date(millisecondsAt('body/muted_until', muted_until))
      return set(me, chatId, { ...settings, muted_until: until.toISOString() })
    },

    /**
     * What moved for me alone since a number that I was given, in its present state; 0: all.
     * A number that was never given, as after a store was put back from a copy, tells all.
     */
    async movedSince(me: string, since: number) {
      const moved = await store.movedSince(me, since)
      const { no, members, hidden } = moved.no < since ? await store.movedSince(me, 0) : moved
      return { no, hidden, chats: members.map(record => ({ chat_id: record.chat_id, my: toMyChat(record) })) }
    },

    /** Keeps what I have begun to write; nothing, or white space, keeps none. */
    setDraft(me: string, chatId: string, content: string | null): Promise<MyChat> {
      const draft = content?.trim() ? content : null
      return set(me, chatId, { draft, draft_at: draft === null ? null : nowIso() })
    },
  }
}
