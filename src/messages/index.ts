// Routes for messages: sending, reading back, and how far everyone has read.
import { Elysia } from 'elysia'
import type { Guard } from '../auth/guard'
import { ChatParams } from '../chats/model'
import { answers } from '../lib/answers'
import { PageQuery } from '../lib/schema'
import { ListShared, SharedFilePage } from './attachment.model'
import type { ChangeLog } from './changes'
import type { Gallery } from './gallery'
import * as model from './model'
import type { Receipts } from './receipts'
import type { Messages } from './service'
import type { Threads } from './threads'

export function messageRoutes(
  messages: Messages,
  receipts: Receipts,
  changes: ChangeLog,
  threads: Threads,
  gallery: Gallery,
  guard: Guard,
) {
  return new Elysia({ name: 'messages', prefix: '/chats', detail: { tags: ['messages'] } })
    .use(guard)
    .post(
      '/:id/messages',
      async ({ me, params, body, set }) => {
        const { message, isNew } = await messages.send(me.user_id, params.id, body)
        if (isNew) set.status = 201
        return message
      },
      {
        signedIn: true,
        writes: true,
        params: ChatParams,
        body: model.SendMessage,
        response: answers({ 200: model.Message, 201: model.Message }, 401, 403, 404, 409, 422, 503),
        detail: {
          summary: 'Send a message',
          description:
            'Answered once it is on stable storage. 200 with the first message for a repeated `client_id`. ' +
            'No answer, or a 5xx, means unknown: repeat with the same `client_id`. My draft stays: put or drop it yourself.',
        },
      },
    )
    .get('/:id/messages', ({ me, params, query }) => messages.history(me.user_id, params.id, query), {
      signedIn: true,
      params: ChatParams,
      query: model.HistoryQuery,
      response: answers({ 200: model.MessagePage }, 401, 404, 422),
      detail: {
        summary: 'History of a chat',
        description:
          'The newest 50, or `before`, `after` or `around` a `seq`. Replies in threads stand here too.',
      },
    })
    .get('/:id/messages/:mid', ({ me, params }) => messages.get(me.user_id, params.id, params.mid), {
      signedIn: true,
      params: model.MessageParams,
      response: answers({ 200: model.Message }, 401, 404, 422),
      detail: { summary: 'One message' },
    })
    .get(
      '/:id/changes',
      ({ me, params, query: { since, limit, epoch } }) =>
        changes.since(me.user_id, params.id, since, limit, epoch),
      {
        signedIn: true,
        params: ChatParams,
        query: model.ChangesQuery,
        response: answers({ 200: model.Changes }, 401, 404, 409, 422),
        detail: {
          summary: 'What changed since a revision',
          description:
            'Each changed message once, as it is now, tombstones included; at most 300. ' +
            'No change ever appears at or below a `rev` that was given out. 409 `ahead` for a `since` that no change ' +
            'has: load the chat anew, as after `reset` in a sync. 409 `other_epoch` where `since` is above 0 and of ' +
            'another `epoch`: the store was put back from a copy, so load all chats anew.',
        },
      },
    )
    .get('/:id/files', ({ me, params, query }) => gallery.list(me.user_id, params.id, query), {
      signedIn: true,
      params: ChatParams,
      query: ListShared,
      response: answers({ 200: SharedFilePage }, 400, 401, 404, 422),
      detail: {
        summary: 'The files of a chat',
        description:
          'What its messages show me, of one kind or of all; newest message first, its files in order.',
      },
    })
    .get(
      '/:id/messages/:mid/thread',
      async ({ me, params, query }) => ({
        items: await threads.history(me.user_id, params.id, params.mid, query.after, query.limit),
        next: null,
      }),
      {
        signedIn: true,
        params: model.MessageParams,
        query: model.ThreadQuery,
        response: answers({ 200: model.MessageList }, 401, 404, 422),
        detail: {
          summary: 'The replies of a thread',
          description: 'Oldest first; go on with `after` the last `seq`.',
        },
      },
    )
    .get(
      '/:id/messages/:mid/receipts',
      ({ me, params, query }) => receipts.list(me.user_id, params.id, params.mid, query),
      {
        signedIn: true,
        params: model.MessageParams,
        query: PageQuery,
        response: answers({ 200: model.ReceiptPage }, 400, 401, 404, 422),
        detail: {
          summary: 'Who has read a message',
          description: 'And who has been given it; ordered by user id.',
        },
      },
    )
    .put(
      '/:id/messages/:mid/read',
      ({ me, params }) => receipts.markMessageRead(me.user_id, params.id, params.mid),
      {
        signedIn: true,
        params: model.MessageParams,
        response: answers({ 200: model.Message }, 401, 404, 422),
        detail: { summary: 'Mark a message and all before it as read', description: 'Never moves back.' },
      },
    )
    .post('/:id/read', ({ me, params, body }) => receipts.markReadAndCount(me.user_id, params.id, body.seq), {
      signedIn: true,
      params: ChatParams,
      body: model.MarkRead,
      response: answers({ 200: model.ReadPosition }, 401, 404, 422),
      detail: {
        summary: 'Set my read position',
        description: 'May go back, which marks as unread; beyond the newest message it is there.',
      },
    })
}
