// Who is online and when somebody was last seen: the rule of what is told to whom.
import type { Presence } from './model'
import type { UserRecord } from './store'

/** What one person may know of another's presence; null: not told. */
export interface Sighting {
  presence: Presence | null
  last_seen: string | null
}

export const UNSEEN: Sighting = { presence: null, last_seen: null }

/** Where people stand by their sockets, whoever asks. The state is kept where the sockets are. */
export interface LivePresence {
  /**
   * As others have been told last, so that whoever asks is level with those who listen.
   * `last_seen` is given where the store may not have it yet.
   */
  of(userId: string): { presence: Presence; last_seen?: string }
  /** As it is, invisible or not: for the person alone. */
  stateOf(userId: string): Presence
  /** Whether the person looks at one of their devices: a socket is open and has not said `away`. */
  isActive(userId: string): boolean
}

/** What may be known of people, asked by those who show them. */
export interface Sightings {
  /** By id; whoever shares no chat with the viewer, or is apart by a block, is left out. At most 100 people. */
  of(viewer: UserRecord, people: UserRecord[]): Promise<Map<string, Sighting>>
  /** What somebody who shares a chat is told, and hides nothing of their own. */
  toSharers(person: UserRecord): Sighting
}

/**
 * What somebody who shares a chat is told: `last_seen` of those who are offline, unless one of the two hides
 * their own. Who is invisible is offline since they chose to be. To oneself all is told.
 */
export function sightingOf(
  person: UserRecord,
  viewer: Pick<UserRecord, 'id' | 'hide_last_seen'>,
  live: LivePresence,
): Sighting {
  if (person.deleted_at) return UNSEEN
  const isMe = person.id === viewer.id
  const { presence: told, last_seen } = live.of(person.id)
  const presence = isMe ? live.stateOf(person.id) : person.invisible ? 'offline' : told
  const isTold = presence === 'offline' && (isMe || !(person.hide_last_seen || viewer.hide_last_seen))
  return { presence, last_seen: isTold ? latest(last_seen ?? null, person.last_seen) : null }
}

const latest = (one: string | null, other: string | null) => ((one ?? '') > (other ?? '') ? one : other)
