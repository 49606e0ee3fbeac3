// Who belongs to a group: adding, removing, leaving, roles and handing over.
import type { Events } from '../events'
import { AppError, conflict, invalid, notFound } from '../lib/errors'
import { nowIso } from '../lib/schema'
import type { Users } from '../users/service'
import { turnsPerChat } from './inturn'
import { MAX_MEMBERS, type Chat, type Member, type Role } from './model'
import { mustBeAllowed, mustBeGroup, mustOutrank } from './roles'
import type { Roster, Rosters } from './roster'
import { newMembers } from './opening'
import type { Chats } from './service'
import type { ChatStore, MemberRecord } from './store'
import { toMember } from './view'

export type Members = ReturnType<typeof createMembers>

export function createMembers(
  store: ChatStore,
  rosters: Rosters,
  chats: Chats,
  users: Users,
  events: Events,
) {
  const inTurn = turnsPerChat()
  const lastOwner = () => conflict('last_owner', 'Make somebody else an owner first.')

  /** The store decides; until it has, requests of this person to this chat wait. */
  async function remove(chatId: string, userId: string, member: MemberRecord | undefined) {
    const outcome = await rosters.whileLeaving(chatId, userId, async () => {
      const outcome = await store.removeMember(chatId, userId).catch(error => {
        rosters.forget(chatId)
        throw error
      })
      if (outcome === 'ended') rosters.forget(chatId)
      else if (outcome === 'removed') rosters.settle(chatId, member, null)
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
    if (heir) await setRole(chatId, heir, 'owner')
  }

  async function leaveOne(chatId: string, userId: string) {
    const roster = await rosters.get(chatId)
    if (roster?.chat.chat_type !== 'group') return
    await handOver(chatId, roster, userId)
    await remove(chatId, userId, roster.members.get(userId)).catch(passOver)
  }

  async function setRole(chatId: string, member: MemberRecord, role: Role) {
    const outcome = await store.setRole(chatId, member.user_id, role)
    if (outcome === 'last_owner') throw lastOwner()
    if (outcome === 'absent') throw notFound('member')
    rosters.settle(chatId, member, { ...member, role })
    await chats.tellChanged(chatId)
  }

  /**
   * A private chat stays with the other person, to be read only. Own notes go, and so does a chat that both have left.
   */
  async function depart(userId: string) {
    const left_at = nowIso()
    for (const chatId of await store.depart(userId, left_at)) {
      rosters.changeMember(chatId, userId, () => ({ left_at, draft: null, draft_at: null }))
      const roster = await rosters.get(chatId)
      if (!roster || roster.chat.chat_type === 'group') continue
      const isEmpty = [...roster.members.values()].every(member => member.left_at !== null)
      if (isEmpty) await chats.end(chatId)
    }
  }

  return {
    /** Adds people by id or `@username`; those who are members stay as they are. */
    add: (me: string, chatId: string, people: string[]): Promise<Chat> =>
      inTurn(chatId, async () => {
        const { roster, my } = await chats.mustBeMember(me, chatId)
        mustBeAllowed('addMembers', roster.chat.chat_type, my.role)
        const added = await store.addMembers(
          chatId,
          newMembers(await users.idsOf(me, people), 'member'),
          MAX_MEMBERS,
        )
        if (added === 'too_many') throw groupFull()
        if (added === null) throw notFound('chat')
        await chats.welcome(chatId, added)
        return chats.view(me, chatId)
      }),

    async remove(me: string, chatId: string, userId: string): Promise<void> {
      if (userId === me) return this.leave(me, chatId)
      await inTurn(chatId, async () => {
        const { roster, my } = await chats.mustBeMember(me, chatId)
        mustBeAllowed('removeMembers', roster.chat.chat_type, my.role)
        const member = roster.members.get(userId)
        if (!member) throw notFound('member')
        mustOutrank(my.role, member.role)
        await remove(chatId, userId, member)
      })
    },

    /** 409 for the last owner of a group that others inhabit, and in a private chat. The last one takes the group along. */
    leave: (me: string, chatId: string): Promise<void> =>
      inTurn(chatId, async () => {
        const { roster, my } = await chats.mustBeMember(me, chatId)
        mustBeGroup(roster.chat.chat_type)
        await remove(chatId, me, my)
      }),

    setRole: (me: string, chatId: string, userId: string, role: Role): Promise<Member> =>
      inTurn(chatId, async () => {
        const { roster, my } = await chats.mustBeMember(me, chatId)
        mustBeAllowed('changeRoles', roster.chat.chat_type, my.role)
        const member = roster.members.get(userId)
        if (!member) throw notFound('member')
        await setRole(chatId, member, role)
        // The frame that all get says nothing of roles: the person concerned gets their own.
        await chats.tellJoined(chatId, [member])
        const door = await chats.mustBeMember(userId, chatId)
        return toMember(door.my)
      }),

    /**
     * Makes another member an owner and me an admin, in one step, so that I can leave then. Owners only (403);
     * 409 where I ceased to be one meanwhile. Answers the chat as I see it.
     */
    handOver: (me: string, chatId: string, heirId: string): Promise<Chat> =>
      inTurn(chatId, async () => {
        const { roster, my } = await chats.mustBeMember(me, chatId)
        mustBeAllowed('changeRoles', roster.chat.chat_type, my.role)
        if (heirId === me) throw invalid('body/user_id', 'oneself', 'Hand over to somebody else.')
        const heir = roster.members.get(heirId)
        if (!heir) throw notFound('member')
        const outcome = await store.handOver(chatId, me, heirId)
        if (outcome === 'absent') throw notFound('member')
        if (outcome === 'not_owner') throw conflict('not_owner', 'You are no owner of this group any more.')
        rosters.settle(chatId, heir, { ...heir, role: 'owner' })
        rosters.settle(chatId, my, { ...my, role: 'admin' })
        await chats.tellJoined(chatId, [heir, my])
        await chats.tellChanged(chatId)
        return chats.view(me, chatId)
      }),

    /** Takes a person who deletes their account out of every group, and closes their private chats. */
    async leaveAll(userId: string): Promise<void> {
      for (const chatId of await store.chatIdsOf(userId)) await inTurn(chatId, () => leaveOne(chatId, userId))
      await depart(userId)
    },
  }
}

export const groupFull = () => conflict('group_full', `A group has at most ${MAX_MEMBERS} members.`)

/** Gone already, by somebody else's hand. */
function passOver(error: unknown) {
  if (!(error instanceof AppError) || error.status !== 404) throw error
}
