// The "messaging" API: accounts by name, private rooms and groups. Rooms are chats, and people are shown by username.
import { Elysia } from 'elysia'
import { Type, type Static } from '@sinclair/typebox'
import type { Chat } from '../chats/model'
import { Password } from '../auth/model'
import { takesForm } from '../lib/body'
import { Id, Nullable, Time } from '../lib/schema'
import { Content, type Message } from '../messages/model'
import type { Doors } from './doors'
import { Me, Username } from '../users/model'
import { replies } from './dialect'
import { groupNameOf, naming, wordsOf } from './names'
import { streamed } from './stream'
import { wholeHistory, wholeList } from './whole'

/** Tokens of this API live this long, whatever the settings say. */
const TOKEN_SECONDS = 3_600

const Name = Type.String({ maxLength: 64, examples: ['bob'] })
const Signup = Type.Object({ username: Username, password: Password }, { title: 'MessagingSignup' })
const Login = Type.Object(
  { username: Type.String({ maxLength: 254 }), password: Password },
  { title: 'MessagingLogin' },
)
const Token = Type.Object(
  { access_token: Type.String(), token_type: Type.Literal('bearer') },
  { title: 'MessagingToken' },
)
const Said = Type.Object({ message: Type.String() }, { title: 'MessagingAnswer' })
const SendBody = Type.Object({ room_id: Id, message: Content }, { title: 'MessagingSend' })
const RoomMessage = Type.Object(
  { id: Id, room_id: Id, sender: Type.String(), message: Type.String(), timestamp: Time },
  { title: 'MessagingMessage' },
)
const Room = Type.Object(
  {
    room_id: Id,
    is_group: Type.Boolean(),
    username_1: Nullable(Type.String({ description: 'Who asks; null in a group.' })),
    username_2: Nullable(Type.String({ description: 'The other one; null in a group.' })),
    group_admin: Nullable(Type.String()),
    group_members: Nullable(Type.Array(Type.String())),
    last_message: Nullable(Type.String()),
  },
  { title: 'MessagingRoom' },
)

export function messagingRoutes({ auth, users, chats, opening, messages, guard, addressOf }: Doors) {
  /** Shows messages, naming each sender once. */
  function shower() {
    const nameOf = naming(users)
    return async (message: Message) => {
      const { id, chat_id: room_id, sender_id, created_at: timestamp } = message
      return { id, room_id, sender: await nameOf(sender_id), message: wordsOf(message), timestamp }
    }
  }

  async function toRoom(me: string, chat: Chat) {
    const people = await users.several([...chat.participants, chat.created_by])
    const nameOf = (id: string) => people.get(id)?.username ?? 'deleted_user'
    const isGroup = chat.chat_type === 'group'
    const other = chat.participants.find(id => id !== me) ?? me
    return {
      room_id: chat.id,
      is_group: isGroup,
      username_1: isGroup ? null : nameOf(me),
      username_2: isGroup ? null : nameOf(other),
      group_admin: isGroup ? nameOf(chat.created_by) : null,
      group_members: isGroup ? chat.participants.map(nameOf) : null,
      last_message: chat.last_message && chat.last_message.content,
    }
  }

  async function write(me: string, { room_id, message }: Static<typeof SendBody>) {
    const sent = await messages.send(me, room_id, { content: message })
    return shower()(sent.message)
  }

  const history = (me: string, chatId: string) => streamed(wholeHistory(messages, me, chatId), shower())

  const send = {
    signedIn: true,
    writes: true,
    body: SendBody,
    response: replies({ 200: RoomMessage }, 401, 403, 404, 422, 503),
  } as const

  return new Elysia({
    name: 'messaging',
    prefix: '/compat/messaging',
    detail: { tags: ['messaging'] },
  })
    .use(guard)
    .post(
      '/signup',
      async ({ body, request }) => {
        await auth.register(body, addressOf(request))
        return { message: 'User created successfully' }
      },
      {
        open: 'registrations',
        body: Signup,
        response: replies({ 200: Said }, 401, 409, 422, 429, 503),
        detail: { summary: 'Sign up' },
      },
    )
    .post(
      '/login',
      async ({ body, request }) => {
        const { access_token, token_type } = await auth.login(body, addressOf(request), TOKEN_SECONDS)
        return { access_token, token_type }
      },
      {
        open: 'signed_out',
        body: Login,
        response: replies({ 200: Token }, 401, 422, 429, 503),
        detail: {
          ...takesForm,
          summary: 'Sign in',
          description: 'A form; the token is good for 60 minutes.',
        },
      },
    )
    .post('/send-message', ({ me, body }) => write(me.user_id, body), {
      ...send,
      detail: { summary: 'Write to a private room' },
    })
    .post('/send-message-group', ({ me, body }) => write(me.user_id, body), {
      ...send,
      detail: { summary: 'Write to a group' },
    })
    .get('/profile', ({ me }) => users.me(me.user_id), {
      signedIn: true,
      response: replies({ 200: Me }, 401),
      detail: { summary: 'Who I am' },
    })
    .get('/get_room', ({ me }) => streamed(wholeList(chats, me.user_id), chat => toRoom(me.user_id, chat)), {
      signedIn: true,
      response: replies({ 200: Type.Array(Room) }, 401),
      detail: { summary: 'My rooms and groups', description: 'All of them, newest activity first.' },
    })
    .get('/get_chats', ({ me, query }) => history(me.user_id, query.room_id), {
      signedIn: true,
      query: Type.Object({ room_id: Id }),
      response: replies({ 200: Type.Array(RoomMessage) }, 401, 404, 422),
      detail: { summary: 'What was written in a room', description: 'All of it, oldest first.' },
    })
    .get('/get_chats_group', ({ me, query }) => history(me.user_id, query.group_id), {
      signedIn: true,
      query: Type.Object({ group_id: Id }),
      response: replies({ 200: Type.Array(RoomMessage) }, 401, 404, 422),
      detail: { summary: 'What was written in a group', description: 'All of it, oldest first.' },
    })
    .post(
      '/create-room',
      async ({ me, body }) => {
        const participants = [`@${body.username_2}`]
        const { chat } = await opening.create(me.user_id, { chat_type: 'private', participants })
        return toRoom(me.user_id, chat)
      },
      {
        signedIn: true,
        body: Type.Object({ username_2: Name }, { title: 'MessagingNewRoom' }),
        response: replies({ 200: Room }, 401, 403, 404, 422),
        detail: {
          summary: 'Open the private room with somebody',
          description: 'There is one for each pair.',
        },
      },
    )
    .post(
      '/create-group',
      async ({ me, body }) => {
        const group_name = groupNameOf(body.group_members)
        const participants = body.group_members.map(name => `@${name}`)
        const { chat } = await opening.create(me.user_id, { chat_type: 'group', group_name, participants })
        return toRoom(me.user_id, chat)
      },
      {
        signedIn: true,
        body: Type.Object(
          { group_members: Type.Array(Name, { maxItems: 100 }) },
          { title: 'MessagingNewGroup' },
        ),
        response: replies({ 200: Room }, 401, 403, 404, 422),
        detail: {
          summary: 'Make a group, of which the caller is the admin',
          description: 'Members by username; one unknown name refuses the whole group.',
        },
      },
    )
}
