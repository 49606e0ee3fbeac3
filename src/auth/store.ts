// What signing in needs from storage: sessions, and tickets that open one socket.

/**
 * One sign-in on one device: a family of refresh tokens of which only the newest is good.
 * Tokens are stored by their id (`jti`) alone, so the table opens nothing when read by others.
 */
export interface SessionRecord {
  id: string
  user_id: string
  device_name: string | null
  /** Where the client said it was when it signed in or refreshed last. */
  place: string | null
  /** The id of the refresh token given out last. */
  current_jti: string
  /** The id of the one it replaced, or null. */
  previous_jti: string | null
  created_at: string
  last_used_at: string
  /** After this the session is as good as gone. */
  expires_at: string
}

export interface TicketRecord {
  id: string
  user_id: string
  session_id: string
  /** When the sign-in behind the ticket ends (ms since the epoch): a socket lives no longer. */
  signed_in_until: number
  expires_at: string
}

export interface AuthStore {
  insertSession(session: SessionRecord): Promise<void>

  /** The session or null; expired ones may still be answered. */
  session(id: string): Promise<SessionRecord | null>

  /** The sessions of a person that have not expired at `now`, oldest first (by id). */
  sessionsOf(userId: string, now: string): Promise<SessionRecord[]>

  /**
   * Replaces the refresh token if `current_jti` is still `expected`, else changes nothing and answers false.
   * Of two calls with the same `expected` exactly one answers true. A name or place that is not given stays.
   */
  rotate(
    id: string,
    expected: string,
    next: {
      current_jti: string
      previous_jti: string
      last_used_at: string
      expires_at: string
      device_name?: string | null
      place?: string | null
    },
  ): Promise<boolean>

  /** Moves `last_used_at` of several sessions forward, never back; those that ended are passed over. */
  useSessions(uses: { id: string; at: string }[]): Promise<void>

  /** Ends a session; false if it was not there. */
  deleteSession(id: string): Promise<boolean>

  /** Ends all sessions of a person, but for `exceptId`; answers the ids of those that were there. */
  deleteSessionsOf(userId: string, exceptId?: string): Promise<string[]>

  /** Drops sessions and tickets that expired before `now`. Safe to repeat and to leave out. */
  dropExpired(now: string): Promise<void>

  insertTicket(ticket: TicketRecord): Promise<void>

  /** Drops all tickets of a person who leaves. */
  deleteTicketsOf(userId: string): Promise<void>

  /** Hands the ticket out and removes it: of several calls one gets it, the others null. */
  takeTicket(id: string): Promise<TicketRecord | null>
}
