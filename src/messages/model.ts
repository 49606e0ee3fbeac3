// A message, and what can be asked about messages.
import { Type, type Static } from '@sinclair/typebox'
import { MessageType } from '../chats/model'
import { Id, Limit, Nullable, Page, SeqInQuery, Time } from '../lib/schema'
import { Attach, Attachment, MAX_ATTACHMENTS } from './attachment.model'

export const MAX_CONTENT = 8_000

/** At most so many different emoji on one message. */
export const MAX_REACTIONS = 20
export const SHOWN_REACTORS = 100
/** Different names after an `@` that one message looks up; more are passed over. */
export const MAX_MENTIONS = 20
export const MAX_PINS = 50
/** Former texts kept of one message; one more edit is refused. */
export const MAX_EDITS = 100

export const Reaction = Type.Object(
  {
    emoji: Type.String(),
    count: Type.Integer(),
    user_ids: Type.Array(Id, {
      description: 'The first 100 who reacted, in order; in an answer to me I am among them.',
    }),
  },
  { title: 'Reaction' },
)
export type Reaction = Static<typeof Reaction>

export const Quote = Type.Object(
  {
    id: Id,
    seq: Type.Integer(),
    sender_id: Id,
    content: Type.String({
      description:
        'The first 200 characters; where nothing is written, the caption or name of the first file.',
    }),
    message_type: MessageType,
    deleted_at: Nullable(Time),
  },
  { title: 'Quote', description: 'The message replied to, as it was when this was asked for.' },
)
export type Quote = Static<typeof Quote>

export const Forward = Type.Object(
  { message_id: Nullable(Id), chat_id: Nullable(Id), sender_id: Nullable(Id) },
  {
    title: 'Forward',
    description:
      'Where a forwarded message comes from; null for those who are not members there, and in live frames, which are the same for all: ask for the message, or its `changes`.',
  },
)
export type Forward = Static<typeof Forward>

export const Thread = Type.Object(
  { reply_count: Type.Integer(), last_reply_seq: Type.Integer(), last_reply_at: Time },
  { title: 'Thread' },
)
export type Thread = Static<typeof Thread>

export const DeleteReason = Type.Union([Type.Literal('deleted'), Type.Literal('expired')])
export type DeleteReason = Static<typeof DeleteReason>

export const Message = Type.Object(
  {
    id: Id,
    chat_id: Id,
    seq: Type.Integer({ description: 'The place in the chat: 1, 2, 3 … without gap.' }),
    rev: Type.Integer({ description: "The chat's number of this message's latest change." }),
    client_id: Type.String({ description: 'Chosen by the sender, or by the server where it was left out.' }),
    sender_id: Id,
    receiver_id: Nullable(Id),
    content: Type.String({ description: 'Empty once deleted.' }),
    message_type: MessageType,
    attachments: Type.Array(Attachment, { description: 'Empty once deleted.' }),
    reply_to: Nullable(Id),
    reactions: Type.Array(Reaction),
    is_read: Type.Boolean({ description: 'Read by every other member.' }),
    pinned_at: Nullable(Time),
    edited_at: Nullable(Time),
    deleted_at: Nullable(Time),
    created_at: Time,
    updated_at: Time,
    quote: Type.Optional(Quote),
    forward: Type.Optional(Forward),
    mentions: Type.Optional(
      Type.Array(Id, {
        description: `The members whom the text names by \`@username\`, each once; names beyond ${MAX_MENTIONS} are passed over.`,
      }),
    ),
    mentions_all: Type.Optional(
      Type.Literal(true, {
        description: 'An owner or admin of the group wrote `@all`, which means everybody there.',
      }),
    ),
    thread_of: Type.Optional(Id),
    thread: Type.Optional(Thread),
    delete_reason: Type.Optional(DeleteReason),
  },
  {
    title: 'Message',
    description:
      '`receiver_id` is the other person of a private chat, else null. What few messages have is left out of the ' +
      'others: `quote`, `forward`, `mentions`, `mentions_all`, `thread_of`, `thread` and `delete_reason`.',
  },
)
export type Message = Static<typeof Message>

export const Content = Type.String({
  maxLength: MAX_CONTENT,
  description:
    'Text; for the other types without attachments an address. Not only white space, unless there are ' +
    'attachments. Counted in UTF-16 units.',
})

