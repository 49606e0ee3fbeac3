// The frames of a socket, both ways: one model for checking, typing and the page that documents them.
import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import { Session } from '../auth/model'
import { Chat, MyChat, SharedChat } from '../chats/model'
import { AppError } from '../lib/errors'
import { fieldErrorsOf } from '../lib/fields'
import { parseJson } from '../lib/json'
import { Id, Nullable, Time } from '../lib/schema'
import { Scheduled, ScheduledState } from '../messages/mine.model'
import { Epoch, MarkRead, Message, SendMessage } from '../messages/model'
import { EditStatus, Me, Presence, User } from '../users/model'
import { Limits } from './limits'

const frame = <const T extends string, P extends Parameters<typeof Type.Object>[0]>(
  type: T,
  fields: P,
  description: string,
) => Type.Object({ type: Type.Literal(type), ...fields }, { title: type, description })

const id = Type.Optional(
  Type.Union([Type.String({ maxLength: 64 }), Type.Integer()], {
    description: 'Chosen by the client; the answer carries the same. Without it nothing is answered.',
  }),
)

/** The last millisecond that is a date (ECMA-262, 21.4.1.1). */
const LAST_TIME = 8.64e15

export const clientFrames = {
  send: frame(
    'send',
    { id, chat_id: Id, ...SendMessage.properties },
    'Sends a message; answered by `ack` with the message once it is on stable storage, or by `error`.',
  ),
  read: frame(
    'read',
    { id, chat_id: Id, ...MarkRead.properties },
    'Sets my read position; it may also go back.',
  ),
  delivered: frame(
    'delivered',
    {
      id,
      chat_id: Id,
      seq: { ...MarkRead.properties.seq, description: 'Up to here, at most to the newest message.' },
    },
    'Tells that messages up to `seq` have reached me; never back.',
  ),
  sync: frame(
    'sync',
    {
      id,
      chats: Type.Record(Id, Type.Integer({ minimum: 0 }), {
        additionalProperties: false,
        description: 'All chats that I know, each with the `rev` up to which I know everything.',
      }),
      mine: Type.Optional(Type.Integer({ minimum: 0, description: 'The `mine` of the last `synced`.' })),
      at: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: LAST_TIME,
          description:
            'The `at` of the last `synced`: chats that changed since, and how far others have read since, are told too. Absent: messages and what is mine alone.',
        }),
      ),
      epoch: Type.Optional({
        ...Epoch,
        description:
          'The `epoch` of the last `synced`. Where it is another one by now, all chats that I know are answered by `reset`, or `chat_gone`, and `mine` and `at` count for nothing.',
      }),
    },
    'Asks for all that I missed. Answered by `changes`, `reset`, `chat`, `chat_gone`, `read`, `delivered`, `my`, `hidden` and `join_requests`, then `synced`; live frames wait until then, and after an `error` until the next `sync`.',
  ),
  typing: frame(
    'typing',
    { id, chat_id: Id, on: Type.Boolean() },
    'Tells all members that I am typing, or no more. Ends by itself 5 seconds after the last `on`, with the socket, and with my next message there; repeats within a second are not passed on. Never stored; an `id` is answered.',
  ),
  status: frame('status', { id, ...EditStatus.properties }, 'Sets my status, for good or until it ends.'),
  presence: frame(
    'presence',
    { id, presence: Type.Union([Type.Literal('online'), Type.Literal('away')]) },
    'Tells whether somebody looks at this device. A new socket is `online`; I am `away` when all my sockets have said so.',
  ),
  ping: frame('ping', { id }, 'Answered by `pong`.'),
}

export type ClientFrame = {
  [K in keyof typeof clientFrames]: Static<(typeof clientFrames)[K]>
}[keyof typeof clientFrames]
export type FrameId = string | number

const presenceFields = { user_id: Id, presence: Presence, last_seen: Nullable(Time) }

