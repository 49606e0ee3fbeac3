// Links to join a group by: made, seen and revoked by admins.
import { badCursor, fromCursor, toCursor } from '../lib/cursors'
import { conflict, invalid, notFound } from '../lib/errors'
import { randomBytes } from '../lib/random'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import { millisecondsAt } from '../lib/times'
import { MAX_INVITES, type MakeInvite } from './joining.model'
import type { InviteRecord, InviteStore, ListPlace } from './joining.store'
import { mustBeAllowed } from './roles'
import type { Chats } from './service'

export type Invites = ReturnType<typeof createInvites>

/** 144 bits: nobody finds one by trying, at whatever rate, so attempts are not counted. */
const CODE_BYTES = 18

const YEAR_MS = 365 * 86_400_000

export function createInvites(store: InviteStore, chats: Chats) {
  async function mustBeAllowedToInvite(me: string, chatId: string) {
    const { roster, my } = await chats.mustBeMember(me, chatId)
    mustBeAllowed('invite', roster.chat.chat_type, my.role)
  }

  return {
    /** A new link. 409 beyond 100 of one chat; those that expired make room. */
    async make(me: string, chatId: string, input: MakeInvite): Promise<InviteRecord> {
      await mustBeAllowedToInvite(me, chatId)
      const now = nowIso()
      const invite: InviteRecord = {
        code: randomBytes(CODE_BYTES).toString('base64url'),
        chat_id: chatId,
        created_by: me,
        created_at: now,
        expires_at: expiryOf(input),
        max_uses: input.max_uses ?? null,
        uses: 0,
        needs_approval: input.needs_approval ?? false,
      }
      if (!(await store.insert(invite, MAX_INVITES, now))) {
        throw conflict('too_many_invites', `A group has at most ${MAX_INVITES} links; revoke one first.`)
      }
      return invite
    },

    /** The links of a group, newest first, expired and used up ones too. */
    async list(me: string, chatId: string, { limit = 20, cursor }: PageQuery) {
      await mustBeAllowedToInvite(me, chatId)
      const rows = await store.list(chatId, { after: placeFrom(cursor), limit: limit + 1 })
      return pageOf(rows, limit, last => toCursor(last.created_at, last.code))
    },

    /** One link of a group; 404 for a code of another one. */
    async get(me: string, chatId: string, code: string): Promise<InviteRecord> {
      await mustBeAllowedToInvite(me, chatId)
      const found = await store.byCode(code)
      if (found?.chat_id !== chatId) throw notFound('invite')
      return found
    },

    /** Good for nothing from now on; 404 for one that is revoked already. */
    async revoke(me: string, chatId: string, code: string): Promise<void> {
      await mustBeAllowedToInvite(me, chatId)
      if (!(await store.remove(chatId, code))) throw notFound('invite')
    },
  }
}

/** Where a list sorted by time goes on; undefined: at its beginning. */
export function placeFrom(cursor: string | undefined): ListPlace | undefined {
  if (cursor === undefined) return undefined
  const [created_at, id] = fromCursor(cursor, 'string', 'string')
  if (Number.isNaN(Date.parse(created_at))) throw badCursor()
  return { created_at, id }
}

function expiryOf({ expires_in, expires_at }: MakeInvite): string | null {
  if (expires_in !== undefined && expires_at !== undefined) {
    throw invalid('body/expires_at', 'one_of', 'Give either expires_in or expires_at.')
  }
  if (expires_in !== undefined) return new Date(Date.now() + expires_in * 1000).toISOString()
  if (expires_at === undefined) return null
  const time = millisecondsAt('body/expires_at', expires_at)
  if (time <= Date.now() || time > Date.now() + YEAR_MS) {
    throw invalid('body/expires_at', 'out_of_range', 'expires_at is in the future, within a year.')
  }
  return new Date(time).toISOString()
}
