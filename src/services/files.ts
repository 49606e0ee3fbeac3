// Files, and the pictures of people and groups.
import { createOpening } from '../chats/opening'
import { createAvatars } from '../files/avatars'
import { avatarKeeper, createCollecting, fileKeeper } from '../files/collecting'
import { createFetching } from '../files/fetching'
import { createKeeping } from '../files/keeping'
import { createPictures } from '../files/pictures'
import { createFiles } from '../files/service'
import { createUnshown } from '../files/unshown'
import { createUploads } from '../files/uploads'
import type { ChatParts } from './chats'
import type { Base } from './deps'
import type { People } from './people'

const MB = 1024 * 1024
const STALL_MS = 30_000

export type FileParts = ReturnType<typeof createFileParts>

export function createFileParts(
  { stores, settings, stallMs = STALL_MS }: Base,
  { users }: People,
  { chats }: ChatParts,
) {
  const pictures = createPictures()
  const avatars = createAvatars(stores.blobs, pictures, stores.files, users, chats)
  const files = createFiles(stores.files, chats)
  const limits = {
    maxBytes: settings.MAX_UPLOAD_MB * MB,
    quotaBytes: settings.USER_QUOTA_MB * MB,
    stallMs,
  }
  const keepers = [avatarKeeper(stores.users, stores.chats), fileKeeper(stores.files)]
  return {
    pictures,
    avatars,
    // A group may be opened with a picture.
    opening: createOpening(stores.chats, chats, users, avatars.forNewGroup),
    files,
    uploads: createUploads(stores.files, createKeeping(stores.blobs, pictures), users.isHere, limits),
    fetching: createFetching(files, stores.blobs),
    unshown: createUnshown(stores.files, stores.blobs),
    collecting: createCollecting(stores.blobs, keepers),
  }
}
