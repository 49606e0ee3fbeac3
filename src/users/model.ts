// What a person looks like to others and to themself, and what may be changed.
import { Type, type Static } from '@sinclair/typebox'
import { Cursor, Id, Limit, Nullable, Page, Time } from '../lib/schema'

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
  status: Nullable(Type.String({ description: 'What the person set; stays as set.' })),
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
  { title: 'User', description: '`presence` and `last_seen` are null where they are not told to you.' },
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

export const EditStatus = Type.Object(
  { status: Nullable(text(140, 'Stays as set.')) },
  { title: 'EditStatus' },
)

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