export const serverFrames = {
  hello: frame(
    'hello',
    { user_id: Id, session_id: Id, server_time: Time, epoch: Epoch, limits: Limits },
    'The first frame: from now on every event of my chats is heard. With another `epoch` than before, what I know of this server is void: start over.',
  ),
  ack: frame(
    'ack',
    {
      id: Type.Union([Type.String(), Type.Integer()]),
      message: Type.Optional(Message),
      seq: Type.Optional(Type.Integer()),
    },
    'The answer to a frame with an `id`: `message` for `send`, the position as it is now as `seq` for `read` and `delivered`.',
  ),
  error: frame(
    'error',
    {
      id: Type.Optional(Nullable(Type.Union([Type.String(), Type.Integer()]))),
      status: Type.Integer(),
      code: Type.String(),
      detail: Type.String(),
      errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), code: Type.String() }))),
      retry_after: Type.Optional(
        Type.Integer({ description: 'Seconds after which the same frame may succeed.' }),
      ),
    },
    'A frame was refused; the same codes as over REST. The socket stays open.',
  ),
  message: frame(
    'message',
    { message: Message },
    'A message is new or has changed. The sender hears it too, after the `ack`.',
  ),
  passed: frame(
    'passed',
    { chat_id: Id, rev: Type.Integer() },
    'In place of `message`: one changed that I do not see, since it is from before I joined or I deleted it for myself. Nothing is to be done but to take note of `rev`.',
  ),
  read: frame('read', { chat_id: Id, user_id: Id, seq: Type.Integer() }, "A member's read position moved."),
  delivered: frame(
    'delivered',
    { chat_id: Id, user_id: Id, seq: Type.Integer() },
    'Messages up to `seq` have reached a member.',
  ),
  typing: frame(
    'typing',
    { chat_id: Id, user_id: Id, on: Type.Boolean() },
    'Somebody is typing, or no more; heard by all members, the one who types too. Comes again while they go on; `on: false` comes in any case.',
  ),
  presence: frame(
    'presence',
    presenceFields,
    'Somebody came, is away or has left: people of my private chats, and of groups with up to 100 members. Who leaves is told after some seconds, so that a new page does not flicker.',
  ),
  presences: frame(
    'presences',
    { items: Type.Array(Type.Object(presenceFields)) },
    'The same of several people. Soon after `hello`, or after `synced`, it tells who is there; take all others for offline.',
  ),
  user: frame(
    'user',
    { user: Type.Union([User, Me]) },
    'A profile has changed: my own, also what only I see, or that of somebody whose `presence` I hear. Not told to those who were away: `GET /users/{id}`.',
  ),
  block: frame(
    'block',
    { blocked_id: Id, on: Type.Boolean() },
    'I have blocked somebody, or no longer do, on any device of mine. `synced` tells all whom I have blocked.',
  ),
  session: frame(
    'session',
    { session: Type.Omit(Session, ['current'], { title: 'NewSession' }) },
    'I signed in on another device.',
  ),
  chat: frame(
    'chat',
    { chat: Type.Union([Chat, SharedChat]) },
    'A chat is mine from now on, or its name, picture, settings, members or roles changed: changes that follow each other closely are told together. With `my` and `unread_count` where it is told to me alone: in a `sync`, and when it becomes mine.',
  ),
  chat_gone: frame('chat_gone', { chat_id: Id }, 'A chat left my list: deleted, left, or I was removed.'),
  my: frame(
    'my',
    { chat_id: Id, my: MyChat },
    'My own settings or draft in a chat changed, on any device of mine. That I have read further on another device comes as `read`; in a `sync` `my` tells it too.',
  ),
  hidden: frame(
    'hidden',
    { chat_id: Id, message_id: Id, seq: Type.Integer() },
    'I deleted a message for myself: take it away.',
  ),
  saved: frame('saved', { message_id: Id, saved: Type.Boolean() }, 'I saved a message, or no longer do.'),
  scheduled: frame(
    'scheduled',
    { state: ScheduledState, scheduled: Scheduled },
    'What I have scheduled was added, changed, cancelled or sent, or could not be sent (`failed` says why). After a `sync` load `GET /users/me/scheduled` anew.',
  ),
  join_request: frame(
    'join_request',
    {
      chat_id: Id,
      from: Id,
      state: Type.Union(['asked', 'withdrawn', 'approved', 'declined'].map(word => Type.Literal(word))),
    },
    'To owners and admins: somebody asks to be let into the group, or that was decided. To the person: what became of it; `chat` comes too when they are in.',
  ),
  join_requests: frame(
    'join_requests',
    { chat_id: Id, count: Type.Integer() },
    'Answers `sync`: how many wait to be let into a group that I own or administer, where somebody does.',
  ),
  changes: frame(
    'changes',
    { chat_id: Id, items: Type.Array(Message), rev: Type.Integer(), more: Type.Boolean() },
    'Answers `sync`: what changed in a chat, as over REST.',
  ),
  reset: frame(
    'reset',
    { chat_id: Id },
    'Answers `sync`: too far behind, or at a `rev` that was never given, or given under another `epoch`; load the chat anew.',
  ),
  synced: frame(
    'synced',
    {
      mine: Type.Integer({ description: 'Give it with the next `sync`.' }),
      at: Type.Integer({
        description: 'The same. Opaque; what moved a moment before it is told again then.',
      }),
      epoch: Epoch,
      blocked: Type.Array(Id, { description: 'All whom I have blocked.' }),
    },
    'All that was missed has been sent; what waited follows, then live frames.',
  ),
  resync: frame('resync', { chat_id: Id }, 'Something of this chat was left out: ask its `changes`.'),
  pong: frame('pong', { id }, 'The answer to `ping`.'),
  bye: frame(
    'bye',
    {
      code: Type.Integer({ description: 'The close code that follows.' }),
      retry: Type.Boolean(),
      reason: Type.String(),
    },
    'The socket is about to be closed. `retry`: connect again, after a random wait of a few seconds.',
  ),
}

