// Who belongs to a chat, kept in memory: a send asks here and reads nothing from the store.
import { LRUCache } from 'lru-cache'
import type { ChatRecord, ChatStore, MemberRecord, Membership } from './store'

/** A chat and its members by user id, in the order of their ids. */
export interface Roster {
  chat: ChatRecord
  members: Map<string, MemberRecord>
}

/** A chat that somebody may look into: its roster, and their own place in it. */
export interface Door {
  roster: Roster
  my: MemberRecord
}

/** Members kept in memory over all chats; the chats used least make room. */
const MAX_MEMBERS_KEPT = 500_000

export type Rosters = ReturnType<typeof createRosters>

/** Loaded on first use, then kept true by those who change it. */
export function createRosters(store: ChatStore) {
  const kept = new LRUCache<string, Roster>({
    maxSize: MAX_MEMBERS_KEPT,
    sizeCalculation: roster => roster.members.size + 1,
  })
  /** By read under way: the chats that did not change meanwhile. */
  const loads = new Set<Set<string>>()
  /** By chat and person: removals under way. */
  const leaving = new Map<string, Promise<unknown>>()

  /** A chat that changed while it was read is read again: what was read may be from before. */
  async function load(chatIds: string[]): Promise<Roster[]> {
    const unchanged = new Set(chatIds)
    loads.add(unchanged)
    const memberships = await store.memberships(chatIds).finally(() => loads.delete(unchanged))
    const fresh = memberships.filter(({ chat }) => unchanged.has(chat.id)).map(toRoster)
    for (const roster of fresh) kept.set(roster.chat.id, roster)
    const stale = chatIds.filter(id => !unchanged.has(id))
    return stale.length === 0 ? fresh : [...fresh, ...(await load(stale))]
  }

  const touch = (chatId: string) => {
    for (const unchanged of loads) unchanged.delete(chatId)
  }

  return {
    /** The roster, at once when it is in memory; null for an unknown chat. */
    get(chatId: string): Roster | Promise<Roster | null> {
      return kept.get(chatId) ?? load([chatId]).then(([roster]) => roster ?? null)
    },

    /** Several at once, with one read for those that are not in memory; unknown ones are left out. */
    async all(chatIds: string[]): Promise<Map<string, Roster>> {
      const found = chatIds.flatMap(id => kept.get(id) ?? [])
      const missing = chatIds.filter(id => !found.some(roster => roster.chat.id === id))
      const loaded = missing.length > 0 ? await load(missing) : []
      return new Map([...found, ...loaded].map(roster => [roster.chat.id, roster]))
    },

    /** Applies a change that the store has made, or is about to make. */
    change(chatId: string, apply: (roster: Roster) => void) {
      touch(chatId)
      const roster = kept.peek(chatId)
      if (!roster) return
      apply(roster)
      kept.set(chatId, { ...roster })
    },

    /** Changes what is kept of one member; one who has left meanwhile stays out. */
    changeMember(chatId: string, userId: string, patch: Partial<MemberRecord>) {
      this.change(chatId, ({ members }) => {
        const member = members.get(userId)
        if (member) members.set(userId, { ...member, ...patch })
      })
    },

    /** A message was stored: where the chat stands now. */
    advance(chatId: string, { seq, rev }: { seq: number; rev: number }) {
      const chat = kept.peek(chatId)?.chat
      if (!chat) return
      chat.last_seq = Math.max(chat.last_seq, seq)
      chat.rev = Math.max(chat.rev, rev)
    },

    /** While somebody is being taken out their requests wait for the outcome; undefined: nobody is. */
    leaving: (chatId: string, userId: string): Promise<unknown> | undefined =>
      leaving.get(`${chatId}:${userId}`),

    /** Runs a removal, for whose outcome the requests of the person concerned wait. */
    async whileLeaving<T>(chatId: string, userId: string, removal: () => Promise<T>): Promise<T> {
      const key = `${chatId}:${userId}`
      const outcome = removal()
      leaving.set(key, outcome)
      try {
        return await outcome
      } finally {
        if (leaving.get(key) === outcome) leaving.delete(key)
      }
    },

    /** Reads the chat anew at its next use: deleted, or a change whose outcome is unknown. */
    forget(chatId: string) {
      touch(chatId)
      kept.delete(chatId)
    },
  }
}

const toRoster = ({ chat, members }: Membership): Roster => {
  return { chat, members: new Map(members.map(member => [member.user_id, member])) }
}
