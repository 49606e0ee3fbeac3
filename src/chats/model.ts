// A chat as its members see it, and what can be asked of it.
import { Type, type Static } from '@sinclair/typebox'
import { Cursor, GivenTime, Id, Limit, Nullable, Page, Time } from '../lib/schema'
import { NewAvatar, Presence, UserCard } from '../users/model'

export const MAX_ADDED_AT_ONCE = 100
export const MAX_MEMBERS = 5_000
export const SHOWN_PARTICIPANTS = 100
/** Members of a group up to which its people hear of each other’s presence and profile at once. */
export const MAX_CIRCLE = 100

export const ChatType = Type.Union([Type.Literal('private'), Type.Literal('group')])
export type ChatType = Static<typeof ChatType>

export const Role = Type.Union([Type.Literal('owner'), Type.Literal('admin'), Type.Literal('member')])
export type Role = Static<typeof Role>

export const WhoMayWrite = Type.Union([Type.Literal('all'), Type.Literal('admins')], {
  description: 'Who writes in the group: every member, or owners and admins only. All may read and react.',
})
export type WhoMayWrite = Static<typeof WhoMayWrite>

export const HistoryForNewcomers = Type.Union([Type.Literal('all'), Type.Literal('joined')], {
  description:
    'What those who join from now on see: the whole history, or only what comes after their joining.',
})
export type HistoryForNewcomers = Static<typeof HistoryForNewcomers>

export const MessageType = Type.Union(
  [
    Type.Literal('text'),
    Type.Literal('image'),
    Type.Literal('video'),
    Type.Literal('audio'),
    Type.Literal('file'),
  ],
  {
    description:
      'What a message shows: text, the first of its attachments, or what `content` is the address of.',
  },
)
export type MessageType = Static<typeof MessageType>

export const Notify = Type.Union([Type.Literal('all'), Type.Literal('mentions'), Type.Literal('none')], {
  description: 'Of which messages my devices are notified: all, those that mention me, or none.',
})
export type Notify = Static<typeof Notify>

export const LastMessage = Type.Object(
  {
    id: Id,
    seq: Type.Integer(),
    sender_id: Id,
    content: Type.String({
      description:
        'The first 200 characters; where nothing is written, the caption or name of the first file.',
    }),
    message_type: MessageType,
    created_at: Time,
    deleted_at: Nullable(Time),
  },
  { title: 'LastMessage' },
)
export type LastMessage = Static<typeof LastMessage>

const sharedFields = {
  id: Id,
  chat_type: ChatType,
  group_name: Nullable(Type.String()),
  group_avatar: Nullable(
    Type.String({
      description:
        'An https address, or a path on this server. Null: none is set; `/chats/{id}/avatar` shows a generated one.',
    }),
  ),
  participants: Type.Array(Id, { description: 'The first 100 members.' }),
  member_count: Type.Integer(),
  created_by: Id,
  last_seq: Type.Integer({ description: 'The `seq` of the newest message; 0 in an empty chat.' }),
  rev: Type.Integer({ description: 'The number of the latest change of a message.' }),
  retention_seconds: Nullable(
    Type.Integer({ description: 'Messages expire this long after they were sent.' }),
  ),
  who_may_write: WhoMayWrite,
  history_for_newcomers: HistoryForNewcomers,
  created_at: Time,
  updated_at: Time,
}

/** What all members see alike: the chat as live frames tell of it. */
export const SharedChat = Type.Object(sharedFields, { title: 'SharedChat' })
export type SharedChat = Static<typeof SharedChat>

export const MyChat = Type.Object(
  {
    role: Role,
    read_seq: Type.Integer(),
    cleared_seq: Type.Integer({
      description: 'Messages up to here are deleted for me with their chat; 0: none.',
    }),
    muted_until: Nullable(Time),
    pinned: Type.Boolean(),
    archived: Type.Boolean(),
    notify: Notify,
    draft: Nullable(Type.String({ description: 'What I have begun to write, on any device.' })),
    draft_at: Nullable(Time),
  },
  { title: 'MyChat', description: 'What is mine alone in a chat.' },
)
export type MyChat = Static<typeof MyChat>

export const Chat = Type.Object(
  {
    ...sharedFields,
    last_message: Nullable(LastMessage),
    last_message_time: Nullable(Time),
    unread_count: Type.Integer({
      description: "Others' messages after my read position, replies in threads among them.",
    }),
    unread_mentions: Type.Integer({ description: 'Those of them that mention me, or all.' }),
    my: MyChat,
  },
  { title: 'Chat' },
)
export type Chat = Static<typeof Chat>
export const ChatPage = Page(Chat, 'ChatPage')

