// The pictures of people and groups: their sizes, their addresses, and the names of the blobs behind these.
import { Type, type Static } from '@sinclair/typebox'
import { randomBytes } from '../lib/random'
import { SizeInQuery } from '../lib/schema'

export const MAX_AVATAR_BYTES = 5 * 1024 * 1024

/** Pixels of a side: for lists, and for where one picture stands alone. */
export const AVATAR_SIZES = [128, 512] as const
export type AvatarSize = (typeof AVATAR_SIZES)[number]

export const AvatarQuery = Type.Object({
  v: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'The version, as it stands in the address that was given out.',
    }),
  ),
  size: SizeInQuery(
    'Pixels of a side: the smaller of 128 and 512 that has so many. A picture that was smaller stays so.',
  ),
})
export type AvatarQuery = Static<typeof AvatarQuery>

export const AvatarUpload = Type.Object(
  {
    file: Type.String({
      format: 'binary',
      description: 'A JPEG, PNG, WebP or GIF of at most 5 MB and 40 million pixels.',
    }),
  },
  { title: 'AvatarUpload', examples: [{ file: 'the bytes of a picture' }] },
)

export type AvatarOwner = 'users' | 'chats'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'
const KIND = { users: 'u', chats: 'g' } as const
const MARK = { 128: 's', 512: 'l' } as const

/** 70 random bits: whoever was not told the version of a picture does not guess it. */
export const newVersion = (owner: AvatarOwner): string =>
  KIND[owner] + [...randomBytes(14)].map(byte => LETTERS[byte % LETTERS.length]).join('')

export const isVersion = (owner: AvatarOwner, text: string): boolean =>
  text.startsWith(KIND[owner]) && /^[ug][a-z2-7]{14}$/.test(text)

/** Where a picture of this version is had; it never changes there. */
export const avatarAddress = (owner: AvatarOwner, id: string, version: string): string =>
  `/${owner}/${id}/avatar?v=${version}`

export const avatarBlob = (id: string, version: string, size: AvatarSize): string =>
  `${id}-${version}${MARK[size]}`

const ADDRESS = /^\/(?:users|chats)\/([0-9a-f]{24})\/avatar\?v=([ug][a-z2-7]{14})$/

/** The version in an address of ours; null for other addresses. */
export const versionAt = (address: string | null): string | null => ADDRESS.exec(address ?? '')?.[2] ?? null

/** The blobs behind an address of ours, which go when it goes; none for other addresses. */
export function blobsAt(address: string | null): string[] {
  const [, id, version] = ADDRESS.exec(address ?? '') ?? []
  return id && version ? AVATAR_SIZES.map(size => avatarBlob(id, version, size)) : []
}

/** Whose picture a blob is part of; null for blobs of other kinds. */
export function ownerOfBlob(name: string): { owner: AvatarOwner; id: string } | null {
  const [, id, kind] = /^([0-9a-f]{24})-([ug])[a-z2-7]{14}[sl]$/.exec(name) ?? []
  return id ? { owner: kind === KIND.users ? 'users' : 'chats', id } : null
}
