// Who is apart from whom by a block, kept in memory: a send asks here and reads nothing from the store.
import { LRUCache } from 'lru-cache'
import type { BlockStore } from './blocks.store'

interface Around {
  blocked: ReadonlySet<string>
  blockedBy: ReadonlySet<string>
}

/** `mine`: I have blocked the other, who may have blocked me too; `theirs`: the other has blocked me. */
export type Wall = 'mine' | 'theirs' | null

/** Blocks kept in memory over all people, of whom each counts for one too; those asked for least make room. */
const MAX_KEPT = 1_000_000

const NOBODY: Around = { blocked: new Set(), blockedBy: new Set() }

export type Walls = ReturnType<typeof createWalls>

export function createWalls(store: BlockStore) {
  const kept = new LRUCache<string, Around>({
    maxSize: MAX_KEPT,
    sizeCalculation: ({ blocked, blockedBy }) => 1 + blocked.size + blockedBy.size,
  })
  /** Reads under way, by person; one that is taken out here may be from before a change. */
  const loads = new Map<symbol, string>()
  /** Blocks that are being stored, by both people: they hold already. */
  const rising = new Map<string, number>()

  async function load(userId: string): Promise<Around> {
    const key = Symbol(userId)
    loads.set(key, userId)
    const { blocked, blockedBy } = await store.around(userId).catch(error => {
      loads.delete(key)
      throw error
    })
    if (!loads.delete(key)) return load(userId)
    const isFree = blocked.length + blockedBy.length === 0
    const around = isFree ? NOBODY : { blocked: new Set(blocked), blockedBy: new Set(blockedBy) }
    kept.set(userId, around)
    return around
  }

  function forget(userId: string) {
    kept.delete(userId)
    for (const [key, loaded] of loads) if (loaded === userId) loads.delete(key)
  }

  const isRising = (me: string, other: string) => rising.size > 0 && rising.has(`${me}:${other}`)

  function wallIn({ blocked, blockedBy }: Around, me: string, other: string): Wall {
    if (blocked.has(other) || isRising(me, other)) return 'mine'
    return blockedBy.has(other) || isRising(other, me) ? 'theirs' : null
  }

  const around = (userId: string): Around | Promise<Around> => kept.get(userId) ?? load(userId)

  return {
    /** What stands between two people, at once when it is in memory. */
    between(me: string, other: string): Wall | Promise<Wall> {
      const found = around(me)
      return found instanceof Promise
        ? found.then(loaded => wallIn(loaded, me, other))
        : wallIn(found, me, other)
    },

    /** What can be asked at once of many people: whether a block is between us, and whether it is (also) theirs. */
    async from(me: string) {
      const found = await around(me)
      return {
        isApart: (other: string): boolean => wallIn(found, me, other) !== null,
        isHidden: (other: string): boolean => found.blockedBy.has(other) || isRising(other, me),
      }
    },

    /** Stores a block; it holds from the call on, so nothing slips through while the store is asked. */
    async whileRising<T>(me: string, other: string, store: () => Promise<T>): Promise<T> {
      const key = `${me}:${other}`
      rising.set(key, (rising.get(key) ?? 0) + 1)
      try {
        return await store()
      } finally {
        forget(me)
        forget(other)
        const others = (rising.get(key) ?? 1) - 1
        if (others > 0) rising.set(key, others)
        else rising.delete(key)
      }
    },

    /** Reads the blocks of these people anew at their next use: one was taken back. */
    forget(...userIds: string[]) {
      for (const id of userIds) forget(id)
    },

    /** The same of everybody. */
    forgetAll() {
      kept.clear()
      loads.clear()
    },
  }
}
