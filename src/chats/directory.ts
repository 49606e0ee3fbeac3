// The members of a chat as a list: by role, and by the beginnings of their names.
import { fromCursor, toCursor } from '../lib/cursors'
import { pageOf } from '../lib/schema'
import { termsOf } from '../lib/terms'
import { UNSEEN } from '../users/presence'
import type { Users } from '../users/service'
import type { ListMembers, Role, SeenMember } from './model'
import { membersAfter, type Roster } from './roster'
import type { Chats } from './service'
import type { Sight } from './sight'
import type { MemberRecord } from './store'
import { toMember } from './view'

export type Directory = ReturnType<typeof createDirectory>

/** How many members are looked through by name in one read: few at first, since a common name is met soon. */
const FEWEST_AT_ONCE = 100
const MOST_AT_ONCE = 1_000

/** Where so few have such a name, in the group or anywhere, they are the candidates. */
const FEW = 200

const MAX_WORDS = 8

export function createDirectory(chats: Chats, users: Users, sight: Sight) {
  /** Which of these people have such names. */
  async function named(candidates: MemberRecord[], prefixes: string[]): Promise<MemberRecord[]> {
    if (candidates.length === 0) return []
    const found = new Set(
      await users.named(
        candidates.map(({ user_id }) => user_id),
        prefixes,
      ),
    )
    return candidates.filter(({ user_id }) => found.has(user_id))
  }

  /**
   * Members with such names, after an id. A common name is met among the first that are looked through; a rare one
   * is looked up among everybody. One that is rare here alone costs a look at every member, a thousand in one read.
   */
  async function search(
    roster: Roster,
    after: string,
    count: number,
    prefixes: string[],
    fits: Fits,
  ): Promise<MemberRecord[]> {
    const found: MemberRecord[] = []
    let from = after
    for (let size = FEWEST_AT_ONCE; found.length < count; size = Math.min(4 * size, MOST_AT_ONCE)) {
      const candidates = membersAfter(roster, from, size, fits)
      found.push(...(await named(candidates, prefixes)))
      if (candidates.length < size) break
      from = candidates.at(-1)?.user_id ?? from
      if (size > FEWEST_AT_ONCE || found.length >= count || roster.ids.length <= FEW) continue
      const few = await rare(prefixes)
      if (few) return named(among(roster, few, after, fits), prefixes)
    }
    return found
  }

  /** Everybody with a word that begins with the longest of these, where they are few. */
  async function rare(prefixes: string[]): Promise<string[] | null> {
    const [longest = ''] = prefixes.toSorted((a, b) => b.length - a.length)
    const ids = await users.withWord(longest, FEW + 1)
    return ids.length <= FEW ? ids : null
  }

  async function find(roster: Roster, { q, role }: ListMembers, after: string, count: number) {
    const fits = fitsRole(role)
    const prefixes = q === undefined ? undefined : termsOf(q, MAX_WORDS)
    if (prefixes?.length === 0) return []
    if (prefixes) return (await search(roster, after, count, prefixes, fits)).slice(0, count)
    // Owners and admins are few, and kept apart.
    if (role === 'owner' || role === 'admin') return among(roster, roster.admins, after, fits).slice(0, count)
    return membersAfter(roster, after, count, fits)
  }

  return {
    /** Members by user id, a page at a time, each with their name, picture and what I may know of their presence; a `q` without any word finds nobody. */
    async list(
      me: string,
      chatId: string,
      query: ListMembers,
    ): Promise<{ items: SeenMember[]; next: string | null }> {
      const door = await chats.mustBeMember(me, chatId)
      const roster = await chats.seenBy(me, door.roster)
      const { limit = 20, cursor } = query
      const after = cursor === undefined ? '' : fromCursor(cursor, 'string')[0]
      const page = pageOf(await find(roster, query, after, limit + 1), limit, last => toCursor(last.user_id))
      const ids = page.items.map(({ user_id }) => user_id)
      const [cards, seen] = await Promise.all([users.cardsOf(ids), sight.ofMembers(me, ids)])
      const items = page.items.map(member => {
        const { user_id } = member
        return { ...toMember(member), user: cards.get(user_id) ?? null, ...(seen.get(user_id) ?? UNSEEN) }
      })
      return { items, next: page.next }
    },
  }
}

type Fits = (member: MemberRecord) => boolean

const fitsRole =
  (role: Role | undefined): Fits =>
  member =>
    role === undefined || member.role === role

/** Those of these ids that are members, by id. */
function among({ members }: Roster, ids: Iterable<string>, after: string, fits: Fits): MemberRecord[] {
  const found = [...ids].flatMap(id => (id > after ? (members.get(id) ?? []) : []))
  return found.filter(fits).sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
}
