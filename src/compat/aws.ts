// The "aws" API: users by email, messages from person to person. A conversation is the private chat of two.
import { Elysia } from 'elysia'
import { Type, type Static } from '@sinclair/typebox'
import { identiconAsSvg } from '../files/identicon'
import { notFound } from '../lib/errors'
import { Id, Time } from '../lib/schema'
import { mustSaySomething } from '../messages/compose'
import { Content, type Message } from '../messages/model'
import { Email, type User } from '../users/model'
import { refusals, replies } from './dialect'
import type { Doors } from './doors'
import { wordsOf } from './names'
import { arrayText, streamed, streamedText } from './stream'
import { everybody, lastSaid, wholeHistory, wholeList } from './whole'

const NewUser = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 100 }), email: Email },
  { title: 'AwsNewUser', examples: [{ name: 'Ann Example', email: 'ann@example.com' }] },
)
const userFields = {
  id: Id,
  _id: Id,
  name: Type.String(),
  email: Type.Optional(
    Type.String({
      description: 'Left out where it is somebody else’s, but for service keys and look-ups by it.',
    }),
  ),
  profile_pic: Type.String({ description: 'A file under `/static/`.' }),
}
const AwsUser = Type.Object(userFields, { title: 'AwsUser' })
const MadeUser = Type.Object(
  { ...userFields, access_token: Type.String({ description: 'Told this once.' }) },
  { title: 'AwsMadeUser' },
)
const NewMessage = Type.Object({ sender: Id, receiver: Id, content: Content }, { title: 'AwsNewMessage' })
const AwsMessage = Type.Object(
  { id: Id, _id: Id, sender: Id, receiver: Id, content: Type.String(), created_at: Time },
  { title: 'AwsMessage' },
)
const History = Type.Object(
  { contactUser: AwsUser, messageList: Type.Array(AwsMessage) },
  { title: 'AwsHistory' },
)
const Contact = Type.Object({ user: AwsUser, last_message: AwsMessage }, { title: 'AwsContact' })

export function toAwsUser({ id, username, full_name, email }: User): Static<typeof AwsUser> {
  return { id, _id: id, name: full_name ?? username, ...(email && { email }), profile_pic: `${id}.svg` }
}

function toMessage(message: Message) {
  const { id, sender_id: sender, receiver_id, created_at } = message
  return { id, _id: id, sender, receiver: receiver_id ?? sender, content: wordsOf(message), created_at }
}