export const SendMessage = Type.Object(
  {
    content: Type.Optional(Content),
    message_type: Type.Optional(MessageType),
    client_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description:
          'A name for this send, unique per sender and chat. Repeat a send of unknown outcome with the same.',
      }),
    ),
    attachments: Type.Optional(
      Type.Array(Attach, {
        maxItems: MAX_ATTACHMENTS,
        description: 'Files to show, each once. `message_type` is then the kind of the first, or `file`.',
      }),
    ),
    reply_to: Type.Optional(
      Nullable({ ...Id, description: 'The message of this chat that this one answers.' }),
    ),
    thread_of: Type.Optional(
      Nullable({ ...Id, description: 'The message of this chat whose thread this belongs to.' }),
    ),
    forward: Type.Optional(
      Nullable(
        Type.Object(
          { chat_id: Id, message_id: Id },
          { description: 'Sends that message on, from a chat of mine; `content` is then left out.' },
        ),
      ),
    ),
  },
  { title: 'SendMessage', examples: [{ content: 'Hello Bob', client_id: 'a1' }] },
)
export type SendMessage = Static<typeof SendMessage>

export const EditMessage = Type.Object(
  { content: Content },
  { title: 'EditMessage', examples: [{ content: 'Hello, Bob' }] },
)

export const DeleteMessageQuery = Type.Object({
  for: Type.Optional(
    Type.Union([Type.Literal('me'), Type.Literal('everyone')], {
      description: '`everyone` (the default) leaves a tombstone; `me` hides the message from me alone.',
    }),
  ),
})

export const Edit = Type.Object(
  { content: Type.String(), edited_at: Time },
  { title: 'Edit', description: 'A text that the message had until `edited_at`.' },
)
export const EditPage = Page(Edit, 'EditPage')

/** Whether two numbers are of the same history; opaque. */
export const Epoch = Type.String({
  maxLength: 64,
  description: 'Which history the store holds: another one after it was put back from a copy. Opaque.',
  examples: ['673f5c1e0b2a4c6d8e9f0a1b'],
})

export const ChangesQuery = Type.Object({
  since: SeqInQuery('The `rev` up to which I know everything; 0: nothing yet.'),
  limit: Limit,
  epoch: Type.Optional({ ...Epoch, description: 'The `epoch` under which I was given `since`.' }),
})

export const MAX_CHANGES = 300

export const Changes = Type.Object(
  {
    items: Type.Array(Message, {
      description: 'Each changed message once, as it is now, ascending by `rev`.',
    }),
    rev: Type.Integer({ description: 'Go on from here.' }),
    more: Type.Boolean({ description: 'There is more: ask again with `since` this `rev`.' }),
    epoch: Epoch,
  },
  { title: 'Changes', description: 'A client that applies them is level, whatever it missed.' },
)
export type Changes = Static<typeof Changes>

export const PinnedPage = Page(Message, 'PinnedPage')
export const Reactor = Type.Object({ emoji: Type.String(), user_id: Id }, { title: 'Reactor' })
export const ReactorPage = Page(Reactor, 'ReactorPage')
export const ThreadQuery = Type.Object({
  after: SeqInQuery('Replies above this `seq`; absent: from the first.'),
  limit: Limit,
})

export const Receipt = Type.Object(
  { user_id: Id, read: Type.Boolean(), delivered: Type.Boolean() },
  { title: 'Receipt', description: 'Whether a member has read, and has been given, the message.' },
)
export const ReceiptPage = Page(Receipt, 'ReceiptPage')

export const MessageList = Page(Message, 'MessageList')

export const HistoryQuery = Type.Object({
  before: SeqInQuery('The newest messages below this `seq`.'),
  after: SeqInQuery('The oldest messages above this `seq`.'),
  around: SeqInQuery('This message with its neighbours on both sides.'),
  limit: Limit,
})
export type HistoryQuery = Static<typeof HistoryQuery>

export const MessagePage = Type.Object(
  {
    items: Type.Array(Message, { description: 'Ascending by `seq`.' }),
    before: Nullable(
      Type.Integer({ description: 'Ask with `before=` this for the older page; null: there is none.' }),
    ),
    after: Nullable(
      Type.Integer({ description: 'Ask with `after=` this for the newer page; null: there is none.' }),
    ),
  },
  { title: 'MessagePage' },
)
export type MessagePage = Static<typeof MessagePage>

export const MarkRead = Type.Object(
  {
    seq: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Read up to here, at most to the newest message; may go back.',
    }),
  },
  { title: 'MarkRead' },
)

export const ReadPosition = Type.Object(
  { chat_id: Id, user_id: Id, seq: Type.Integer(), unread_count: Type.Integer() },
  { title: 'ReadPosition' },
)
export type ReadPosition = Static<typeof ReadPosition>

export const MessageParams = Type.Object({ id: Id, mid: Id })
export const ReactionParams = Type.Object({
  id: Id,
  mid: Id,
  emoji: Type.String({ maxLength: 64, description: 'One emoji.', examples: ['👍'] }),
})
