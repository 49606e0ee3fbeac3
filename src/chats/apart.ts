// What a block between the two of a private chat means there. Groups are not concerned.
import { forbidden, notFound } from '../lib/errors'
import type { Wall, Walls } from '../users/walls'
import type { Door, Roster } from './roster'

/** The other person of a private chat; oneself in one's own notes. */
export function otherIn({ members }: Roster, me: string): string {
  for (const id of members.keys()) if (id !== me) return id
  return me
}

const blockedByMe = () => forbidden('blocked', 'You have blocked this person; unblock them first.')

export function createApart(walls: Walls) {
  function wallIn(me: string, { roster }: Door): Wall | Promise<Wall> {
    return roster.chat.chat_type === 'private' ? walls.between(me, otherIn(roster, me)) : null
  }

  return {
    /**
     * Asked right before anything is stored, with no wait between. Who was blocked gets the 404 of an unknown chat;
     * who has blocked the other gets 403.
     */
    async mustBeOpen(me: string, door: Door): Promise<void> {
      const wall = await wallIn(me, door)
      if (wall === 'mine') throw blockedByMe()
      if (wall === 'theirs') throw notFound('chat')
    },

    /** Whether a block stands between the two: then neither is told what the other does. */
    async isApart(me: string, door: Door): Promise<boolean> {
      return (await wallIn(me, door)) !== null
    },

    /** 403 for opening a private chat with somebody whom I have blocked; who has blocked me is unknown to me before. */
    async mustNotHaveBlocked(me: string, other: string): Promise<void> {
      if ((await walls.between(me, other)) === 'mine') throw blockedByMe()
    },
  }
}