/** An id, `@username`, or `me`. */
const Person = Type.String({ maxLength: 64, description: 'An id, `@username`, or `me`.', examples: ['@bob'] })
const GroupName = Type.String({ minLength: 1, maxLength: 100 })
const GroupAvatar = Nullable(NewAvatar)
const participants = (minItems: number) =>
  Type.Array(Person, { minItems, maxItems: MAX_ADDED_AT_ONCE, description: 'Oneself may be left out.' })

const settingsOfGroup = {
  who_may_write: Type.Optional(WhoMayWrite),
  history_for_newcomers: Type.Optional(HistoryForNewcomers),
}

export const CreateChat = Type.Object(
  {
    chat_type: Type.Optional(ChatType),
    participants: participants(0),
    group_name: Type.Optional(Nullable(GroupName)),
    group_avatar: Type.Optional(GroupAvatar),
    ...settingsOfGroup,
  },
  {
    title: 'CreateChat',
    description:
      'A private chat (the default) has one other person; a group has a name, and may have settings. One private chat per pair. With oneself alone, or nobody, it is for own notes.',
    examples: [{ chat_type: 'private', participants: ['@bob'] }],
  },
)
export type CreateChat = Static<typeof CreateChat>

/** A minute to ten years. */
const Retention = Nullable(
  Type.Integer({
    minimum: 60,
    maximum: 315_360_000,
    description:
      'Set by an owner, for the messages that are there too: each leaves a tombstone this long after it was sent. Null: messages stay.',
  }),
)

export const EditChat = Type.Object(
  {
    group_name: Type.Optional(GroupName),
    group_avatar: Type.Optional(GroupAvatar),
    retention_seconds: Type.Optional(Retention),
    ...settingsOfGroup,
  },
  { title: 'EditChat', examples: [{ group_name: 'Fishing' }] },
)
export type EditChat = Static<typeof EditChat>

export const DeleteChatQuery = Type.Object({
  for: Type.Optional(
    Type.Union([Type.Literal('me'), Type.Literal('everyone')], {
      description:
        'A private chat can be deleted for me (the default there), a group for everyone, by an owner.',
    }),
  ),
})

export const Member = Type.Object(
  {
    user_id: Id,
    user: Type.Optional(Nullable(UserCard)),
    role: Role,
    read_seq: Type.Integer(),
    delivered_seq: Type.Integer(),
    joined_at: Time,
  },
  { title: 'Member', description: '`user` comes with lists.' },
)
export type Member = Static<typeof Member>

export const SeenMember = Type.Object(
  { ...Member.properties, presence: Nullable(Presence), last_seen: Nullable(Time) },
  { title: 'SeenMember', description: 'A member, with presence as in `User`.' },
)
export type SeenMember = Static<typeof SeenMember>
export const MemberPage = Page(SeenMember, 'MemberPage')

export const AddMembers = Type.Object(
  { participants: participants(1) },
  { title: 'AddMembers', examples: [{ participants: ['@cleo'] }] },
)
export const ChangeRole = Type.Object({ role: Role }, { title: 'ChangeRole' })

export const HandOver = Type.Object({ user_id: Id }, { title: 'HandOver' })

export const ChatParams = Type.Object({ id: Id })
export const MemberParams = Type.Object({ id: Id, user_id: Id })
const flag = (description: string) =>
  Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')], { description }))

export const ListMembers = Type.Object({
  q: Type.Optional(
    Type.String({
      maxLength: 254,
      description: 'Beginnings of words of a username or full name, without case and accents.',
    }),
  ),
  role: Type.Optional(Role),
  limit: Limit,
  cursor: Cursor,
})
export type ListMembers = Static<typeof ListMembers>
export const ListChats = Type.Object({
  limit: Limit,
  cursor: Cursor,
  archived: flag('Only those that I archived, or did not.'),
  pinned: flag('Only those that I pinned, or did not.'),
})
export type ListChats = Static<typeof ListChats>

export const MAX_DRAFT = 8_000

export const MySettings = Type.Object(
  {
    muted_until: Type.Optional(Nullable(GivenTime('Null: no longer.'))),
    pinned: Type.Optional(Type.Boolean()),
    archived: Type.Optional(Type.Boolean()),
    notify: Type.Optional(Notify),
  },
  { title: 'MySettings', description: 'Only the fields given are changed.', examples: [{ pinned: true }] },
)
export type MySettings = Static<typeof MySettings>

export const Draft = Type.Object(
  { content: Nullable(Type.String({ maxLength: MAX_DRAFT, description: 'Null or empty: no draft.' })) },
  { title: 'Draft', examples: [{ content: 'Dear Bob' }] },
)
