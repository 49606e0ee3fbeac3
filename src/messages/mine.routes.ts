// Routes for what is mine: saved messages, mentions, what I have scheduled, and my settings and draft in a chat.
import { Elysia } from 'elysia'
import { Type } from '@sinclair/typebox'
import type { Guard } from '../auth/guard'
import type { Mine } from '../chats/mine'
import { ChatParams, Draft, MyChat, MySettings } from '../chats/model'
import { answers } from '../lib/answers'
import { Done, done, Id, PageQuery } from '../lib/schema'
import type { Mentions } from './mentions'
import * as model from './model'
import { ChangeScheduled, SavedPage, ScheduleMessage, Scheduled, ScheduledPage } from './mine.model'
import type { SavedMessages } from './saved'
import type { Schedule } from './schedule'

const MessageId = Type.Object({ message_id: Id })
const ScheduledId = Type.Object({ id: Id })

export function mineRoutes(
  mine: Mine,
  saved: SavedMessages,
  mentions: Mentions,
  schedule: Schedule,
  guard: Guard,
) {
  return new Elysia({ name: 'mine', detail: { tags: ['mine'] } })
    .use(guard)
    .patch('/chats/:id/settings', ({ me, params, body }) => mine.setSettings(me.user_id, params.id, body), {
      signedIn: true,
      params: ChatParams,
      body: MySettings,
      response: answers({ 200: MyChat }, 401, 404, 422),
      detail: {
        summary: 'Mute, pin or archive a chat, or say what I am notified of',
        description: 'For me alone, on all my devices.',
      },
    })
    .put('/chats/:id/draft', ({ me, params, body }) => mine.setDraft(me.user_id, params.id, body.content), {
      signedIn: true,
      params: ChatParams,
      body: Draft,
      response: answers({ 200: MyChat }, 401, 404, 422),
      detail: {
        summary: 'Keep what I have begun to write',
        description: 'Null or white space drops the draft.',
      },
    })
    .get('/users/me/saved', ({ me, query }) => saved.list(me.user_id, query), {
      signedIn: true,
      query: PageQuery,
      response: answers({ 200: SavedPage }, 400, 401, 422),
      detail: { summary: 'Messages that I saved', description: 'Saved last first.' },
    })
    .put('/users/me/saved/:message_id', ({ me, params }) => saved.save(me.user_id, params.message_id), {
      signedIn: true,
      params: MessageId,
      response: answers({ 200: model.Message }, 401, 404, 422),
      detail: { summary: 'Save a message' },
    })
    .delete(
      '/users/me/saved/:message_id',
      async ({ me, params }) => (await saved.unsave(me.user_id, params.message_id), done),
      {
        signedIn: true,
        params: MessageId,
        response: answers({ 200: Done }, 401, 404, 422),
        detail: { summary: 'Save a message no longer' },
      },
    )
    .get('/users/me/mentions', ({ me, query }) => mentions.list(me.user_id, query), {
      signedIn: true,
      query: PageQuery,
      response: answers({ 200: model.MessageList }, 400, 401, 422),
      detail: { summary: 'Messages that mention me', description: 'In all my chats, newest first.' },
    })
    .post(
      '/chats/:id/scheduled',
      async ({ me, params, body, status }) => {
        const { scheduled, isNew } = await schedule.add(me.user_id, params.id, body)
        return status(isNew ? 201 : 200, scheduled)
      },
      {
        signedIn: true,
        writes: true,
        params: ChatParams,
        body: ScheduleMessage,
        response: answers({ 200: Scheduled, 201: Scheduled }, 401, 403, 404, 409, 422),
        detail: {
          summary: 'Send a message later',
          description:
            'At most 100 of one person; sent exactly once. 200 with the first one for a repeated `client_id`, ' +
            'and 409 where it says something else.',
        },
      },
    )
    .get('/users/me/scheduled', async ({ me }) => ({ items: await schedule.list(me.user_id), next: null }), {
      signedIn: true,
      response: answers({ 200: ScheduledPage }, 401),
      detail: { summary: 'What I have scheduled', description: 'The next first.' },
    })
    .patch(
      '/users/me/scheduled/:id',
      ({ me, params, body }) => schedule.change(me.user_id, params.id, body),
      {
        signedIn: true,
        writes: true,
        params: ScheduledId,
        body: ChangeScheduled,
        response: answers({ 200: Scheduled }, 401, 404, 422),
        detail: { summary: 'Change what I have scheduled' },
      },
    )
    .delete(
      '/users/me/scheduled/:id',
      async ({ me, params }) => (await schedule.cancel(me.user_id, params.id), done),
      {
        signedIn: true,
        params: ScheduledId,
        response: answers({ 200: Done }, 401, 404, 422),
        detail: { summary: 'Cancel what I have scheduled' },
      },
    )
}