type FrameCheck = TypeCheck<(typeof clientFrames)[keyof typeof clientFrames]>

const checks = new Map<unknown, FrameCheck>()

/** Compiled by the first frame of its type: all of them would slow down every start. */
function checkOf(type: unknown): FrameCheck | undefined {
  const known = checks.get(type)
  if (known || typeof type !== 'string' || !Object.hasOwn(clientFrames, type)) return known
  const check: FrameCheck = TypeCompiler.Compile(clientFrames[type as keyof typeof clientFrames])
  checks.set(type, check)
  return check
}

/** Reads a frame, or throws an `AppError` that says what is wrong with it. */
export const readFrame = (text: string): ClientFrame => toFrame(readObject(text))

/** The JSON object that a frame is. */
export function readObject(text: string): object {
  const value = parseJson(text)
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw badFrame('frame', 'bad_type')
  return value
}

/** An object as a frame, once it is known to be one. */
export function toFrame(value: object): ClientFrame {
  const check = checkOf((value as { type?: unknown }).type)
  if (!check) throw badFrame('frame/type', 'bad_value')
  if (!check.Check(value)) {
    throw new AppError(422, 'invalid', 'Some fields are missing or not as they should be; see errors.', {
      errors: fieldErrorsOf('frame', check.Errors(value)),
    })
  }
  return value
}

export const badFrame = (path: string, code: string) =>
  new AppError(422, 'invalid', 'A frame is a JSON object with a known type.', { errors: [{ path, code }] })

/** The `id` of a frame that could be read that far, so that a refusal finds its way back. */
export function idOf(text: string): FrameId | undefined {
  try {
    const { id } = JSON.parse(text) as { id?: unknown }
    return (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id)
      ? (id as FrameId)
      : undefined
  } catch {
    return undefined
  }
}
