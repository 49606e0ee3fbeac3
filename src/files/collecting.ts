// Blobs that no record knows of: what a crash, or a change at the same moment, left behind.
import type { ChatStore } from '../chats/store'
import type { UserStore } from '../users/store'
import { blobsAt, ownerOfBlob } from './avatar.model'
import type { BlobStore } from './blobs'
import { fileOf } from './names'
import type { FileStore } from './store'

/** A blob is written before its record, so a young one may still wait for it. */
const DAY_MS = 86_400_000
const PAGE = 100

/** Knows about one kind of blobs. */
export interface Keeper {
  isMine(name: string): boolean
  /** Those of my names that a record knows of. */
  known(names: string[]): Promise<Set<string>>
}

export type Collecting = ReturnType<typeof createCollecting>

/** Blobs of a kind that no keeper calls its own stay. */
export function createCollecting(blobs: BlobStore, keepers: Keeper[], now: () => number = Date.now) {
  async function unknownAmong(names: string[]): Promise<string[]> {
    const groups = keepers.map(async keeper => {
      const mine = names.filter(name => keeper.isMine(name))
      if (mine.length === 0) return []
      const known = await keeper.known(mine)
      return mine.filter(name => !known.has(name))
    })
    return (await Promise.all(groups)).flat()
  }

  return {
    /** Looks at every blob that is older than a day. */
    async collect(): Promise<void> {
      let after: string | null = null
      for (;;) {
        const names: string[] = await blobs.written(now() - DAY_MS, after, PAGE)
        await blobs.remove(await unknownAmong(names))
        const last = names.at(-1)
        if (last === undefined) return
        after = last
      }
    },
  }
}

/** The pictures that people and groups have now. */
export function avatarKeeper(users: UserStore, chats: ChatStore): Keeper {
  return {
    isMine: name => ownerOfBlob(name) !== null,

    async known(names) {
      const owners = names.map(ownerOfBlob)
      const idsOf = (owner: 'users' | 'chats') => [
        ...new Set(owners.flatMap(found => (found?.owner === owner ? [found.id] : []))),
      ]
      const people = await users.byIds(idsOf('users'))
      const groups = await chats.memberships(idsOf('chats'))
      const addresses = [
        ...people.map(({ avatar }) => avatar),
        ...groups.map(({ chat }) => chat.group_avatar),
      ]
      return new Set(addresses.flatMap(blobsAt))
    },
  }
}

/** What belongs to files, dropped ones included: their bytes go before their records. */
export const fileKeeper = (files: FileStore): Keeper => ({
  isMine: name => fileOf(name) !== null,

  async known(names) {
    const ids = new Set(await files.known([...new Set(names.flatMap(name => fileOf(name) ?? []))]))
    return new Set(names.filter(name => ids.has(fileOf(name) ?? '')))
  },
})
