// Joining a group by a link, at once or when an admin has said yes.
import type { Events, JoinState } from '../events'
import { fromCursor, toCursor } from '../lib/cursors'
import { AppError, conflict, notFound } from '../lib/errors'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import type { Users } from '../users/service'
import { placeFrom } from './invites'
import { MAX_JOIN_REQUESTS, type InvitePreview, type JoinRequest, type MyJoinRequest } from './joining.model'
import type { InviteRecord, InviteStore, JoinRequestStore } from './joining.store'
import { groupFull } from './members'
import { MAX_MEMBERS, type Chat } from './model'
import { newMembers } from './opening'
import { mustBeAllowed } from './roles'
import type { Roster, Rosters } from './roster'
import type { Chats } from './service'
import type { Standing } from './store'

export type Joining = ReturnType<typeof createJoining>

interface Invited {
  invite: InviteRecord
  roster: Roster
  state: InvitePreview['state']
}

export function createJoining(
  invites: InviteStore,
  requests: JoinRequestStore,
  rosters: Rosters,
  chats: Chats,
  users: Users,
  events: Events,
) {
  /**
   * What a code invites to. Unknown, revoked, expired and used up codes are the same 404, but for those who are
   * in already, or wait: a repeat after a lost answer is answered as the first time.
   */
  async function mustBeInvited(me: string, code: string): Promise<Invited> {
    const invite = await invites.byCode(code)
    const roster = invite && (await rosters.get(invite.chat_id))
    if (!invite || !roster) throw unknownInvite()
    if (roster.members.has(me)) return { invite, roster, state: 'member' }
    const waits = invite.needs_approval && (await requests.one(invite.chat_id, me)) !== null
    if (waits) return { invite, roster, state: 'waiting' }
    if (!isGood(invite)) throw unknownInvite()
    return { invite, roster, state: 'open' }
  }

  async function mustBeAllowedToApprove(me: string, chatId: string): Promise<void> {
    const { roster, my } = await chats.mustBeMember(me, chatId)
    mustBeAllowed('approveJoins', roster.chat.chat_type, my.role)
  }

  /** Tells the admins what became of a request, and the person on all their devices. */
  async function tell(chatId: string, from: string, state: JoinState) {
    const roster = await rosters.get(chatId)
    const told = new Set([...(roster?.admins ?? []), from])
    for (const user_id of told)
      events.publish({ type: 'join_request', chat_id: chatId, user_id, from, state })
  }

  async function ask(me: string, { code, chat_id }: InviteRecord): Promise<Joined> {
    const asked = await invites.ask(code, me, nowIso(), MAX_JOIN_REQUESTS)
    if (asked === null) throw unknownInvite()
    if (asked === 'member') return { chat: await chats.view(me, chat_id) }
    if (asked === 'too_many') {
      throw conflict('too_many_requests_to_join', 'Too many wait to be let into this group. Try again later.')
    }
    if (asked !== 'waiting') await tell(chat_id, me, 'asked')
    return { request: await mine(me, chat_id) }
  }

  async function mine(me: string, chatId: string): Promise<MyJoinRequest> {
    const [request, roster] = await Promise.all([requests.one(chatId, me), rosters.get(chatId)])
    if (!request || !roster) throw notFound('join request')
    return toMine(request, roster)
  }

  return {
    async preview(me: string, code: string): Promise<InvitePreview> {
      const { invite, roster, state } = await mustBeInvited(me, code)
      const { group_name, group_avatar } = roster.chat
      const { needs_approval, expires_at } = invite
      const member_count = roster.members.size
      const chat_id = state === 'open' ? null : invite.chat_id
      return { code, group_name, group_avatar, member_count, needs_approval, expires_at, state, chat_id }
    },

    /**
     * Joins, or asks to: then `request`. Whoever is in already, or has asked, takes no use of the link.
     * 409 where the group is full, or too many wait.
     */
    async join(me: string, code: string): Promise<Joined> {
      const { invite, state } = await mustBeInvited(me, code)
      const { chat_id, needs_approval } = invite
      if (state === 'member') return { chat: await chats.view(me, chat_id) }
      if (state === 'waiting') return { request: await mine(me, chat_id) }
      if (needs_approval) return ask(me, invite)
      const [person] = newMembers([me], 'member')
      const joined = person && (await invites.redeem(code, person, nowIso(), MAX_MEMBERS))
      if (!joined) throw unknownInvite()
      if (joined === 'too_many') throw groupFull()
      if (joined !== 'member') await chats.welcome(chat_id, [joined])
      return { chat: await chats.view(me, chat_id) }
    },

    /** Who waits to be let in, the first first. */
    async waiting(
      me: string,
      chatId: string,
      { limit = 20, cursor }: PageQuery,
    ): Promise<{ items: JoinRequest[]; next: string | null }> {
      await mustBeAllowedToApprove(me, chatId)
      const rows = await requests.list(chatId, { after: placeFrom(cursor), limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(last.created_at, last.user_id))
      const cards = await users.cardsOf(page.items.map(({ user_id }) => user_id))
      const items = page.items.map(row => ({ ...row, user: cards.get(row.user_id) ?? null }))
      return { items, next: page.next }
    },

    /** Lets somebody in. Of two admins who decide at once one does, the other gets 404. */
    async approve(me: string, chatId: string, userId: string): Promise<void> {
      await mustBeAllowedToApprove(me, chatId)
      const [person] = newMembers([userId], 'member')
      const joined = person ? await requests.approve(chatId, person, MAX_MEMBERS) : 'absent'
      if (joined === 'absent') throw notFound('join request')
      if (joined === 'too_many') throw groupFull()
      await chats.welcome(chatId, [joined])
      await tell(chatId, userId, 'approved')
    },

    /** Withdraws my own request, or declines somebody's. */
    async drop(me: string, chatId: string, userId: string): Promise<void> {
      if (userId !== me) await mustBeAllowedToApprove(me, chatId)
      if (!(await requests.remove(chatId, userId))) throw notFound('join request')
      await tell(chatId, userId, userId === me ? 'withdrawn' : 'declined')
    },

    /** What I asked and is not decided, by chat id. */
    async mine(
      me: string,
      { limit = 20, cursor }: PageQuery,
    ): Promise<{ items: MyJoinRequest[]; next: string | null }> {
      const after = cursor === undefined ? undefined : fromCursor(cursor, 'string')[0]
      const rows = await requests.listOf(me, { after, limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(last.chat_id))
      const found = await rosters.all(page.items.map(({ chat_id }) => chat_id))
      const items = page.items.flatMap(row => {
        const roster = found.get(row.chat_id)
        return roster ? [toMine(row, roster)] : []
      })
      return { items, next: page.next }
    },

    /** How many wait in each of the groups that I own or administer; one read, and none for others. */
    async waitingFor(standings: Standing[]): Promise<{ chat_id: string; count: number }[]> {
      const mine = standings.filter(({ role }) => role !== 'member').map(({ id }) => id)
      return mine.length > 0 ? requests.counts(mine) : []
    },

    /** Somebody deletes their account: what they asked is withdrawn. */
    async withdrawAll(userId: string): Promise<void> {
      for (const chatId of await requests.removeOf(userId)) await tell(chatId, userId, 'withdrawn')
    },
  }
}

/** Either I am in, or my request is kept. */
export type Joined = { chat: Chat; request?: undefined } | { request: MyJoinRequest; chat?: undefined }

const unknownInvite = (): AppError => notFound('invite')

const isGood = ({ expires_at, max_uses, uses }: InviteRecord) =>
  (expires_at === null || expires_at > nowIso()) && (max_uses === null || uses < max_uses)

function toMine(request: { chat_id: string; created_at: string }, { chat }: Roster): MyJoinRequest {
  const { chat_id, created_at } = request
  const { group_name, group_avatar } = chat
  return { chat_id, group_name, group_avatar, created_at }
}
