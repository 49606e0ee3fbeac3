// The pictures of people and groups: made square, kept, and shown.
import type { Chat, EditChat } from '../chats/model'
import type { Chats } from '../chats/service'
import { AppError, invalid } from '../lib/errors'
import { isId } from '../lib/ids'
import type { EditProfile, Me } from '../users/model'
import type { Users } from '../users/service'
import {
  AVATAR_SIZES,
  avatarAddress,
  avatarBlob,
  blobsAt,
  isVersion,
  newVersion,
  versionAt,
  type AvatarOwner,
  type AvatarSize,
} from './avatar.model'
import type { BlobStore } from './blobs'
import { identicon, LOOK } from './identicon'
import { namesOf } from './names'
import type { Pictures } from './pictures'
import type { FileStore } from './store'

/** A picture to be shown. */
export interface Shown {
  bytes: Uint8Array
  type: 'image/webp' | 'image/png'
  /** The same for the same bytes at one address. */
  tag: string
  /** What is at this address never changes. */
  isForever: boolean
}

/** Gives the bytes that somebody wants as a picture, once it is clear that they may. */
export type ReadPicture = () => Promise<Uint8Array>

export type Avatars = ReturnType<typeof createAvatars>

/**
 * A picture lives at an address of its own, which is what people and chats store: another picture has another address.
 * Who knows the address sees the picture; that of a group is told to its members only, and cannot be guessed.
 * Whoever stores another address, or none, removes the blobs behind the old one (`blobsAt`); what a crash leaves
 * is collected later.
 */
export function createAvatars(
  blobs: BlobStore,
  pictures: Pictures,
  files: Pick<FileStore, 'byId'>,
  users: Users,
  chats: Chats,
) {
  /** Resolves with the address once the picture is on stable storage. */
  async function keep(owner: AvatarOwner, id: string, bytes: Uint8Array | ReadPicture): Promise<string> {
    const made = await pictures.squares(bytes, [...AVATAR_SIZES])
    const version = newVersion(owner)
    await Promise.all(
      AVATAR_SIZES.map((size, i) => {
        const square = made[i] as Uint8Array
        return blobs.write(avatarBlob(id, version, size), once(square), square.length)
      }),
    )
    return avatarAddress(owner, id, version)
  }

  /** Null also for one that is removed while it is read. */
  async function bytesOf(name: string): Promise<Uint8Array | null> {
    const stream = await blobs.read(name)
    if (!stream) return null
    try {
      return new Uint8Array(await new Response(stream).arrayBuffer())
    } catch (error) {
      if (await blobs.read(name)) throw error
      return null
    }
  }

  /** A file stays what it is; the picture is made of it, so that it stays when the file goes. */
  async function keepFile(me: string, owner: AvatarOwner, id: string, fileId: string): Promise<string> {
    const refuse = (code: string) => invalid(`body/${FIELD[owner]}`, code, 'This is no picture of yours.')
    const file = await files.byId(fileId)
    if (file?.user_id !== me) throw refuse('unknown_file')
    if (file.width === null) throw refuse('not_a_picture')
    return keep(owner, id, async () => {
      const bytes = await bytesOf(namesOf(fileId).whole)
      if (!bytes) throw refuse('unknown_file')
      return bytes
    })
  }

  /** A refusal leaves nothing behind; after an error of ours, or by one who is out since, the address may be stored. */
  async function storing<T>(address: string, store: () => Promise<T>): Promise<T> {
    try {
      return await store()
    } catch (error) {
      const isRefusal = error instanceof AppError && error.status < 500 && error.status !== 404
      if (isRefusal) await blobs.remove(blobsAt(address))
      throw error
    }
  }

  async function kept(
    owner: AvatarOwner,
    id: string,
    version: string | null | undefined,
    size: AvatarSize,
  ): Promise<Omit<Shown, 'isForever'> | null> {
    if (!version || !isVersion(owner, version)) return null
    const bytes = await bytesOf(avatarBlob(id, version, size))
    return bytes && { bytes, type: 'image/webp', tag: `"${version}-${size}"` }
  }

  const generated = async (id: string, size: AvatarSize): Promise<Shown> => ({
    bytes: await identicon(id, size),
    type: 'image/png',
    tag: `"${LOOK}-${size}"`,
    isForever: false,
  })

  return {
    /** 415, 422 and 503 as `Pictures` says. */
    async setMine(me: string, read: ReadPicture): Promise<Me> {
      return users.edit(me, { avatar: await keep('users', me, await read()) })
    },

    /** Edits a profile, where `avatar` may be a file of mine: 422 for another's, and for one that is no picture. */
    async editMe(me: string, fields: EditProfile): Promise<Me> {
      if (!fields.avatar || !isId(fields.avatar)) return users.edit(me, fields)
      const avatar = await keepFile(me, 'users', me, fields.avatar)
      return storing(avatar, () => users.edit(me, { ...fields, avatar }))
    },

    removeMine: (me: string): Promise<Me> => users.edit(me, { avatar: null }),

    /** By those who may edit the group; all members hear of it. Refusals as in `edit` of chats. */
    async setGroup(me: string, chatId: string, read: ReadPicture): Promise<Chat> {
      await chats.mustBeEditor(me, chatId)
      return chats.edit(me, chatId, { group_avatar: await keep('chats', chatId, await read()) })
    },

    /** Edits a group, where `group_avatar` may be a file of mine, as in `editMe`. */
    async editGroup(me: string, chatId: string, patch: EditChat): Promise<Chat> {
      if (!patch.group_avatar || !isId(patch.group_avatar)) return chats.edit(me, chatId, patch)
      await chats.mustBeEditor(me, chatId)
      const group_avatar = await keepFile(me, 'chats', chatId, patch.group_avatar)
      return storing(group_avatar, () => chats.edit(me, chatId, { ...patch, group_avatar }))
    },

    /** The address of the picture of a group that is being made, as in `editGroup`. */
    forNewGroup: async (me: string, chatId: string, wanted: string | null): Promise<string | null> =>
      wanted && isId(wanted) ? keepFile(me, 'chats', chatId, wanted) : wanted,

    removeGroup: (me: string, chatId: string): Promise<Chat> =>
      chats.edit(me, chatId, { group_avatar: null }),

    /**
     * For everybody, also those who are not signed in: the picture of this version; without one, or where it is gone,
     * the present one; else a generated one, also for ids that nobody has, so that nobody learns which are known.
     */
    async ofPerson(id: string, version: string | undefined, wanted: number | undefined): Promise<Shown> {
      const size = sizeFor(wanted)
      const exact = await kept('users', id, version, size)
      if (exact) return { ...exact, isForever: true }
      const present = await kept('users', id, versionAt(await users.avatarOf(id)), size)
      return present ? { ...present, isForever: false } : generated(id, size)
    },

    /** For those who know its version; for all others a generated one, also for ids of no group. */
    async ofGroup(id: string, version: string | undefined, wanted: number | undefined): Promise<Shown> {
      const size = sizeFor(wanted)
      const exact = await kept('chats', id, version, size)
      return exact ? { ...exact, isForever: true } : generated(id, size)
    },
  }
}

const FIELD = { users: 'avatar', chats: 'group_avatar' } as const

const sizeFor = (wanted = 0): AvatarSize => AVATAR_SIZES.find(size => size >= wanted) ?? 512

async function* once(bytes: Uint8Array) {
  yield bytes
}
