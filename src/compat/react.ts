// The "react" API: register, log in, all messages of a person, and a socket that hears new messages alone.
import { Elysia } from 'elysia'
import { asBuilt } from '../lib/answers'
import { Type } from '@sinclair/typebox'
import type { Chat } from '../chats/model'
import { Password } from '../auth/model'
import { takesForm } from '../lib/body'
import { Id, Nullable, Time } from '../lib/schema'
import type { Message } from '../messages/model'
import type { SocketDialect } from '../realtime/dialect'
import { readObject, toFrame } from '../realtime/protocol'
import { Email, Username } from '../users/model'
import { refusals, replies } from './dialect'
import type { Doors } from './doors'
import { wordsOf } from './names'
import { streamed } from './stream'
import { wholeList, wholeTimeline } from './whole'

const Registration = Type.Object(
  {
    username: Username,
    password: Password,
    email: Type.Optional(Email),
    gender: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
    timezone: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
  },
  { title: 'ReactRegistration' },
)
const Registered = Type.Object(
  { user_id: Id, user: Type.String(), message: Type.String(), status: Type.Literal('success') },
  { title: 'ReactRegistered' },
)
const Login = Type.Object(
  {
    grant_type: Type.Optional(Type.String({ maxLength: 20 })),
    username: Type.String({ maxLength: 254 }),
    password: Password,
  },
  { title: 'ReactLogin' },
)
const Token = Type.Object(
  { access_token: Type.String(), token_type: Type.Literal('bearer'), user_id: Id, username: Type.String() },
  { title: 'ReactToken' },
)
const ReactMessage = Type.Object(
  { id: Id, _id: Id, chat_id: Id, sender_id: Id, content: Type.String(), timestamp: Time },
  { title: 'ReactMessage' },
)
const ReactChat = Type.Object(
  {
    id: Id,
    _id: Id,
    user_id: Type.String({ description: 'Who opened the chat.' }),
    participants: Type.Array(Id),
    last_message: Nullable(Type.String()),
    created_at: Time,
  },
  { title: 'ReactChat' },
)
const Status = Type.Object({ status: Type.Literal('Online') }, { title: 'ReactStatus' })

function toMessage(message: Message) {
  const { id, chat_id, sender_id, created_at: timestamp } = message
  return { id, _id: id, chat_id, sender_id, content: wordsOf(message), timestamp }
}

const toChat = ({ id, created_by, participants, last_message, created_at }: Chat) => {
  const last = last_message && last_message.content
  return { id, _id: id, user_id: created_by, participants, last_message: last, created_at }
}

/** `{chat_id, content}` is a send; new messages and refusals are all that is heard. */
const reactDialect: SocketDialect = {
  name: 'react',
  greets: false,
  read: text => toFrame({ ...readObject(text), type: 'send', id: undefined }),
  showEvent: event =>
    event.type === 'message' && event.isNew ? JSON.stringify(toMessage(event.message)) : null,
  showText: () => null,
  showFrame: frame => (frame.type === 'error' ? JSON.stringify({ ...frame, error: frame.detail }) : null),
}

export function reactRoutes({ auth, users, chats, messages, guard, acting, sockets, addressOf }: Doors) {
  return new Elysia({ name: 'react', prefix: '/compat/react', detail: { tags: ['react'] } })
    .use(guard)
    .use(acting)
    .post(
      '/register',
      async ({ body, request }) => {
        const { gender = null, timezone = null, ...account } = body
        const { user } = await auth.register(account, addressOf(request))
        if (gender !== null || timezone !== null) await users.patch(user.id, { gender, timezone })
        return {
          user_id: user.id,
          user: user.username,
          message: 'User registered successfully',
          status: 'success' as const,
        }
      },
      {
        open: 'registrations',
        body: Registration,
        response: replies({ 200: Registered }, 401, 409, 422, 429, 503),
        detail: { summary: 'Sign up' },
      },
    )
    .post(
      '/login',
      async ({ body, request }) => {
        const { username, password } = body
        const { access_token, token_type, user } = await auth.login(
          { username, password },
          addressOf(request),
        )
        return { access_token, token_type, user_id: user.id, username: user.username }
      },
      {
        open: 'signed_out',
        body: Login,
        response: replies({ 200: Token }, 401, 422, 429, 503),
        detail: { ...takesForm, summary: 'Sign in', description: 'The OAuth2 password form, or JSON.' },
      },
    )
    .get('/server_status', () => ({ status: 'Online' as const }), {
      response: asBuilt({ 200: Status }),
      detail: { summary: 'Whether the server is there' },
    })
    .get('/chats', ({ me }) => streamed(wholeList(chats, me.user_id), toChat), {
      signedIn: true,
      response: replies({ 200: Type.Array(ReactChat) }, 401),
      detail: {
        summary: 'My chats',
        description: 'All of them, newest activity first; one is opened with `POST /chats`.',
      },
    })
    .get(
      '/chats/:user_id',
      async ({ as, params }) => streamed(wholeTimeline(chats, messages, await as(params.user_id)), toMessage),
      {
        acting: true,
        params: Type.Object({ user_id: Id }),
        response: replies({ 200: Type.Array(ReactMessage) }, 401, 403, 404, 422),
        detail: { summary: 'All messages of all my chats', description: 'Oldest first.' },
      },
    )
    .get('/ws/chat', sockets.connect(reactDialect, true), {
      response: refusals(401, 403, 426, 429, 503),
      detail: {
        summary: 'Open a socket',
        description:
          'Send `{"chat_id", "content"}`; every participant, the sender too, hears each new message once, as ' +
          '`GET /chats/{user_id}` shows it. A refused send is answered by `{"type": "error", "error", "code", …}`. ' +
          'Signed in as on `/ws`, or by `?token=`.',
        security: [{ bearer: [] }],
        parameters: [
          {
            name: 'token',
            in: 'query' as const,
            required: false,
            description: 'The `access_token`.',
            schema: { type: 'string' as const },
          },
        ],
        responses: { 101: { description: 'Switching to the WebSocket protocol.' } },
      },
    })
}

/** The page of this API is Natter's own. */
export const reactPage = () =>
  new Elysia({ name: 'react-page', detail: { hide: true } }).get('/compat/react', ({ redirect }) =>
    redirect('/'),
  )
