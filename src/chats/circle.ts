// Those who hear of a person at once: people of private chats and of small groups.
import { LRUCache } from 'lru-cache'
import { turns } from '../lib/turns'
import type { Walls } from '../users/walls'
import { MAX_CIRCLE } from './model'
import type { Rosters } from './roster'
import type { ChatStore } from './store'

export type Circles = ReturnType<typeof createCircles>

/** How long a group that was found too large is not looked at again. */
const LARGE_MS = 600_000

export function createCircles(store: ChatStore, rosters: Rosters, walls: Walls) {
  /** Groups beyond the limit, so that their members are not read again and again. */
  const large = new LRUCache<string, true>({ max: 50_000, ttl: LARGE_MS })
  /** A roster that has to be read may be that of a large group. */
  const nextPiece = turns()

  async function smallRoster(chatId: string) {
    if (large.has(chatId)) return null
    const roster = await rosters.get(chatId)
    if (!roster || roster.members.size <= MAX_CIRCLE) return roster
    large.set(chatId, true)
    return null
  }

  async function* smallRosters(userId: string) {
    for (const chatId of await store.chatIdsOf(userId)) {
      const roster = await smallRoster(chatId)
      await nextPiece()
      if (roster?.members.has(userId)) yield roster
    }
  }

  return {
    /**
     * The others who share a private chat, or a group of at most 100 members, with this person, each once;
     * only those that are `wanted`, and nobody from whom they are apart by a block. Reads the ids of the
     * person's chats; rosters come from memory, or one at a time.
     */
    async of(userId: string, wanted: (userId: string) => boolean): Promise<Set<string>> {
      const { isApart } = await walls.from(userId)
      const circle = new Set<string>()
      for await (const { members } of smallRosters(userId))
        for (const id of members.keys()) if (id !== userId && wanted(id) && !isApart(id)) circle.add(id)
      return circle
    },

    /** Whether two people share such a chat, whatever is between them. */
    async areTogether(one: string, other: string): Promise<boolean> {
      for await (const { members } of smallRosters(one)) if (members.has(other)) return true
      return false
    },
  }
}
