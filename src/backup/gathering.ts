// The files of a backup: each is written once and never changed, so a second name for it is as good as a copy.
import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isBlobPath, readSums, type Sums } from './contents'
import { copyFile, hashFile, isAbsent, linkFile, namesIn, sync } from './disk'

export type Gathering = ReturnType<typeof createGathering>

/** From the data directory into `target`; what the backup before (null: none) has is taken from there. */
export function createGathering(dataDir: string, target: string, before: string | null) {
  const sums: Sums = new Map()
  let known: Promise<Sums | null> | undefined
  let added = 0

  const hashBefore = async (path: string) => {
    const read = await (known ??= before === null ? Promise.resolve(null) : readSums(before))
    return read?.get(path)
  }

  /** Its bytes are not read again: a check of this backup finds what became of them. */
  async function takeFromBefore(path: string): Promise<string | undefined> {
    const hash = await hashBefore(path)
    const isThere = hash && before !== null && (await linkFile(join(before, path), join(target, path)))
    return isThere ? hash : undefined
  }

  async function takeFromStore(path: string): Promise<string | undefined> {
    const [from, to] = [join(dataDir, path), join(target, path)]
    try {
      const hash = (await linkFile(from, to)) ? await hashFile(to) : await copyFile(from, to)
      added++
      return hash
    } catch (error) {
      if (!isAbsent(error)) throw error
      await rm(to, { force: true })
      return undefined
    }
  }

  /** False: it is in the store no more. */
  async function take(path: string): Promise<boolean> {
    if (sums.has(path)) return true
    await mkdir(dirname(join(target, path)), { recursive: true, mode: 0o700 })
    const hash = (await takeFromBefore(path)) ?? (await takeFromStore(path))
    if (hash) sums.set(path, hash)
    return hash !== undefined
  }

  return {
    sums,
    take,

    /** How many were not in the backup before. */
    get added() {
      return added
    },

    /** Takes all files that are there now: the long part, done before the database is looked at. */
    async takeAll(): Promise<void> {
      await mkdir(join(target, 'files'), { mode: 0o700 })
      for (const shard of await namesIn(join(dataDir, 'files')))
        for (const name of await namesIn(join(dataDir, 'files', shard)))
          if (isBlobPath(`files/${shard}/${name}`)) await take(`files/${shard}/${name}`)
    },

    /** Lets go of files that are not among these, and brings the names of the others to stable storage. */
    async keepOnly(paths: Set<string>): Promise<void> {
      for (const path of sums.keys()) {
        if (paths.has(path)) continue
        await rm(join(target, path))
        sums.delete(path)
      }
      const files = join(target, 'files')
      for (const shard of await readdir(files)) await sync(join(files, shard))
      await sync(files)
    },
  }
}
