// Putting a store back from a backup: checked, built beside the old one, and put in its place at the end.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openSqlite } from '../storage/sqlite/open'
import { replaceStore } from '../storage/sqlite/replacing'
import { checkBackup, type Checked } from './checking'
import { MANIFEST, type Manifest, type Sums } from './contents'
import { copyFile, namesIn, sync } from './disk'
import { Failure } from './failure'

export interface Restoring {
  from: string
  dataDir: string
  /** Moves a store that is there aside; else it stays, and nothing is done. */
  force: boolean
  keepSignIns: boolean
}

export interface Restored {
  manifest: Manifest
  /** Sessions that ended. */
  ended: number
  /** Where the old store is now; null: there was none. */
  aside: string | null
}

export async function restoreBackup({ from, dataDir, force, keepSignIns }: Restoring): Promise<Restored> {
  let ended = 0
  let checked: Checked | undefined
  const aside = await replaceStore(dataDir, force, async draft => {
    checked = await checkBackup(from)
    if (checked.problems.length > 0) throw new Unsound(checked.problems)
    await copyAll(from, draft, checked.sums)
    ended = await beginAnew(draft, keepSignIns)
  })
  return { manifest: checked?.manifest as Manifest, ended, aside }
}

/** Nothing was done with it. */
export class Unsound extends Failure {
  constructor(readonly problems: string[]) {
    super(`The backup is not sound: ${problems[0]}`, 65)
  }
}

async function copyAll(from: string, draft: string, sums: Sums) {
  await mkdir(join(draft, 'files'), { mode: 0o700 })
  for (const [path, hash] of sums) {
    if (path === MANIFEST) continue
    await mkdir(dirname(join(draft, path)), { recursive: true, mode: 0o700 })
    const copied = await copyFile(join(from, path), join(draft, path))
    if (copied !== hash) throw new Unsound([`${path} has other bytes than when it was kept.`])
  }
  const files = join(draft, 'files')
  for (const shard of await namesIn(files)) await sync(join(files, shard))
  await sync(files)
}

/** Brings the copy to the schema of today and gives it an epoch of its own; answers how many sessions ended. */
async function beginAnew(draft: string, keepSignIns: boolean): Promise<number> {
  const stores = await openSqlite(draft)
  try {
    return await stores.epoch.renew({ keepSignIns })
  } finally {
    await stores.close()
  }
}
