// What a backup consists of: a directory with the database, the files, the secrets, a manifest and their checksums.
import { join } from 'node:path'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { blobsAt } from '../files/avatar.model'
import { namesOf } from '../files/names'
import { placeOf } from '../storage/sqlite/blobs'
import type { Shown } from '../storage/sqlite/copying'
import { namesIn, readText } from './disk'

export const DATABASE = 'natter.db'
export const MANIFEST = 'manifest.json'
/** In the format of `sha256sum`, which can check it too. */
export const SUMS = 'SHA256SUMS'
/** Made by the server; one that was never needed is not there. */
export const SECRETS = ['secret.key', 'vapid.json']

const Count = Type.Integer({ minimum: 0 })

export const Manifest = Type.Object({
  /** The version that made the backup, and the schema of the database. */
  natter: Type.String(),
  schema: Type.Integer(),
  made_at: Type.String(),
  epoch: Type.String(),
  counts: Type.Object({ people: Count, chats: Count, messages: Count, files: Count }),
  /** Paths of files that the store itself had lost. */
  lost: Type.Array(Type.String()),
})
export type Manifest = Static<typeof Manifest>

/** By path in the backup: the SHA-256 as hex. */
export type Sums = Map<string, string>

export const pathOfBlob = (name: string) => `files/${placeOf(name)}`

/** The paths of all that a database shows. */
export function pathsShown({ files, avatars }: Shown): string[] {
  const names = files.flatMap(({ id, thumbnail }) => {
    const { whole, thumbnail: small } = namesOf(id)
    return thumbnail ? [whole, small] : [whole]
  })
  return [...names, ...avatars.flatMap(blobsAt)].map(pathOfBlob)
}

const BACKUP = /^natter-\d{8}T\d{6}\.\d{3}Z$/

export const nameAt = (time: Date) => `natter-${time.toISOString().replace(/[-:]/g, '')}`

/** The whole backups in a directory, oldest first. */
export async function backupsIn(dir: string): Promise<string[]> {
  const names = await namesIn(dir)
  return names
    .filter(name => BACKUP.test(name))
    .toSorted()
    .map(name => join(dir, name))
}

const LINE = /^([0-9a-f]{64}) {2}(\S+)$/
const BLOB = /^files\/[0-9a-f]{2}\/[0-9a-f]{24}(?:-[a-z0-9]{1,16})?$/
const isOurPath = (path: string) => [DATABASE, MANIFEST, ...SECRETS].includes(path) || isBlobPath(path)
export const isBlobPath = (path: string) => BLOB.test(path)

/** Null where there are none, or a line is not one of a backup. */
export async function readSums(dir: string): Promise<Sums | null> {
  const text = await readText(join(dir, SUMS))
  const lines = text?.trimEnd().split('\n') ?? []
  const read = lines.map(line => LINE.exec(line))
  const isOurs = lines.length > 0 && read.every(match => match && isOurPath(match[2] as string))
  return isOurs ? new Map(read.map(match => [match?.[2] as string, match?.[1] as string])) : null
}

export const sumsText = (sums: Sums): string =>
  [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, hash]) => `${hash}  ${path}\n`)
    .join('')

/** Null where there is none that can be read. */
export async function readManifest(dir: string): Promise<Manifest | null> {
  const text = await readText(join(dir, MANIFEST))
  try {
    const value = text === null ? null : JSON.parse(text)
    return Value.Check(Manifest, value) ? value : null
  } catch {
    return null
  }
}
