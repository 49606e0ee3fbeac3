// Chats: the door to each of them, listing, changing and deleting them.
import type { Events } from '../events'
import { blobsAt } from '../files/avatar.model'
import type { BlobStore } from '../files/blobs'
import { conflict, forbidden, invalid, notFound } from '../lib/errors'
import { badCursor, fromCursor, toCursor } from '../lib/cursors'
import { isId } from '../lib/ids'
import { nowIso, pageOf } from '../lib/schema'
import type { Walls } from '../users/walls'
import { createApart } from './apart'
import type { Chat, EditChat, ListChats } from './model'
import { createNews } from './news'
import { mustBeAllowed, type Action } from './roles'
import type { Door, Roster, Rosters } from './roster'
import type { ChatStore, ListedChat, MemberPosition } from './store'
import { toChat } from './view'

export type Chats = ReturnType<typeof createChats>
export type { Door }

/** What it takes to change each part of a group. */
const EDITING: Record<keyof EditChat, Action> = {
  group_name: 'edit',
  group_avatar: 'avatar',
  retention_seconds: 'retention',
  who_may_write: 'settings',
  history_for_newcomers: 'settings',
}

export function createChats(
  store: ChatStore,
  rosters: Rosters,
  walls: Walls,
  events: Events,
  blobs: BlobStore,
) {
  const news = createNews(store, rosters, events)
  const apart = createApart(walls, rosters)

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

  const show = (chatId: string, userId: string) =>
    rosters.changeMember(chatId, userId, () => ({ hidden: false }))

  async function deleteForMe(me: string, chatId: string) {
    const floor = await store.clearFor(chatId, me)
    rosters.forget(chatId)
    if (floor !== null) events.publish({ type: 'entered', chat_id: chatId, user_id: me, floor })
    events.publish({ type: 'gone', chat_id: chatId, user_id: me, ended: false })
  }

  /** A chat that is nobody's any more. */
  async function end(chatId: string) {
    rosters.forget(chatId)
    await store.delete(chatId)
    rosters.forget(chatId)
  }

  async function deleteForEveryone(chatId: string, roster: Roster) {
    await end(chatId)
    for (const user_id of roster.members.keys())
      events.publish({ type: 'gone', chat_id: chatId, user_id, ended: true })
    await blobs.remove(blobsAt(roster.chat.group_avatar))
  }

  return {
    ...apart,
    mustBeMember,
    mustBeWriter,
    view,
    ...news,
    show,
    end,

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

    /** Those of these messages that I deleted for myself, by id. */
    async hiddenAmong(me: string, messages: { chat_id: string; id: string }[]): Promise<Set<string>> {
      return new Set(await store.hiddenAmong(me, messages))
    },

    /** Who has deleted which of these messages for themself. */
    hiddenBy: store.hiddenBy,

    /** The id of my private chat with somebody, or with myself; null where there is none. */
    privateWith: (me: string, other: string): Promise<string | null> =>
      store.privateOf([...new Set([me, other])]),

    /** Everybody in a chat of mine; 404 otherwise. */
    async membersOf(me: string, chatId: string): Promise<string[]> {
      return [...(await mustBeMember(me, chatId)).roster.members.keys()]
    },

    /** One who may look into a chat, for a caller who may act for anyone: who opened it, or another; 404 for an unknown chat. */
    async someMember(chatId: string): Promise<string> {
      const roster = await rosters.get(chatId)
      const { chat, members } = roster ?? {}
      const someone = chat && members?.has(chat.created_by) ? chat.created_by : members?.keys().next().value
      if (someone === undefined) throw notFound('chat')
      return someone
    },

    /** Where each of my chats stands. */
    standingsOf: (me: string) => store.standingsOf(me),

    /** All my chats, and up to where I see nothing of each: what a socket listens to. */
    placesOf: (me: string) => store.placesOf(me),

    /** How far others have read and been given these chats, where that moved since a time in milliseconds. */
    async positionsSince(me: string, chatIds: string[], at: number): Promise<MemberPosition[]> {
      const moved = await store.positionsSince(chatIds, at)
      return apart.toldOf(
        me,
        moved.filter(({ user_id }) => user_id !== me),
      )
    },

    /** The ids of all my chats. */
    idsOf: (me: string): Promise<string[]> => store.chatIdsOf(me),

    /** 404 for strangers, 409 in a private chat, 403 for members who may not change name and picture. */
    async mustBeEditor(me: string, chatId: string): Promise<void> {
      const { roster, my } = await mustBeMember(me, chatId)
      mustBeAllowed('edit', roster.chat.chat_type, my.role)
    },

    /** A picture that was uploaded goes with its address. */
    async edit(me: string, chatId: string, patch: EditChat): Promise<Chat> {
      const { roster, my } = await mustBeMember(me, chatId)
      const fields = Object.keys(patch) as (keyof EditChat)[]
      for (const field of fields.length > 0 ? fields : (['group_name'] as const))
        mustBeAllowed(EDITING[field], roster.chat.chat_type, my.role)
      if (patch.group_name !== undefined) mustBeName(patch.group_name)
      if (fields.length === 0) return view(me, chatId)
      const replaced = patch.group_avatar === undefined ? null : roster.chat.group_avatar
      const chat = await store.update(chatId, patch, nowIso())
      if (!chat) throw notFound('chat')
      rosters.change(chatId, kept => (kept.chat = chat))
      await news.tellChanged(chatId)
      if (replaced !== patch.group_avatar) await blobs.remove(blobsAt(replaced))
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

/** 403 in a private chat whose other person has deleted their account: it stays to be read. */
export function mustBeWritable({ roster: { chat, members } }: Door) {
  if (chat.chat_type !== 'private') return
  for (const { left_at } of members.values()) {
    if (left_at !== null) throw forbidden('user_deleted', 'The other person has deleted their account.')
  }
}

const isTrue = (flag: 'true' | 'false' | undefined) => (flag === undefined ? undefined : flag === 'true')

/** 422 for a name of white space only. */
export function mustBeName(name: string | null | undefined): string {
  if (!name?.trim()) throw invalid('body/group_name', 'required', 'A group has a name.')
  return name
}
