// Who belongs to a chat, kept in memory: a send asks here and reads nothing from the store.
import { LRUCache } from 'lru-cache'
import { nowIso } from '../lib/schema'
import { createPositions, lowerBound, type Positions } from './positions'
import type { ChatRecord, ChatStore, MemberRecord, Membership } from './store'

/** A chat and its members by user id, with what would else cost a look at every one of them. */
export interface Roster {
  chat: ChatRecord
  members: Map<string, MemberRecord>
  /** Their ids, ascending. */
  ids: string[]
  /** How far they have read. */
  positions: Positions
  /** The ids of its owners and admins. */
  admins: Set<string>
}

/** A chat that somebody may look into: its roster, and their own place in it. */
export interface Door {
  roster: Roster
  my: MemberRecord
}

/** Members kept in memory over all chats, some 400 bytes each; the chats used least make room. */
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
      const found = new Map<string, Roster>()
      const missing: string[] = []
      for (const id of chatIds) {
        const roster = kept.get(id)
        if (roster) found.set(id, roster)
        else missing.push(id)
      }
      const loaded = missing.length > 0 ? await load(missing) : []
      for (const roster of loaded) found.set(roster.chat.id, roster)
      return found
    },

    /** Applies a change that the store has made, or is about to make. */
    change(chatId: string, apply: (roster: Roster) => void) {
      touch(chatId)
      const roster = kept.peek(chatId)
      if (!roster) return
      apply(roster)
      kept.set(chatId, { ...roster })
    },

    /**
     * Changes what is kept of one member; one who has left meanwhile stays out.
     * False where it was kept like that already: of two who change it at once, only one need tell.
     */
    changeMember(chatId: string, userId: string, patchFor: (member: MemberRecord) => Partial<MemberRecord>) {
      let differs = !kept.has(chatId)
      this.change(chatId, roster => {
        const member = roster.members.get(userId)
        if (!member) return
        const now = { ...member, ...patchFor(member) }
        differs = !Bun.deepEquals(now, member)
        put(roster, now)
      })
      return differs
    },

    /** These have become members. */
    join(chatId: string, newcomers: MemberRecord[]) {
      this.change(chatId, roster => {
        for (const newcomer of newcomers) put(roster, newcomer)
        touched(roster)
      })
    },

    /**
     * Applies what the store made of a member who was `before` when it was asked: a new record, or none.
     * Where that is unknown, or somebody else was faster, so that answers may have come in another order, the chat
     * is read anew.
     */
    settle(chatId: string, before: MemberRecord | undefined, after: MemberRecord | null) {
      const isAsBefore = before && kept.peek(chatId)?.members.get(before.user_id) === before
      if (!isAsBefore) return this.forget(chatId)
      this.change(chatId, roster => {
        if (after) put(roster, after)
        else take(roster, before.user_id)
        touched(roster)
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
      leaving.size > 0 ? leaving.get(`${chatId}:${userId}`) : undefined,

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

const toRoster = ({ chat, members }: Membership): Roster => ({
  chat,
  members: new Map(sharingWords(members).map(member => [member.user_id, member])),
  ids: members.map(({ user_id }) => user_id),
  positions: createPositions(members.map(({ read_seq }) => read_seq)),
  admins: new Set(members.filter(isAdmin).map(({ user_id }) => user_id)),
})

/** As they come, each record has its own copy of words that are the same in all: a third of what it takes in memory. */
function sharingWords(members: MemberRecord[]): MemberRecord[] {
  const words = new Map<string, string>()
  const once = <Word extends string>(word: Word): Word => {
    const known = words.get(word)
    if (known === undefined) words.set(word, word)
    return (known ?? word) as Word
  }
  for (const member of members) {
    member.chat_id = once(member.chat_id)
    member.role = once(member.role)
    member.notify = once(member.notify)
    member.joined_at = once(member.joined_at)
  }
  return members
}

/** The store has moved `updated_at` a moment ago. */
const touched = (roster: Roster) => (roster.chat = { ...roster.chat, updated_at: nowIso() })

const isAdmin = ({ role }: MemberRecord) => role !== 'member'

function put({ members, ids, positions, admins }: Roster, member: MemberRecord) {
  const { user_id, read_seq } = member
  const before = members.get(user_id)
  if (!before) ids.splice(lowerBound(ids, user_id), 0, user_id)
  positions.move(before?.read_seq, read_seq)
  members.set(user_id, member)
  if (isAdmin(member)) admins.add(user_id)
  else admins.delete(user_id)
}

function take({ members, ids, positions, admins }: Roster, userId: string) {
  const before = members.get(userId)
  if (!before) return
  ids.splice(lowerBound(ids, userId), 1)
  positions.move(before.read_seq, undefined)
  members.delete(userId)
  admins.delete(userId)
}

/** Up to `count` members after an id, in the order of their ids, of those whom `fits` lets through. */
export function membersAfter(
  { ids, members }: Roster,
  after: string,
  count: number,
  fits: (member: MemberRecord) => boolean = () => true,
): MemberRecord[] {
  const found: MemberRecord[] = []
  const from = lowerBound(ids, after)
  for (let i = ids[from] === after ? from + 1 : from; i < ids.length && found.length < count; i++) {
    const member = members.get(ids[i] as string)
    if (member && fits(member)) found.push(member)
  }
  return found
}
