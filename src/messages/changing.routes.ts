// Routes that change a message: editing, deleting, reacting, pinning.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { ChatParams } from '../chats/model'
import { answers } from '../lib/answers'
import { PageQuery } from '../lib/schema'
import type { Changing } from './changing'
import * as model from './model'
import type { Pins } from './pins'
import type { Reactions } from './reactions'

const change = { signedIn: true, writes: true } as const
const changed = answers({ 200: model.Message }, 401, 403, 404, 409, 422, 503)

export function changingRoutes(changing: Changing, reactions: Reactions, pins: Pins, guard: Guard) {
  return new Elysia({ name: 'changing', prefix: '/chats', detail: { tags: ['messages'] } })
    .use(guard)
    .patch(
      '/:id/messages/:mid',
      ({ me, params, body }) => changing.edit(me.user_id, params.id, params.mid, body.content),
      {
        ...change,
        params: model.MessageParams,
        body: model.EditMessage,
        response: changed,
        detail: {
          summary: 'Edit a message',
          description:
            'By its author. The former texts are kept at `/edits`. A forwarded message is not edited (409 `forwarded`): its words are those of its first sender.',
        },
      },
    )
    .get(
      '/:id/messages/:mid/edits',
      async ({ me, params }) => ({
        items: await changing.edits(me.user_id, params.id, params.mid),
        next: null,
      }),
      {
        signedIn: true,
        params: model.MessageParams,
        response: answers({ 200: model.EditPage }, 401, 404, 422),
        detail: { summary: 'The texts a message had before', description: 'Oldest first.' },
      },
    )
    .delete(
      '/:id/messages/:mid',
      async ({ me, params, query }) => {
        const remove = query.for === 'me' ? changing.deleteForMe : changing.deleteForEveryone
        return await remove(me.user_id, params.id, params.mid)
      },
      {
        ...change,
        params: model.MessageParams,
        query: model.DeleteMessageQuery,
        response: changed,
        detail: {
          summary: 'Delete a message',
          description:
            'For everyone, by the author or an admin of the group: a tombstone keeps its place. ' +
            'For me: it is hidden from me alone, on all my devices.',
        },
      },
    )
    .get(
      '/:id/messages/:mid/reactions',
      ({ me, params, query }) => reactions.list(me.user_id, params.id, params.mid, query),
      {
        signedIn: true,
        params: model.MessageParams,
        query: PageQuery,
        response: answers({ 200: model.ReactorPage }, 400, 401, 404, 422),
        detail: { summary: 'Everybody who reacted', description: 'Emoji by emoji, in the order they did.' },
      },
    )
    .put(
      '/:id/messages/:mid/reactions/:emoji',
      ({ me, params }) => reactions.react(me.user_id, params.id, params.mid, params.emoji),
      {
        ...change,
        params: model.ReactionParams,
        response: changed,
        detail: { summary: 'React with an emoji', description: 'At most 20 different ones on one message.' },
      },
    )
    .delete(
      '/:id/messages/:mid/reactions/:emoji',
      ({ me, params }) => reactions.unreact(me.user_id, params.id, params.mid, params.emoji),
      {
        ...change,
        params: model.ReactionParams,
        response: changed,
        detail: { summary: 'Take a reaction back' },
      },
    )
    .put('/:id/messages/:mid/pin', ({ me, params }) => pins.pin(me.user_id, params.id, params.mid), {
      ...change,
      params: model.MessageParams,
      response: changed,
      detail: {
        summary: 'Pin a message',
        description: 'By anyone in a private chat, by admins in a group; at most 50.',
      },
    })
    .delete('/:id/messages/:mid/pin', ({ me, params }) => pins.unpin(me.user_id, params.id, params.mid), {
      ...change,
      params: model.MessageParams,
      response: changed,
      detail: { summary: 'Unpin a message' },
    })
    .get(
      '/:id/pins',
      async ({ me, params }) => ({ items: await pins.list(me.user_id, params.id), next: null }),
      {
        signedIn: true,
        params: ChatParams,
        response: answers({ 200: model.PinnedPage }, 401, 404, 422),
        detail: { summary: 'Pinned messages', description: 'The one pinned last first.' },
      },
    )
}
