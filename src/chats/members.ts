// Who belongs to a group: adding, removing, leaving, roles and handing over.
import type { Events } from '../events'
import { AppError, conflict, notFound } from '../lib/errors'
import { fromCursor, toCursor } from '../lib/cursors'
import { pageOf, type PageQuery } from '../lib/schema'
import { UNSEEN } from '../users/presence'
import type { Users } from '../users/service'
import { MAX_MEMBERS, type Chat, type Member, type Role, type SeenMember } from './model'
import { mustBeAllowed, mustBeGroup, mustOutrank } from './roles'
import type { Roster, Rosters } from './roster'
import { newMembers } from './opening'
import type { Chats } from './service'
import type { Sight } from './sight'
import type { ChatStore } from './store'
import { toMember } from './view'

export type Members = ReturnType<typeof createMembers>

export function createMembers(
  store: ChatStore,
  rosters: Rosters,
  chats: Chats,
  users: Users,
  sight: Sight,
  events: Events,
) {
  const lastOwner = () => conflict('last_owner', 'Make somebody else an owner first.')

  /** The store decides; until it has, requests of this person to this chat wait. */
  async function remove(chatId: string, userId: string) {
    const outcome = await rosters.whileLeaving(chatId, userId, async () => {
      const outcome = await store.removeMember(chatId, userId).catch(error => {
        rosters.forget(chatId)
        throw error
      })
      if (outcome === 'ended') rosters.forget(chatId)
      else if (outcome === 'removed') rosters.change(chatId, ({ members }) => members.delete(userId))
      if (outcome === 'ended' || outcome === 'removed') {
        events.publish({ type: 'gone', chat_id: chatId, user_id: userId, ended: true })
      }
      return outcome
    })
    if (outcome === 'last_owner') throw lastOwner()
    if (outcome === 'absent') throw notFound('member')
    if (outcome === 'removed') await chats.tellChanged(chatId)
  }

  /** Someone who deletes their account hands a group to the longest-serving admin, else member. */
  async function handOver(chatId: string, { members }: Roster, leaving: string) {
    const others = [...members.values()].filter(member => member.user_id !== leaving)
    if (others.some(member => member.role === 'owner')) return
    const admins = others.filter(member => member.role === 'admin')
    const [heir] = (admins.length > 0 ? admins : others).toSorted((a, b) =>
      a.joined_at < b.joined_at ? -1 : 1,
    )
    if (heir) await setRole(chatId, heir.user_id, 'owner')
  }

  async function setRole(chatId: string, userId: string, role: Role) {
    const outcome = await store.setRole(chatId, userId, role)
    if (outcome === 'last_owner') throw lastOwner()
    if (outcome === 'absent') throw notFound('member')
    rosters.changeMember(chatId, userId, { role })
    await chats.tellChanged(chatId)
  }

  return {
    /** Members by user id, a page at a time, with what I may know of their presence. */
    async list(
      me: string,
      chatId: string,
      { limit = 20, cursor }: PageQuery,
    ): Promise<{ items: SeenMember[]; next: string | null }> {
      const { roster } = await chats.mustBeMember(me, chatId)
      const after = cursor === undefined ? '' : fromCursor(cursor, 'string')[0]
      const rows = [...roster.members.values()].filter(member => member.user_id > after).slice(0, limit + 1)
      const page = pageOf(rows, limit, last => toCursor(last.user_id))
      const userIds = page.items.map(member => member.user_id)
      const seen = await sight.ofMembers(me, userIds)
      const items = page.items.map(member => {
        return { ...toMember(member), ...(seen.get(member.user_id) ?? UNSEEN) }
      })
      return { items, next: page.next }
    },

    /** Adds people by id or `@username`; those who are members stay as they are. */
    async add(me: string, chatId: string, people: string[]): Promise<Chat> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      mustBeAllowed('addMembers', roster.chat.chat_type, my.role)
      const added = await store.addMembers(
        chatId,
        newMembers(await users.idsOf(me, people), 'member'),
        MAX_MEMBERS,
      )
      if (added === 'too_many') throw conflict('group_full', `A group has at most ${MAX_MEMBERS} members.`)
      if (added === null) throw notFound('chat')
      // The order of members is that of their ids, so the roster is read anew.
      rosters.forget(chatId)
      const newcomers = added.map(member => member.user_id)
      await chats.tellJoined(chatId, newcomers)
      if (newcomers.length > 0) await chats.tellChanged(chatId)
      return chats.view(me, chatId)
    },

    async remove(me: string, chatId: string, userId: string): Promise<void> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      if (userId === me) return this.leave(me, chatId)
      mustBeAllowed('removeMembers', roster.chat.chat_type, my.role)
      const member = roster.members.get(userId)
      if (!member) throw notFound('member')
      mustOutrank(my.role, member.role)
      await remove(chatId, userId)
    },

    /** 409 for the last owner of a group that others inhabit, and in a private chat. The last one takes the group along. */
    async leave(me: string, chatId: string): Promise<void> {
      const { roster } = await chats.mustBeMember(me, chatId)
      mustBeGroup(roster.chat.chat_type)
      await remove(chatId, me)
    },

    async setRole(me: string, chatId: string, userId: string, role: Role): Promise<Member> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      mustBeAllowed('changeRoles', roster.chat.chat_type, my.role)
      if (!roster.members.has(userId)) throw notFound('member')
      await setRole(chatId, userId, role)
      // The frame that all get says nothing of roles: the person concerned gets their own.
      await chats.tellJoined(chatId, [userId])
      const door = await chats.mustBeMember(userId, chatId)
      return toMember(door.my)
    },

    /** Takes a person who deletes their account out of every group; private chats stay with the other person. */
    async leaveAll(userId: string): Promise<void> {
      for (const chatId of await store.chatIdsOf(userId)) {
        const roster = await rosters.get(chatId)
        if (roster?.chat.chat_type !== 'group') continue
        await handOver(chatId, roster, userId)
        await remove(chatId, userId).catch(passOver)
      }
    },
  }
}

/** Gone already, by somebody else's hand. */
function passOver(error: unknown) {
  if (!(error instanceof AppError) || error.status !== 404) throw error
}
