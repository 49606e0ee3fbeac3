// Staying signed in: access tokens, refresh rotation, sessions and tickets.
import type { Events } from '../events'
import { notFound, unauthorized } from '../lib/errors'
import { newId } from '../lib/ids'
import { randomBytes } from '../lib/random'
import { nowIso } from '../lib/schema'
import { createHolders, type Caller, type KeyStands } from './holders'
import type { Device } from './model'
import type { AuthStore, SessionRecord } from './store'
import type { Claims, Tokens } from './tokens'
import type { Usage } from './usage'

export interface Pair {
  access_token: string
  refresh_token: string
  token_type: 'bearer'
  expires_in: number
}

export interface SessionSettings {
  accessSeconds: number
  refreshSeconds: number
}

export type { Caller } from './holders'

export const TICKET_SECONDS = 30
export const FILE_TICKET_SECONDS = 3600

export type Sessions = ReturnType<typeof createSessions>

/** `keyStands` tells whether a service key is still good for a person, for sockets and tickets that were opened with one. */
export function createSessions(
  store: AuthStore,
  tokens: Tokens,
  usage: Usage,
  events: Events,
  settings: SessionSettings,
  keyStands: KeyStands,
) {
  const holders = createHolders(store, tokens, events, keyStands)

  const isOpen = async ({ session_id, user_id }: Pick<Caller, 'session_id' | 'user_id'>) =>
    (await store.session(session_id)) !== null || keyStands(session_id, user_id)

  const refreshEnd = () => new Date(Date.now() + settings.refreshSeconds * 1000).toISOString()

  async function issuePair(
    userId: string,
    sessionId: string,
    accessSeconds = settings.accessSeconds,
  ): Promise<Pair & { refresh: Claims }> {
    const [access, refresh] = await Promise.all([
      tokens.issue('access', userId, sessionId, accessSeconds),
      tokens.issue('refresh', userId, sessionId, settings.refreshSeconds),
    ])
    return {
      access_token: access.token,
      refresh_token: refresh.token,
      token_type: 'bearer',
      expires_in: accessSeconds,
      refresh: refresh.claims,
    }
  }

  function end(sessionIds: string[]) {
    if (sessionIds.length > 0) events.publish({ type: 'sessions_ended', session_ids: sessionIds })
  }

  return {
    /** Begins a sign-in on a device; its first access token lives `accessSeconds`, where that is given. */
    async begin(
      userId: string,
      device: Device = {},
      accessSeconds?: number,
    ): Promise<Pair & { session_id: string }> {
      const id = newId()
      const { refresh, ...pair } = await issuePair(userId, id, accessSeconds)
      const now = nowIso()
      await store.insertSession({
        id,
        user_id: userId,
        device_name: device.name ?? null,
        place: device.place ?? null,
        current_jti: refresh.jti,
        previous_jti: null,
        created_at: now,
        last_used_at: now,
        expires_at: refreshEnd(),
      })
      usage.isStored(id)
      return { ...pair, session_id: id }
    },

    /** Who holds this access token, where it was checked before; null: ask with `caller`. */
    known(token: string): Caller | null {
      const caller = holders.known(token, 'access')
      if (caller) usage.touch(caller.session_id)
      return caller
    },

    /** Who holds this access token; 401 when it is not good. */
    async caller(token: string): Promise<Caller> {
      const caller = await holders.of(token, 'access')
      usage.touch(caller.session_id)
      return caller
    },

    /** Who holds this ticket for files; 401 when it is not good, or its session has ended. */
    fileCaller: (ticket: string): Promise<Caller> => holders.of(ticket, 'files'),

    /** A ticket that fetches files for an hour, as often as needed: for pages, whose pictures send no header. */
    async fileTicket({ user_id, session_id }: Caller): Promise<{ ticket: string; expires_in: number }> {
      const { token } = await tokens.issue('files', user_id, session_id, FILE_TICKET_SECONDS)
      return { ticket: token, expires_in: FILE_TICKET_SECONDS }
    },

    /**
     * Exchanges a refresh token for a new pair. The token before is accepted as long as its successor
     * was never used, since then the answer was lost; the new pair replaces the successor.
     * Any other token of the family is a sign of theft and ends the session: 401.
     * Source: RFC 9700, 4.14.2 (refresh token rotation).
     */
    async refresh(token: string, device: Device = {}): Promise<Pair & { user_id: string }> {
      const claims = await tokens.check(token, 'refresh')
      const session = claims && (await store.session(claims.sid))
      if (!session)
        throw unauthorized('bad_refresh_token', 'The refresh token is not good, or no more. Sign in again.')
      const { refresh, ...pair } = await issuePair(session.user_id, session.id)
      const mayRotate = claims.jti === session.current_jti || claims.jti === session.previous_jti
      if (mayRotate && (await rotate(session, claims.jti, refresh.jti, device)))
        return { ...pair, user_id: session.user_id }
      // Two exchanges at once: the other one was first, so this one is a repeat of the token before.
      if (mayRotate) return this.refresh(token, device)
      await this.forget(session.id)
      throw unauthorized('refresh_token_reused', 'The refresh token was used before. Sign in again.')
    },

    /** When this sign-in began; null once it has ended. */
    async begunAt(me: Caller): Promise<number | null> {
      const session = await store.session(me.session_id)
      return session && Date.parse(session.created_at)
    },

    /** Whether a sign-in still stands: asked once more when a socket has opened, since it may have ended meanwhile. */
    async stands(me: Caller): Promise<boolean> {
      return isOpen(me)
    },

    /** Whether a sign-in has neither ended nor expired. */
    async standsById(sessionId: string): Promise<boolean> {
      const session = await store.session(sessionId)
      return session !== null && session.expires_at > nowIso()
    },

    /** Ends one of a person's sessions: its tokens and sockets at once; 404 for another's. */
    async endOne(userId: string, sessionId: string): Promise<void> {
      const session = await store.session(sessionId)
      if (session?.user_id !== userId) throw notFound('session')
      await store.deleteSession(sessionId)
      end([sessionId])
    },

    /** Ends a session, if it is still there. */
    async forget(sessionId: string): Promise<void> {
      if (await store.deleteSession(sessionId)) end([sessionId])
    },

    /** Drops the tickets of a person who leaves. */
    dropTickets: (userId: string): Promise<void> => store.deleteTicketsOf(userId),

    /** Ends all sessions of a person but `exceptId`. */
    async endAll(userId: string, exceptId?: string): Promise<void> {
      end(await store.deleteSessionsOf(userId, exceptId))
    },

    /** A ticket that opens one socket within 30 seconds, for pages that cannot send a header. */
    async ticket(me: Caller): Promise<{ ticket: string; expires_in: number }> {
      const ticket = randomBytes(32).toString('base64url')
      const expires_at = new Date(Date.now() + TICKET_SECONDS * 1000).toISOString()
      const { user_id, session_id, until } = me
      await store.insertTicket({
        id: hashOf(ticket),
        user_id,
        session_id,
        signed_in_until: until,
        expires_at,
      })
      return { ticket, expires_in: TICKET_SECONDS }
    },

    /** Who a ticket stands for; 401 when it is unknown, used, too old, or its session has ended. */
    async redeem(ticket: string): Promise<Caller> {
      const taken = ticket.length <= 128 ? await store.takeTicket(hashOf(ticket)) : null
      const good = taken && Date.parse(taken.expires_at) > Date.now() && (await isOpen(taken))
      if (!good) throw unauthorized('bad_ticket', 'The ticket is not good, or no more.')
      return { user_id: taken.user_id, session_id: taken.session_id, until: taken.signed_in_until }
    },
  }

  async function rotate(session: SessionRecord, used: string, next: string, { name, place }: Device) {
    const isRotated = await store.rotate(session.id, session.current_jti, {
      current_jti: next,
      previous_jti: used,
      last_used_at: nowIso(),
      expires_at: refreshEnd(),
      device_name: name,
      place,
    })
    if (isRotated) usage.isStored(session.id)
    return isRotated
  }
}

const hashOf = (ticket: string) => new Bun.CryptoHasher('sha256').update(ticket).digest('hex')
