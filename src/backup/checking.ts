// Whether a backup is whole and sound: every byte of it is read.
import { join } from 'node:path'
import { openCopy } from '../storage/sqlite/copying'
import {
  backupsIn,
  DATABASE,
  MANIFEST,
  pathsShown,
  readManifest,
  readSums,
  type Manifest,
  type Sums,
} from './contents'
import { hashFile, isAbsent } from './disk'

export interface Checked {
  /** Null where it cannot be read. */
  manifest: Manifest | null
  sums: Sums
  /** One line each; none: it can be restored. */
  problems: string[]
}

export async function checkBackup(dir: string): Promise<Checked> {
  const [sums, manifest] = await Promise.all([readSums(dir), readManifest(dir)])
  if (!sums) return { manifest, sums: new Map(), problems: [await whyNone(dir)] }
  const problems: string[] = []
  if (!manifest) problems.push(`${MANIFEST} is missing or damaged.`)
  for (const path of [DATABASE, MANIFEST]) if (!sums.has(path)) problems.push(`${path} is not in SHA256SUMS.`)
  for (const [path, hash] of sums) {
    const problem = await problemOf(join(dir, path), hash)
    if (problem) problems.push(`${path} ${problem}.`)
  }
  // What is said of a database whose bytes are not those that were kept would mislead.
  if (problems.length === 0 && manifest) problems.push(...problemsInside(dir, manifest, sums))
  return { manifest, sums, problems }
}

/** Of a directory without sums that can be read. */
async function whyNone(dir: string): Promise<string> {
  const newest = (await backupsIn(dir).catch(() => [])).at(-1)
  if (newest) return `${dir} is no backup, but holds some; name one, such as ${newest}.`
  return `${dir} is no backup, or its SHA256SUMS is damaged.`
}

async function problemOf(file: string, hash: string): Promise<string | null> {
  try {
    return (await hashFile(file)) === hash ? null : 'has other bytes than when it was kept'
  } catch (error) {
    return isAbsent(error) ? 'is missing' : `cannot be read (${(error as { code?: string }).code})`
  }
}

function problemsInside(dir: string, { counts, epoch, schema, lost }: Manifest, sums: Sums): string[] {
  try {
    const copy = openCopy(join(dir, DATABASE))
    try {
      const problems = copy.damage().map(line => `${DATABASE}: ${line}.`)
      const isSame =
        Bun.deepEquals(copy.counts(), counts) && copy.epoch() === epoch && copy.schema() === schema
      if (!isSame) problems.push(`${DATABASE} is another one than ${MANIFEST} tells of.`)
      const here = (path: string) => sums.has(path) || lost.includes(path)
      const missing = pathsShown(copy.shown()).filter(path => !here(path))
      return [...problems, ...missing.map(path => `${path} is shown by ${DATABASE}, but was not kept.`)]
    } finally {
      copy.close()
    }
  } catch (error) {
    return [`${DATABASE}: ${(error as Error).message}`]
  }
}
