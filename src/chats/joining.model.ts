// Links to join groups by, and requests to be let in.
import { Type, type Static } from '@sinclair/typebox'
import { Cursor, GivenTime, Id, Limit, Nullable, Page, Time } from '../lib/schema'
import { UserCard } from '../users/model'
import { MAX_MEMBERS } from './model'

/** Links of one chat. */
export const MAX_INVITES = 100
/** People who wait to be let into one chat. */
export const MAX_JOIN_REQUESTS = 1_000

const YEAR_SECONDS = 31_536_000

export const MakeInvite = Type.Object(
  {
    expires_in: Type.Optional(
      Type.Integer({
        minimum: 60,
        maximum: YEAR_SECONDS,
        description: 'Seconds; absent: it does not expire.',
      }),
    ),
    expires_at: Type.Optional(GivenTime('In place of it: a time within a year.')),
    max_uses: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_MEMBERS, description: 'How many may join, or ask to, by it.' }),
    ),
    needs_approval: Type.Optional(
      Type.Boolean({ description: 'Whoever comes by it asks, and an admin lets them in.' }),
    ),
  },
  { title: 'MakeInvite', examples: [{ expires_in: 86_400, max_uses: 10 }] },
)
export type MakeInvite = Static<typeof MakeInvite>

const code = Type.String({ description: 'What the link is made of. Whoever knows it may join.' })

export const Invite = Type.Object(
  {
    code,
    url: Type.String({
      description: 'The link: the address of this service, or its `PUBLIC_URL`, with the code.',
    }),
    chat_id: Id,
    created_by: Id,
    created_at: Time,
    expires_at: Nullable(Time),
    max_uses: Nullable(Type.Integer()),
    uses: Type.Integer({ description: 'How many joined, or asked to, by it.' }),
    needs_approval: Type.Boolean(),
  },
  { title: 'Invite' },
)
export type Invite = Static<typeof Invite>
export const InvitePage = Page(Invite, 'InvitePage')

export const InvitePreview = Type.Object(
  {
    code,
    group_name: Nullable(Type.String()),
    group_avatar: Nullable(Type.String()),
    member_count: Type.Integer(),
    needs_approval: Type.Boolean(),
    expires_at: Nullable(Time),
    state: Type.Union([Type.Literal('open'), Type.Literal('waiting'), Type.Literal('member')], {
      description: 'Whether I may join by it, wait to be let in, or am in.',
    }),
    chat_id: Nullable(Id, { description: 'For those who are in, or wait to be let in.' }),
  },
  { title: 'InvitePreview', description: 'What somebody is invited to. Who is in it is for members to see.' },
)
export type InvitePreview = Static<typeof InvitePreview>

export const JoinRequest = Type.Object(
  { chat_id: Id, user_id: Id, user: Nullable(UserCard), created_at: Time },
  { title: 'JoinRequest', description: 'Somebody asks to be let in.' },
)
export type JoinRequest = Static<typeof JoinRequest>
export const JoinRequestPage = Page(JoinRequest, 'JoinRequestPage')

export const MyJoinRequest = Type.Object(
  {
    chat_id: Id,
    group_name: Nullable(Type.String()),
    group_avatar: Nullable(Type.String()),
    created_at: Time,
  },
  { title: 'MyJoinRequest', description: 'I asked to be let in.' },
)
export type MyJoinRequest = Static<typeof MyJoinRequest>
export const MyJoinRequestPage = Page(MyJoinRequest, 'MyJoinRequestPage')

const Code = Type.String({ maxLength: 64 })
export const CodeParams = Type.Object({ code: Code })
export const InviteParams = Type.Object({ id: Id, code: Code })
export const JoinRequestParams = Type.Object({ id: Id, user_id: Id })
export const QrQuery = Type.Object({
  format: Type.Optional(
    Type.Union([Type.Literal('svg'), Type.Literal('png')], { description: 'Absent: `svg`.' }),
  ),
})
export const ListQuery = Type.Object({ limit: Limit, cursor: Cursor })
