// Staying signed in: access tokens, refresh rotation, sessions and tickets.
import { createHash, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Events } from '../events'
import { notFound, unauthorized } from '../lib/errors'
import { newId } from '../lib/ids'
import { nowIso } from '../lib/schema'
import type { Device } from './model'
import type { AuthStore, SessionRecord } from './store'
import type { Claims, Tokens } from './tokens'
import type { Usage } from './usage'

/** Who asks: the person, their sign-in, and until when (ms since the epoch) it is known to be good. */
export interface Caller {
  user_id: string
  session_id: string
  until: number
}

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

export const TICKET_SECONDS = 30

export type Sessions = ReturnType<typeof createSessions>

export function createSessions(
  store: AuthStore,
  tokens: Tokens,
  usage: Usage,
  events: Events,
  settings: SessionSettings,
) {
  /** Tokens checked before: a request costs a look-up instead of a signature and a read. */
  const known = new LRUCache<string, Caller>({ max: 50_000 })
  let endings = 0

  events.subscribe(event => {
    if (event.type !== 'sessions_ended') return
    endings++
    const ended = new Set(event.session_ids)
    for (const [token, caller] of known) if (ended.has(caller.session_id)) known.delete(token)
  })

  const refreshEnd = () => new Date(Date.now() + settings.refreshSeconds * 1000).toISOString()

  async function issuePair(userId: string, sessionId: string): Promise<Pair & { refresh: Claims }> {
    const [access, refresh] = await Promise.all([
      tokens.issue('access', userId, sessionId, settings.accessSeconds),
      tokens.issue('refresh', userId, sessionId, settings.refreshSeconds),
    ])
    return {
      access_token: access.token,
      refresh_token: refresh.token,
      token_type: 'bearer',
      expires_in: settings.accessSeconds,
      refresh: refresh.claims,
    }
  }

  function end(sessionIds: string[]) {
    if (sessionIds.length > 0) events.publish({ type: 'sessions_ended', session_ids: sessionIds })
  }

  async function verify(token: string): Promise<Caller> {
    const before = endings
    const claims = await tokens.check(token, 'access')
    const session = claims && (await store.session(claims.sid))
    if (!session || session.user_id !== claims.sub)
      throw unauthorized('bad_token', 'The token is not good, or no more.')
    const caller = { user_id: claims.sub, session_id: claims.sid, until: claims.exp * 1000 }
    // A sign-out may have come while the store was asked: then the next request asks again.
    if (before === endings) known.set(token, caller)
    return caller
  }

  return {
    /** Begins a sign-in on a device. */
    async begin(userId: string, device: Device = {}): Promise<Pair & { session_id: string }> {
      const id = newId()
      const { refresh, ...pair } = await issuePair(userId, id)
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

    /** Who holds this access token; 401 when it is not good. */
    async caller(token: string): Promise<Caller> {
      const found = known.get(token)
      const caller = found && found.until > Date.now() ? found : await verify(token)
      usage.touch(caller.session_id)
      return caller
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
      return (await store.session(me.session_id)) !== null
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
      const good =
        taken && Date.parse(taken.expires_at) > Date.now() && (await store.session(taken.session_id))
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

const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest('hex')
