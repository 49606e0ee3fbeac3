// Those who hear of a person at once: people of private chats and of small groups.
import type { Walls } from '../users/walls'
import { MAX_CIRCLE } from './model'
import type { ChatStore } from './store'

export type Circles = ReturnType<typeof createCircles>

/**
 * Asked of the store each time, and nothing of it is kept: rosters in memory are for chats in which people write, and
 * whoever connects would load those of all their chats.
 */
export function createCircles(store: Pick<ChatStore, 'circleOf'>, walls: Walls) {
  return {
    /**
     * The others who share a private chat, or a group of at most 100 members, with this person, each once;
     * only those that are `wanted`, and nobody from whom they are apart by a block. One read of the store.
     */
    async of(userId: string, wanted: (userId: string) => boolean): Promise<Set<string>> {
      const others = (await store.circleOf(userId, MAX_CIRCLE)).filter(wanted)
      if (others.length === 0) return new Set()
      const { isApart } = await walls.from(userId)
      return new Set(others.filter(id => !isApart(id)))
    },

    /** Whether two people share such a chat, whatever is between them. */
    async areTogether(one: string, other: string): Promise<boolean> {
      return (await store.circleOf(one, MAX_CIRCLE)).includes(other)
    },
  }
}
