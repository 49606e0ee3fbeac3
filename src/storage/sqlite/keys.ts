// The keys of notifications of an embedded installation: made once, kept beside the database.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PushStore, VapidKeys } from '../../push/store'
import { syncDirectory, writePrivateFile } from './files'

/** In `dir/vapid.json` (mode 0600); null: in memory. The directory is this process's alone. */
export function keptKeys(dir: string | null): PushStore['keys'] {
  let kept: Promise<VapidKeys> | undefined
  return made => (kept ??= dir === null ? Promise.resolve(made) : readOrWrite(dir, made))
}

async function readOrWrite(dir: string, made: VapidKeys): Promise<VapidKeys> {
  const file = join(dir, 'vapid.json')
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text !== null) return JSON.parse(text)
  writePrivateFile(file, `${JSON.stringify(made)}\n`)
  syncDirectory(dir)
  return made
}
