// What a block between the two of a private chat means there. Groups are not concerned.
import { forbidden, notFound } from '../lib/errors'
import type { Wall, Walls } from '../users/walls'
import { createPositions } from './positions'
import type { Door, Roster, Rosters } from './roster'
import type { MemberPosition } from './store'

/** The other person of a private chat; oneself in one's own notes. */
export function otherIn({ members }: Roster, me: string): string {
  for (const id of members.keys()) if (id !== me) return id
  return me
}

const blockedByMe = () => forbidden('blocked', 'You have blocked this person; unblock them first.')

export function createApart(walls: Walls, rosters: Rosters) {
  function wallIn(me: string, { roster }: Pick<Door, 'roster'>): Wall | Promise<Wall> {
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

    /** The chat as I may see it: while a block stands between the two, nothing of how far the other has read. */
    async seenBy(me: string, roster: Roster): Promise<Roster> {
      return (await wallIn(me, { roster })) === null ? roster : withoutPositions(me, roster)
    },

    /** Those of these positions of others that I may be told of. */
    async toldOf(me: string, positions: MemberPosition[]): Promise<MemberPosition[]> {
      const { isApart } = await walls.from(me)
      const told: MemberPosition[] = []
      for (const position of positions) {
        const roster = isApart(position.user_id) ? await rosters.get(position.chat_id) : null
        if (roster?.chat.chat_type !== 'private') told.push(position)
      }
      return told
    },

    /** 403 for opening a private chat with somebody whom I have blocked; who has blocked me is unknown to me before. */
    async mustNotHaveBlocked(me: string, other: string): Promise<void> {
      if ((await walls.between(me, other)) === 'mine') throw blockedByMe()
    },
  }
}

function withoutPositions(me: string, roster: Roster): Roster {
  const members = new Map(
    [...roster.members].map(([id, member]) => [
      id,
      id === me ? member : { ...member, read_seq: 0, delivered_seq: 0 },
    ]),
  )
  return {
    ...roster,
    members,
    positions: createPositions([...members.values()].map(({ read_seq }) => read_seq)),
  }
}
