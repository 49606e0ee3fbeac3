// Making a backup while the server runs: first the files, then one moment of the database, then what came in between.
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { copyDatabase, openCopy } from '../storage/sqlite/copying'
import { lockDirectory } from '../storage/sqlite/lock'
import { backupsIn, DATABASE, MANIFEST, nameAt, pathsShown, SECRETS, SUMS, sumsText } from './contents'
import type { Manifest } from './contents'
import { copyFile, hashFile, isAbsent, namesIn, PARTIAL, removeWhole, sync, writeText } from './disk'
import { Failure } from './failure'
import { createGathering, type Gathering } from './gathering'

export interface Order {
  dataDir: string
  /** Where backups are; made where it is not there. */
  to: string
  /** How many stay there; null: all. */
  keep: number | null
  version: string
}

export interface Made {
  path: string
  manifest: Manifest
  /** Files that the backup before did not have. */
  added: number
  removed: string[]
}

/**
 * A new directory `natter-<time>` in `to`, with everything that was acknowledged before the call. It is built under
 * another name and gets its own at the end. One backup at a time in a directory.
 */
export async function makeBackup(order: Order): Promise<Made> {
  const { dataDir, to } = order
  if (resolve(to) === resolve(dataDir)) throw new Failure('--to must be another directory than DATA_DIR.', 69)
  await mustHoldStore(dataDir)
  // Known at once, not after the files.
  openCopy(join(dataDir, DATABASE)).close()
  await mkdir(to, { recursive: true, mode: 0o700 })
  const lock = lockTarget(to)
  try {
    for (const name of await namesIn(to))
      if (name.startsWith('natter-') && name.endsWith(PARTIAL)) await rm(join(to, name), { recursive: true })
    return await makeIn(order)
  } finally {
    lock.release()
  }
}

/** A directory that is named by mistake is not made into a store. */
export async function mustHoldStore(dataDir: string): Promise<void> {
  if (!(await Bun.file(join(dataDir, DATABASE)).exists()))
    throw new Failure(`DATA_DIR: ${dataDir} holds no store; nothing was done.`, 69)
}

function lockTarget(to: string) {
  try {
    return lockDirectory(to)
  } catch (error) {
    if ((error as { code?: string }).code !== 'data_dir_in_use') throw error
    throw new Failure(`Another backup into ${to} is under way.`, 69)
  }
}

async function makeIn({ dataDir, to, keep, version }: Order): Promise<Made> {
  const earlier = await backupsIn(to)
  const now = new Date()
  const path = join(to, nameAt(now))
  const draft = path + PARTIAL
  await mkdir(draft, { mode: 0o700 })
  try {
    const gathering = createGathering(dataDir, draft, earlier.at(-1) ?? null)
    await gathering.takeAll()
    const lost = await takeDatabase(dataDir, draft, gathering)
    await takeSecrets(dataDir, draft, gathering)
    const manifest = { natter: version, made_at: now.toISOString(), ...factsOf(draft), lost }
    await finish(draft, manifest, gathering)
    await rename(draft, path)
    await sync(to)
    const removed = keep === null ? [] : [...earlier, path].slice(0, -keep)
    for (const old of removed) await removeWhole(old)
    return { path, manifest, added: gathering.added, removed: removed.map(old => basename(old)) }
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/**
 * The database, and the files that it shows but that were not there before it was copied. One that has gone meanwhile
 * is shown no more by a later moment of the database, so that is taken instead. Answers those that the store has lost.
 */
async function takeDatabase(dataDir: string, draft: string, gathering: Gathering): Promise<string[]> {
  const file = join(draft, DATABASE)
  const gone = new Set<string>()
  for (;;) {
    await rm(file, { force: true })
    await copyDatabase(join(dataDir, DATABASE), file)
    const paths = shownIn(file)
    const missing: string[] = []
    for (const path of paths) if (!(await gathering.take(path))) missing.push(path)
    if (missing.every(path => gone.has(path))) {
      await gathering.keepOnly(new Set(paths))
      return missing
    }
    for (const path of missing) gone.add(path)
  }
}

function shownIn(file: string): string[] {
  const copy = openCopy(file)
  try {
    return pathsShown(copy.shown())
  } finally {
    copy.close()
  }
}

async function takeSecrets(dataDir: string, draft: string, { sums }: Gathering) {
  for (const name of SECRETS) {
    try {
      sums.set(name, await copyFile(join(dataDir, name), join(draft, name)))
    } catch (error) {
      if (!isAbsent(error)) throw error
      await rm(join(draft, name), { force: true })
    }
  }
}

/** What the copy says of itself. A store that is damaged is not copied over sound backups. */
function factsOf(draft: string): Pick<Manifest, 'schema' | 'epoch' | 'counts'> {
  const copy = openCopy(join(draft, DATABASE))
  try {
    const [damage] = copy.damage()
    if (damage) throw new Failure(`The store itself is damaged, and was not copied: ${damage}.`, 65)
    return { schema: copy.schema(), epoch: copy.epoch(), counts: copy.counts() }
  } finally {
    copy.close()
  }
}

async function finish(draft: string, manifest: Manifest, { sums }: Gathering) {
  await sync(join(draft, DATABASE))
  sums.set(DATABASE, await hashFile(join(draft, DATABASE)))
  await writeText(join(draft, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
  sums.set(MANIFEST, await hashFile(join(draft, MANIFEST)))
  await writeText(join(draft, SUMS), sumsText(sums))
  await sync(draft)
}
