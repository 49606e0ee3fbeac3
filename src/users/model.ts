// What a person looks like to others and to themself, and what may be changed.
import { Type, type Static } from '@sinclair/typebox'
import { Cursor, GivenTime, Id, Limit, Nullable, Page, Time } from '../lib/schema'

const text = (maxLength: number, description: string) => Type.String({ maxLength, description })

export const USERNAME_PATTERN = '^[\\p{L}\\p{N}](?:[\\p{L}\\p{N}._-]{0,30}[\\p{L}\\p{N}])?$'

export const Username = Type.String({
  minLength: 1,
  maxLength: 32,
  description:
    '1 to 32 letters and digits, with `.`, `_` and `-` between them. Unique without regard to case.',
  examples: ['ann'],
})

export const EMAIL_PATTERN = '^[^\\s@]{1,64}@[^\\s@.]+(\\.[^\\s@.]+)+$'

export const Email = Type.String({
  maxLength: 254,
  pattern: EMAIL_PATTERN,
  description: 'Unique without regard to case. Shown to oneself and to administrators only.',
  examples: ['ann@example.com'],
})

export const Presence = Type.Union([Type.Literal('online'), Type.Literal('away'), Type.Literal('offline')])
export type Presence = Static<typeof Presence>

const publicFields = {
  id: Id,
  username: Type.String(),
  full_name: Nullable(Type.String()),
  avatar: Nullable(
    Type.String({
      description:
        'An https address, or a path on this server. Null: none is set; `/users/{id}/avatar` shows a generated one.',
    }),
  ),
  bio: Nullable(Type.String()),
  status: Nullable(Type.String({ description: 'What the person set; stays as set, or until it ends.' })),
  status_expires_at: Nullable(Time),
  presence: Nullable(Presence),
  last_seen: Nullable(Time),
  created_at: Time,
  updated_at: Time,
}

export const User = Type.Object(
  {
    ...publicFields,
    email: Type.Optional(Nullable(Type.String({ description: 'For oneself and administrators only.' }))),
    role: Type.Optional(Type.Union([Type.Literal('user'), Type.Literal('admin')])),
  },
  {
    title: 'User',
    description:
      '`presence` and `last_seen` are null where they are not told: to those who share no chat, and between ' +
      'people of whom one has blocked the other. `last_seen` is told of those who are offline.',
  },
)
export type User = Static<typeof User>

/** A person in few words, beside what they do. */
export const UserCard = Type.Object(
  {
    id: publicFields.id,
    username: publicFields.username,
    full_name: publicFields.full_name,
    avatar: publicFields.avatar,
  },
  { title: 'UserCard' },
)
export type UserCard = Static<typeof UserCard>

export const Me = Type.Object(
  {
    ...publicFields,
    email: Nullable(Type.String()),
    role: Type.Union([Type.Literal('user'), Type.Literal('admin')]),
    invisible: Type.Boolean({ description: 'Everybody sees me as offline.' }),
    hide_last_seen: Type.Boolean({ description: 'Nobody sees my `last_seen`, and I see nobody’s.' }),
  },
  { title: 'Me', description: 'A user as seen by the person, with what others do not see.' },
)
export type Me = Static<typeof Me>

export const UserPage = Page(User, 'UserPage')

/** What is stored is always an address: a file becomes a picture of its own. */
export const NewAvatar = Type.String({
  pattern: '^(https://[^\\s"<>]{1,2000}|[0-9a-f]{24})$',
  description: 'An https address, or the id of a picture among my files.',
})

export const EditProfile = Type.Object(
  {
    username: Type.Optional(Username),
    email: Type.Optional(Email),
    full_name: Type.Optional(Nullable(text(100, 'Shown beside the username.'))),
    bio: Type.Optional(Nullable(text(500, 'A few words about oneself.'))),
    avatar: Type.Optional(Nullable(NewAvatar)),
    status: Type.Optional(Nullable(text(140, 'Stays as set.'))),
  },
  {
    title: 'EditProfile',
    description: 'Only the fields given are changed; null empties a field.',
    examples: [{ full_name: 'Ann Smith', bio: 'Fishing' }],
  },
)
export type EditProfile = Static<typeof EditProfile>

const MAX_STATUS_SECONDS = 366 * 86_400

export const EditStatus = Type.Object(
  {
    status: Nullable(text(140, 'Null: none.')),
    status_expires_at: Type.Optional(Nullable(GivenTime('When it ends, within a year; null: never.'))),
    expires_in: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_STATUS_SECONDS,
        description: 'The same as seconds from now; not both.',
      }),
    ),
  },
  { title: 'EditStatus', examples: [{ status: 'At lunch', expires_in: 3600 }] },
)
export type EditStatus = Static<typeof EditStatus>

export const EditPresence = Type.Object(
  {
    invisible: Type.Optional(
      Type.Boolean({ description: 'Seen as offline by everybody; `last_seen` stays where it is.' }),
    ),
    hide_last_seen: Type.Optional(
      Type.Boolean({ description: 'Nobody sees my `last_seen`, and I see nobody’s.' }),
    ),
  },
  {
    title: 'EditPresence',
    description: 'Only the fields given are changed.',
    examples: [{ invisible: true }],
  },
)
export type EditPresence = Static<typeof EditPresence>

/** People that one person may have blocked. */
export const MAX_BLOCKS = 1_000

export const Block = Type.Object(
  { user_id: Id, blocked_at: Time, user: Nullable(User) },
  { title: 'Block', description: '`user` is null where the person is not to be found by me.' },
)
export type Block = Static<typeof Block>
export const BlockPage = Page(Block, 'BlockPage')

export const FindUsers = Type.Object({
  q: Type.Optional(
    Type.String({
      maxLength: 254,
      description:
        'Beginnings of words of a username or full name, without case and accents; or a whole email.',
    }),
  ),
  limit: Limit,
  cursor: Cursor,
})

export const DeleteAccount = Type.Object(
  {
    password: Type.Optional(Type.String({ maxLength: 1024 })),
    messages: Type.Optional(
      Type.Union([Type.Literal('keep'), Type.Literal('delete')], {
        description:
          'What becomes of my messages: `keep` (the default): they stay as those of a deleted user; `delete`: ' +
          'tombstones take their place, in all chats.',
      }),
    ),
  },
  {
    title: 'DeleteAccount',
    description: 'The password may be left out within 15 minutes of signing in.',
    examples: [{ password: 'a long way to Tipperary', messages: 'keep' }],
  },
)
