// Blocking people: from then on the two are apart, and the other learns nothing of it.
import type { Events } from '../events'
import { badCursor, fromCursor, toCursor } from '../lib/cursors'
import { conflict } from '../lib/errors'
import { isId } from '../lib/ids'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import type { BlockStore } from './blocks.store'
import { MAX_BLOCKS, type Block } from './model'
import type { Users } from './service'
import type { Walls } from './walls'

export type Blocks = ReturnType<typeof createBlocks>

/** `settled` resolves once all that was sent before has been stored. */
export function createBlocks(
  store: BlockStore,
  walls: Walls,
  users: Users,
  events: Events,
  settled: () => Promise<void>,
) {
  function tell(user_id: string, blocked_id: string, on: boolean) {
    events.publish({ type: 'block', user_id, blocked_id, on })
  }

  return {
    /**
     * Blocks somebody by id or `@username`; a repeat changes nothing. An id is taken whether or not there is such
     * a person, so that those who have blocked me can be blocked too, and nothing is learnt of them; a name that
     * I cannot find is 404. Once it resolves nothing that they say to me in private is accepted any more.
     */
    async block(me: string, who: string): Promise<void> {
      const [other = me] = isId(who) ? [who] : await users.idsOf(me, [who])
      if (other === me) throw conflict('oneself', 'Nobody blocks themself.')
      const outcome = await walls.whileRising(me, other, async () => {
        const block = { user_id: me, blocked_id: other, blocked_at: nowIso() }
        const outcome = await store.block(block, MAX_BLOCKS)
        await settled()
        return outcome
      })
      if (outcome === 'too_many') {
        throw conflict('too_many_blocks', `At most ${MAX_BLOCKS} people can be blocked.`)
      }
      if (outcome === 'blocked') tell(me, other, true)
    },

    /** Takes a block back; where there is none nothing changes. */
    async unblock(me: string, other: string): Promise<void> {
      const wasThere = await store.unblock(me, other)
      walls.forget(me, other)
      if (wasThere) tell(me, other, false)
    },

    /** Whom I have blocked, newest first; `user` is null for one who has blocked me too, or is gone. */
    async list(
      me: string,
      { limit = 20, cursor }: PageQuery,
    ): Promise<{ items: Block[]; next: string | null }> {
      const after = cursor === undefined ? undefined : placeOf(cursor)
      const rows = await store.list(me, { after, limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(last.blocked_at, last.blocked_id))
      const found = await users.known(
        me,
        page.items.map(block => block.blocked_id),
      )
      const items = page.items.map(({ blocked_id: user_id, blocked_at }) => {
        return { user_id, blocked_at, user: found.get(user_id) ?? null }
      })
      return { items, next: page.next }
    },

    /** All whom I have blocked. */
    async idsOf(me: string): Promise<string[]> {
      return (await store.around(me)).blocked
    },

    /** Drops all blocks of a person who leaves, and against them. */
    async removeOf(userId: string): Promise<void> {
      await store.removeOf(userId)
      walls.forgetAll()
    },
  }
}

function placeOf(cursor: string) {
  const [blocked_at, blocked_id] = fromCursor(cursor, 'string', 'string')
  if (!isId(blocked_id) || Number.isNaN(Date.parse(blocked_at))) throw badCursor()
  return { blocked_at, blocked_id }
}
