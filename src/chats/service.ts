// Chats: the door to each of them, listing, changing and deleting them.
import type { Events } from '../events'
import { conflict, forbidden, invalid, notFound } from '../lib/errors'
import { badCursor, fromCursor, toCursor } from '../lib/cursors'
import { isId } from '../lib/ids'
import { nowIso, pageOf } from '../lib/schema'
import type { Walls } from '../users/walls'
import { createApart } from './apart'
import type { Chat, EditChat, ListChats } from './model'
import { mustBeAllowed } from './roles'
import type { Door, Roster, Rosters } from './roster'
import type { ChatStore, ListedChat } from './store'
import { toChat, toSharedChat } from './view'

export type Chats = ReturnType<typeof createChats>
export type { Door }

export function createChats(store: ChatStore, rosters: Rosters, walls: Walls, events: Events) {
  const apart = createApart(walls)

  /** The one door to every chat: 404 for strangers, the same as for an unknown chat. */
  async function mustBeMember(me: string, chatId: string): Promise<Door> {
    for (let going = rosters.leaving(chatId, me); going; going = rosters.leaving(chatId, me)) {
      await going.catch(() => {})
    }
    const kept = rosters.get(chatId)
    const roster = kept instanceof Promise ? await kept : kept
    const my = roster?.members.get(me)
    if (!roster || !my) throw notFound('chat')
    return { roster, my }
  }

  /** The door to all that writes in a chat, or changes something there. */
  async function mustBeWriter(me: string, chatId: string): Promise<Door> {
    const door = await mustBeMember(me, chatId)
    if (door.roster.chat.chat_type === 'private') await apart.mustBeOpen(me, door)
    return door
  }

  async function listed(me: string, chatId: string): Promise<ListedChat> {
    const found = await store.listed(me, chatId)
    if (!found) throw notFound('chat')
    return found
  }

  async function view(me: string, chatId: string): Promise<Chat> {
    const { roster } = await mustBeMember(me, chatId)
    return toChat(await listed(me, chatId), roster)
  }

  /**
   * The chat is these members' from now on: they hear it at once, with no wait since the store's answer;
   * what it looks like follows. One who left meanwhile is passed over.
   */
  async function tellJoined(chatId: string, userIds: string[]) {
    for (const user_id of userIds) events.publish({ type: 'entered', chat_id: chatId, user_id })
    const [roster, ...views] = await Promise.all([
      rosters.get(chatId),
      ...userIds.map(id => store.listed(id, chatId)),
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

  /** Tells all members that name, picture, members or roles changed. */
  async function tellChanged(chatId: string) {
    const roster = await rosters.get(chatId)
    if (roster) events.publish({ type: 'chat', chat_id: chatId, chat: toSharedChat(roster.chat, roster) })
  }

  const show = (chatId: string, userId: string) => rosters.changeMember(chatId, userId, { hidden: false })

  async function deleteForMe(me: string, chatId: string) {
    await store.clearFor(chatId, me)
    rosters.forget(chatId)
    events.publish({ type: 'gone', chat_id: chatId, user_id: me, ended: false })
  }

  async function deleteForEveryone(chatId: string, roster: Roster) {
    rosters.forget(chatId)
    await store.delete(chatId)
    rosters.forget(chatId)
    for (const user_id of roster.members.keys())
      events.publish({ type: 'gone', chat_id: chatId, user_id, ended: true })
  }

  return {
    ...apart,
    mustBeMember,
    mustBeWriter,
    view,
    tellJoined,
    tellChanged,
    show,

    /** My chats, newest activity first. */
    async list(
      me: string,
      { limit = 20, cursor, archived, pinned }: ListChats,
    ): Promise<{ items: Chat[]; next: string | null }> {
      const [activity_at, id] = cursor === undefined ? [] : fromCursor(cursor, 'string', 'string')
      const after = activity_at !== undefined && id !== undefined ? { activity_at, id } : undefined
      if (after && (!isId(after.id) || Number.isNaN(Date.parse(after.activity_at)))) throw badCursor()
      const rows = await store.list(me, {
        after,
        limit: limit + 1,
        archived: isTrue(archived),
        pinned: isTrue(pinned),
      })
      const page = pageOf(rows, limit, ({ chat }) => toCursor(chat.activity_at, chat.id))
      const found = await rosters.all(page.items.map(({ chat }) => chat.id))
      const items = page.items.flatMap(row => {
        const roster = found.get(row.chat.id)
        return roster ? [toChat(row, roster)] : []
      })
      return { items, next: page.next }
    },

    /** The places of the messages that I deleted for myself. */
    async hiddenFrom(me: string, chatId: string): Promise<Set<number>> {
      return new Set(await store.hiddenSeqs(chatId, me, 1, Number.MAX_SAFE_INTEGER))
    },

    /** Where each of my chats stands. */
    standingsOf: (me: string) => store.standingsOf(me),

    /** The ids of all my chats: what a socket listens to. */
    idsOf: (me: string): Promise<string[]> => store.chatIdsOf(me),

    async edit(me: string, chatId: string, patch: EditChat): Promise<Chat> {
      const { roster, my } = await mustBeMember(me, chatId)
      mustBeAllowed(
        patch.retention_seconds === undefined ? 'edit' : 'retention',
        roster.chat.chat_type,
        my.role,
      )
      if (patch.group_name !== undefined) mustBeName(patch.group_name)
      if (Object.keys(patch).length === 0) return view(me, chatId)
      const chat = await store.update(chatId, patch, nowIso())
      if (!chat) throw notFound('chat')
      rosters.change(chatId, kept => (kept.chat = chat))
      await tellChanged(chatId)
      return view(me, chatId)
    },

    /** A private chat for me (it leaves my list with its history), a group for everyone, by an owner. */
    async delete(me: string, chatId: string, scope?: 'me' | 'everyone'): Promise<void> {
      const { roster, my } = await mustBeMember(me, chatId)
      const isPrivate = roster.chat.chat_type === 'private'
      if (isPrivate && scope === 'everyone')
        throw forbidden('private_chat', 'A private chat is deleted for oneself only.')
      if (isPrivate) return deleteForMe(me, chatId)
      if (scope === 'me') throw conflict('group_chat', 'A group is left, not deleted for oneself.')
      mustBeAllowed('delete', 'group', my.role)
      await deleteForEveryone(chatId, roster)
    },
  }
}

const isTrue = (flag: 'true' | 'false' | undefined) => (flag === undefined ? undefined : flag === 'true')

/** 422 for a name of white space only. */
export function mustBeName(name: string | null | undefined): string {
  if (!name?.trim()) throw invalid('body/group_name', 'required', 'A group has a name.')
  return name
}
