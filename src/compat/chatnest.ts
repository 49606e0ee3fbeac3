// The "chatnest" API: messages and conversations, each person named by id. A conversation is a chat.
import { Elysia } from 'elysia'
import { Type, type Static } from '@sinclair/typebox'
import { MAX_ADDED_AT_ONCE } from '../chats/model'
import { forbidden } from '../lib/errors'
import { Id, Nullable, Time } from '../lib/schema'
import { mustSaySomething } from '../messages/compose'
import { Content, type Message } from '../messages/model'
import { replies } from './dialect'
import type { Doors } from './doors'
import { groupNameOf, naming, wordsOf } from './names'
import { arrayText, streamed, streamedText } from './stream'
import { historyWhileMine, mustBeGone, wholeHistory, wholeList } from './whole'

/** A whole object may be posted: its id and time are then the server's own. */
const given = {
  id: Type.Optional(Type.Unknown({ description: 'Passed over, as `_id` and times are.' })),
}
const NewMessage = Type.Object(
  {
    ...given,
    user_id: Id,
    content: Content,
    conversation_id: Type.Optional(
      Nullable({ ...Id, description: 'Without one it goes to the sender’s own notes.' }),
    ),
  },
  { title: 'ChatnestNewMessage' },
)
const NestMessage = Type.Object(
  { id: Id, _id: Id, user_id: Id, content: Type.String(), timestamp: Time, conversation_id: Id },
  { title: 'ChatnestMessage' },
)
const NewConversation = Type.Object(
  {
    ...given,
    user_ids: Type.Array(Id, { minItems: 1, maxItems: MAX_ADDED_AT_ONCE }),
    messages: Type.Optional(
      Nullable(Type.Array(Type.Unknown(), { maxItems: 0, description: 'A new conversation has none.' })),
    ),
  },
  { title: 'ChatnestNewConversation' },
)
const Conversation = Type.Object(
  { id: Id, _id: Id, user_ids: Type.Array(Id), created_at: Time, messages: Type.Array(NestMessage) },
  { title: 'ChatnestConversation' },
)

function toMessage(message: Message) {
  const { id, sender_id: user_id, created_at: timestamp, chat_id: conversation_id } = message
  return { id, _id: id, user_id, content: wordsOf(message), timestamp, conversation_id }
}

export function chatnestRoutes({ users, chats, opening, messages, acting }: Doors) {
  const notesOf = async (me: string) => (await opening.create(me, { participants: ['me'] })).chat.id

  async function send(me: string, { content, conversation_id }: Static<typeof NewMessage>) {
    mustSaySomething(content)
    const chatId = conversation_id ?? (await notesOf(me))
    return toMessage((await messages.send(me, chatId, { content })).message)
  }

  /** One or two people have one private chat; more of them a group, named after them. */
  async function open(me: string, participants: string[]) {
    if (new Set(participants).size <= 2) return (await opening.create(me, { participants })).chat
    const group_name = groupNameOf(await Promise.all(participants.map(naming(users))))
    const { chat } = await opening.create(me, { chat_type: 'group', group_name, participants })
    return chat
  }

  async function* conversationText(me: string, { id, created_at }: { id: string; created_at: string }) {
    const user_ids = await chats.membersOf(me, id)
    yield `${JSON.stringify({ id, _id: id, user_ids, created_at }).slice(0, -1)},"messages":`
    yield* arrayText(historyWhileMine(messages, me, id), toMessage)
    yield '}'
  }

  async function* conversationsText(me: string) {
    let separator = '['
    for await (const chat of wholeList(chats, me)) {
      const text = conversationText(me, chat)
      // One that was left meanwhile is passed over.
      const first = await text.next().catch(mustBeGone)
      if (first === null) continue
      yield separator + first.value
      yield* text
      separator = ','
    }
    yield separator === '[' ? '[]' : ']'
  }

  return new Elysia({ name: 'chatnest', prefix: '/compat/chatnest', detail: { tags: ['chatnest'] } })
    .use(acting)
    .post(
      '/messages',
      async ({ as, body, takes }) => (takes('messages'), send(await as(body.user_id), body)),
      {
        acting: true,
        body: NewMessage,
        response: replies({ 200: NestMessage }, 401, 403, 404, 422, 503),
        detail: {
          summary: 'Send a message',
          description: '`user_id` is who asks, or anyone by a service key.',
        },
      },
    )
    .get(
      '/messages/:conversation_id',
      async ({ asker, as, params }) => {
        const id = params.conversation_id
        const me = asker ?? (await as(await chats.someMember(id)))
        return streamed(wholeHistory(messages, me, id), toMessage)
      },
      {
        acting: true,
        params: Type.Object({ conversation_id: Id }),
        response: replies({ 200: Type.Array(NestMessage) }, 401, 404, 422),
        detail: { summary: 'All messages of a conversation', description: 'Oldest first.' },
      },
    )
    .post(
      '/conversations',
      async ({ asker, as, body }) => {
        const [first = ''] = body.user_ids
        const me = asker ?? (await as(first))
        if (!body.user_ids.includes(me)) throw forbidden('somebody_else', 'Name yourself among the people.')
        return streamedText(conversationText(me, await open(me, body.user_ids)))
      },
      {
        acting: true,
        body: NewConversation,
        response: replies({ 200: Conversation }, 401, 403, 404, 422),
        detail: {
          summary: 'Open a conversation',
          description:
            'One or two people have one private conversation, which is found again; more are a group.',
        },
      },
    )
    .get(
      '/conversations/:user_id',
      async ({ as, params }) => streamedText(conversationsText(await as(params.user_id))),
      {
        acting: true,
        params: Type.Object({ user_id: Id }),
        response: replies({ 200: Type.Array(Conversation) }, 401, 403, 404, 422),
        detail: {
          summary: 'All conversations of a person, with their messages',
          description: 'Newest activity first.',
        },
      },
    )
}
