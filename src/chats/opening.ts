// Opening chats: the one private chat of a pair, and groups.
import { invalid } from '../lib/errors'
import { newId } from '../lib/ids'
import { nowIso } from '../lib/schema'
import type { Users } from '../users/service'
import type { Chat, ChatType, CreateChat } from './model'
import { mustBeName, type Chats } from './service'
import type { ChatStore, NewChat, NewMember } from './store'

export type Opening = ReturnType<typeof createOpening>

/** The address of the picture that somebody wants for a new group; refuses what is no picture of theirs. */
export type PictureFor = (me: string, chatId: string, wanted: string | null) => Promise<string | null>

export function createOpening(store: ChatStore, chats: Chats, users: Users, pictureFor: PictureFor) {
  async function createPrivate(me: string, others: string[]): Promise<{ chat: Chat; isNew: boolean }> {
    if (others.length !== 1) {
      throw invalid('body/participants', 'one_person', 'A private chat has exactly one other person.')
    }
    await chats.mustNotHaveBlocked(me, others[0] as string)
    const people = [...new Set([me, ...others])]
    const { chat, isNew } = await store.createPrivate(newChat(me, 'private'), newMembers(people, 'member'))
    if (isNew) await chats.tellJoined(chat.id, newMembers(people, 'member'))
    else await comeBack(me, chat.id)
    return { chat: await chats.view(me, chat.id), isNew }
  }

  /** Opening a private chat that I deleted for me puts it back on my list. */
  async function comeBack(me: string, chatId: string) {
    const { my } = await chats.mustBeMember(me, chatId)
    if (!my.hidden) return
    await store.unhide(chatId, me)
    chats.show(chatId, me)
    await chats.tellJoined(chatId, [my])
  }

  async function createGroup(
    me: string,
    others: string[],
    input: CreateChat,
  ): Promise<{ chat: Chat; isNew: boolean }> {
    const group_name = mustBeName(input.group_name)
    const members = [
      ...newMembers([me], 'owner'),
      ...newMembers(
        others.filter(id => id !== me),
        'member',
      ),
    ]
    const { who_may_write, history_for_newcomers } = input
    const draft = newChat(me, 'group')
    const group_avatar = await pictureFor(me, draft.id, input.group_avatar ?? null)
    const settings = { group_name, group_avatar, who_may_write, history_for_newcomers }
    const chat = await store.createGroup({ ...draft, ...settings }, members)
    await chats.tellJoined(chat.id, members)
    return { chat: await chats.view(me, chat.id), isNew: true }
  }

  return {
    /** Makes a group, or the one private chat of a pair; an existing one is answered with `isNew: false`. */
    async create(me: string, input: CreateChat): Promise<{ chat: Chat; isNew: boolean }> {
      const people = await users.idsOf(me, input.participants)
      if (input.chat_type === 'group') return createGroup(me, people, input)
      const others = people.filter(id => id !== me)
      return createPrivate(me, others.length === 0 ? [me] : others)
    },
  }
}

const newChat = (me: string, chat_type: ChatType): NewChat => {
  return {
    id: newId(),
    chat_type,
    group_name: null,
    group_avatar: null,
    created_by: me,
    created_at: nowIso(),
  }
}

export const newMembers = (userIds: string[], role: NewMember['role']): NewMember[] => {
  const joined_at = nowIso()
  return userIds.map(user_id => ({ user_id, role, joined_at }))
}
