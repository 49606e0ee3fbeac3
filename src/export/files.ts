// My picture and my files in the export: their bytes as they are kept, and where each of them is.
import { blobsAt } from '../files/avatar.model'
import type { BlobStore } from '../files/blobs'
import { namesOf } from '../files/names'
import type { Files } from '../files/service'
import { diskName } from '../lib/filenames'
import type { Message } from '../messages/model'
import type { UserStore } from '../users/store'
import { blob, jsonList, pagesOf, type Part } from './entries'

const AT_ONCE = 100
/** The longest name of a file on most disks, without the id. */
const MAX_NAME_BYTES = 255 - 25

export interface FileSources {
  userStore: UserStore
  files: Files
  blobs: BlobStore
}

/** The larger of its sizes. */
export function picturePart({ userStore, blobs }: FileSources): Part {
  return async function* ({ user_id: me }) {
    const picture = blobsAt((await userStore.byId(me))?.avatar ?? null).at(-1)
    if (picture) yield { path: 'avatar.webp', bytes: blob(blobs, picture) }
  }
}

/** One file after the other, each read as fast as the client takes it. */
export function filesPart({ files, blobs }: FileSources): Part {
  const pages = (me: string) => pagesOf(cursor => files.list(me, { limit: AT_ONCE, cursor }))

  async function* records(me: string) {
    for await (const page of pages(me)) yield page.map(withPath)
  }

  return async function* ({ user_id: me }) {
    yield { path: 'files.json', bytes: jsonList(records(me)) }
    for await (const page of pages(me)) {
      for (const file of page) yield { path: withPath(file).path, bytes: blob(blobs, namesOf(file.id).whole) }
    }
  }
}

/** Attachments that are my own files say where these are in the archive. */
export async function withPaths(files: Files, me: string, page: Message[]): Promise<Message[]> {
  const ids = page.flatMap(({ attachments }) => attachments.map(({ id }) => id))
  if (ids.length === 0) return page
  const mine = await files.mineAmong(me, ids)
  return page.map(message => ({
    ...message,
    attachments: message.attachments.map(file => (mine.has(file.id) ? withPath(file) : file)),
  }))
}

const withPath = <F extends { id: string; name: string }>(file: F): F & { path: string } => ({
  ...file,
  path: `files/${file.id}-${diskName(file.name, MAX_NAME_BYTES)}`,
})