export function awsRoutes({ auth, users, chats, opening, messages, guard, acting }: Doors) {
  /** `asker` null: a service key, which is told emails too. */
  async function contact(asker: string | null, id: string): Promise<Static<typeof AwsUser>> {
    const found = asker === null ? await users.me(id) : (await users.several([id])).get(id)
    if (!found) throw notFound('user')
    return toAwsUser(found)
  }

  /** The one conversation of two people, or of one with themself. */
  async function send({ sender, receiver, content }: Static<typeof NewMessage>) {
    mustSaySomething(content)
    const { chat } = await opening.create(sender, { participants: [receiver] })
    return toMessage((await messages.send(sender, chat.id, { content })).message)
  }

  async function* historyText(asker: string | null, me: string, contactId: string) {
    const chatId = await chats.privateWith(me, contactId)
    // Where nothing was said, only somebody whom I may find is told of.
    if (chatId === null) await users.profile(me, contactId)
    const contactUser = JSON.stringify(await contact(asker, contactId))
    yield `{"contactUser":${contactUser},"messageList":`
    yield* chatId === null ? ['[]'] : arrayText(wholeHistory(messages, me, chatId), toMessage)
    yield '}'
  }

  /** Everyone with whom something was said, the latest first. */
  async function* contacts(asker: string | null, me: string) {
    for await (const { id, chat_type, participants } of wholeList(chats, me)) {
      const last = chat_type === 'private' ? await lastSaid(messages, me, id) : null
      if (!last) continue
      const other = participants.find(person => person !== me) ?? me
      yield { user: await contact(asker, other), last_message: toMessage(last) }
    }
  }

  return new Elysia({ name: 'aws', prefix: '/compat/aws', detail: { tags: ['aws'] } })
    .use(guard)
    .use(acting)
    .post(
      '/users',
      async ({ body, status }) => {
        const { user, access_token } = await auth.open(body.email, body.name)
        return status(201, { ...toAwsUser(user), access_token })
      },
      {
        open: 'registrations',
        body: NewUser,
        response: replies({ 201: MadeUser }, 401, 409, 422, 429),
        detail: {
          summary: 'Make an account without a password',
          description: 'With the token a password may be set: `PUT /auth/password` asks for no current one.',
        },
      },
    )
    .get(
      '/users',
      async ({ asker, forNobody }) => {
        await forNobody()
        const me = asker === null ? null : await users.me(asker)
        return streamed(everybody(users, asker), user => toAwsUser(user.id === me?.id ? me : user))
      },
      {
        acting: true,
        response: replies({ 200: Type.Array(AwsUser) }, 401),
        detail: { summary: 'All users', description: 'Ordered by username.' },
      },
    )
    .get(
      '/users/:email',
      async ({ asker, params, takes, forNobody }) => {
        takes('lookups')
        await forNobody()
        return toAwsUser(await users.byEmail(asker, params.email))
      },
      {
        acting: true,
        params: Type.Object({ email: Type.String({ maxLength: 254, examples: ['ann@example.com'] }) }),
        response: replies({ 200: AwsUser }, 401, 404, 422),
        detail: {
          summary: 'The user with an email',
          description: 'By the whole of it, without regard to case.',
        },
      },
    )
    .post(
      '/messages',
      async ({ as, body, status, takes }) => {
        takes('messages')
        return status(201, await send({ ...body, sender: await as(body.sender) }))
      },
      {
        acting: true,
        body: NewMessage,
        response: replies({ 201: AwsMessage }, 401, 403, 404, 422, 503),
        detail: {
          summary: 'Send a message',
          description: '`sender` is who asks, or anyone by a service key.',
        },
      },
    )
    .get(
      '/chat-history/:user_id/:contact_id',
      async ({ asker, as, params }) =>
        streamedText(historyText(asker, await as(params.user_id), params.contact_id)),
      {
        acting: true,
        params: Type.Object({ user_id: Id, contact_id: Id }),
        response: replies({ 200: History }, 401, 403, 404, 422),
        detail: { summary: 'All that two people said to each other', description: 'Oldest first.' },
      },
    )
    .get(
      '/chat-list/:user_id',
      async ({ asker, as, params }) => streamed(contacts(asker, await as(params.user_id))),
      {
        acting: true,
        params: Type.Object({ user_id: Id }),
        response: replies({ 200: Type.Array(Contact) }, 401, 403, 404, 422),
        detail: {
          summary: 'Everyone talked to, with the last message exchanged',
          description: 'The latest first.',
        },
      },
    )
}

const PICTURE = /^([0-9a-f]{24})\.(svg|jpg)$/

/** A picture for every well-formed id, whether there is such a person or not; `.jpg` is what older clients ask for. */
async function picture(file: string): Promise<Response> {
  const [, id] = PICTURE.exec(file) ?? []
  if (id === undefined) throw notFound('route')
  return new Response(await identiconAsSvg(id), {
    headers: {
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cache-control': 'public, max-age=31536000, immutable',
    },
  })
}

/** The pictures that users have from the beginning, under the API and at the root. */
export const profilePictures = () =>
  new Elysia({ name: 'profile-pictures' })
    .get('/compat/aws/static/:file', ({ params }) => picture(params.file), {
      params: Type.Object({ file: Type.String({ examples: ['6979f0a1c0ffee0000000001.svg'] }) }),
      response: refusals(404),
      detail: {
        tags: ['aws'],
        summary: 'A profile picture',
        description: '`<user id>.svg`: drawn out of the id, the same for all time.',
        responses: { 200: { description: 'The picture.' } },
      },
    })
    .get('/static/:file', ({ params }) => picture(params.file), { detail: { hide: true } })
