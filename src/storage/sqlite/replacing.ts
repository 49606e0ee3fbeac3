// Putting another store in the place of one, so that a cut at any moment leaves the old one or the new one.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateDirectory, syncDirectory } from './files'
import { lockDirectory } from './lock'

/** What a store consists of. What the new one does not have of it stays, but for the log of the old database. */
const PARTS = ['natter.db', 'files', 'secret.key', 'vapid.json']
const LOG = ['natter.db-wal', 'natter.db-shm']

const DRAFT = /^restore-.+\.partial$/
const READY = /^restore-(.+)\.ready$/

/**
 * Fills a new directory with `fill` and puts it in the place of the store in `dir`, which nobody can open meanwhile.
 * The old one is moved aside, to the path that is answered; null: there was none. Where there is one and `force` is
 * not set nothing happens but an error. A cut while it is filled leaves the old store; a later one is finished by
 * whoever opens the directory next.
 */
export async function replaceStore(
  dir: string,
  force: boolean,
  fill: (draft: string) => Promise<void>,
): Promise<string | null> {
  createPrivateDirectory(dir)
  const lock = lockDirectory(dir)
  try {
    finishReplacing(dir)
    for (const name of readdirSync(dir).filter(name => DRAFT.test(name))) remove(join(dir, name))
    const isThere = existsSync(join(dir, 'natter.db'))
    if (isThere && !force) throw new Error(`DATA_DIR: ${dir} holds a store already; --force moves it aside.`)
    const time = new Date().toISOString().replace(/[-:]/g, '')
    await makeReady(dir, time, fill)
    finishReplacing(dir)
    return isThere ? asideOf(dir, time) : null
  } finally {
    lock.release()
  }
}

async function makeReady(dir: string, time: string, fill: (draft: string) => Promise<void>) {
  const draft = join(dir, `restore-${time}.partial`)
  mkdirSync(draft, { mode: 0o700 })
  try {
    await fill(draft)
    syncDirectory(draft)
  } catch (error) {
    remove(draft)
    throw error
  }
  // From here on there is no way back: it is whole.
  renameSync(draft, join(dir, `restore-${time}.ready`))
  syncDirectory(dir)
}

/** Goes on with what was cut: each part of the new store that is not in its place goes there. Takes the lock for granted. */
export function finishReplacing(dir: string): void {
  for (const name of readdirSync(dir)) {
    const time = READY.exec(name)?.[1]
    if (time === undefined) continue
    const ready = join(dir, name)
    for (const part of PARTS) if (existsSync(join(ready, part))) putInPlace(dir, ready, time, part)
    syncDirectory(dir)
    remove(ready)
  }
}

function putInPlace(dir: string, ready: string, time: string, part: string) {
  const aside = asideOf(dir, time)
  const old = part === 'natter.db' ? [...LOG, part] : [part]
  for (const name of old) {
    if (!existsSync(join(dir, name))) continue
    mkdirSync(aside, { recursive: true, mode: 0o700 })
    renameSync(join(dir, name), join(aside, name))
  }
  if (existsSync(aside)) syncDirectory(aside)
  renameSync(join(ready, part), join(dir, part))
}

const asideOf = (dir: string, time: string) => join(dir, `before-restore-${time}`)
const remove = (path: string) => rmSync(path, { recursive: true, force: true })
