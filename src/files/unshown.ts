// Files that no message shows, and bytes of files that are gone: both go after a while.
import { firstIdAt } from '../lib/ids'
import { nowIso } from '../lib/schema'
import type { BlobStore } from './blobs'
import { namesOf } from './names'
import type { FileStore } from './store'

const HOUR_MS = 3_600_000
/** A file may wait so long for the message that shows it. */
const WAITING_MS = 24 * HOUR_MS
/** A message that was sent while its file was taken away is stored by then. */
const DROPPED_MS = HOUR_MS
const AT_ONCE = 200

export type Unshown = ReturnType<typeof createUnshown>

/** In two steps, since a message may be on its way: first nobody can show the file any more, an hour later it goes. */
export function createUnshown(store: FileStore, blobs: BlobStore) {
  async function dropUnshown(now: number) {
    const young = firstIdAt(now - WAITING_MS)
    for (let above = ''; ;) {
      const ids = await store.between(above, young, AT_ONCE)
      const shown = new Set(await store.shownAmong(ids))
      for (const id of ids) if (!shown.has(id)) await store.drop(id, new Date(now).toISOString())
      above = ids.at(-1) ?? ''
      if (ids.length < AT_ONCE) return
      await nextTurn()
    }
  }

  /** One that a message shows after all comes back. */
  async function removeThese(dropped: string[]) {
    const shown = new Set(await store.shownAmong(dropped))
    for (const id of shown) await store.restore(id)
    const gone = dropped.filter(id => !shown.has(id))
    await blobs.remove(gone.flatMap(id => Object.values(namesOf(id))))
    await store.remove(gone)
  }

  async function removeDropped(now: number) {
    const before = new Date(now - DROPPED_MS).toISOString()
    for (;;) {
      const ids = (await store.dropped(before, AT_ONCE)).map(({ id }) => id)
      if (ids.length === 0) return
      await removeThese(ids)
      await nextTurn()
    }
  }

  return {
    /** Of a person who leaves: what no message shows goes at once, bytes and all. */
    async removeOf(userId: string): Promise<void> {
      for (let below: string | undefined; ;) {
        const ids = (await store.list(userId, { below, limit: AT_ONCE })).map(({ id }) => id)
        const shown = new Set(await store.shownAmong(ids))
        const lone = ids.filter(id => !shown.has(id))
        for (const id of lone) await store.drop(id, nowIso())
        await removeThese(lone)
        below = ids.at(-1)
        if (ids.length < AT_ONCE) return
        await nextTurn()
      }
    },

    /** Does what is due. A cut or a repeat does no harm. */
    async sweep(now = Date.now()): Promise<void> {
      await removeDropped(now)
      await dropUnshown(now)
    },
  }
}

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
