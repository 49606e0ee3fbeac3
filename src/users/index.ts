// Routes for people: finding them, and looking after one's own profile.
import { Elysia } from 'elysia'
import { Type } from '@sinclair/typebox'
import type { Guard } from '../auth/guard'
import type { Leaving } from '../auth/leaving'
import type { Avatars } from '../files/avatars'
import { answers } from '../lib/answers'
import { Cursor, Done, done, Id, Limit, PageQuery } from '../lib/schema'
import * as model from './model'
import type { Blocks } from './blocks'
import type { Self } from './self'
import type { Users } from './service'

const Somebody = Type.Object({
  id: Type.String({ maxLength: 64, description: 'An id, `@username` or `me`.' }),
})

const edit = {
  signedIn: true,
  finds: true,
  body: model.EditProfile,
  response: answers({ 200: model.Me }, 401, 409, 422, 503),
} as const

export function userRoutes(
  users: Users,
  avatars: Avatars,
  self: Self,
  blocks: Blocks,
  leaving: Leaving,
  guard: Guard,
) {
  return new Elysia({ name: 'users', prefix: '/users', detail: { tags: ['users'] } })
    .use(guard)
    .get('/', ({ me, query }) => users.list(me.user_id, query), {
      signedIn: true,
      finds: true,
      query: model.FindUsers,
      response: answers({ 200: model.UserPage }, 400, 401, 422),
      detail: { summary: 'Everybody, or those whom q finds', description: 'Ordered by username.' },
    })
    .get('/search/:query', ({ me, params, query }) => users.list(me.user_id, { ...query, q: params.query }), {
      signedIn: true,
      finds: true,
      params: Type.Object({ query: Type.String({ maxLength: 254 }) }),
      query: Type.Object({ limit: Limit, cursor: Cursor }),
      response: answers({ 200: model.UserPage }, 400, 401, 422),
      detail: {
        summary: 'Find people',
        description: 'By the beginnings of words of username or full name, or by a whole email.',
      },
    })
    .get('/:id', ({ me, params }) => users.profile(me.user_id, params.id), {
      signedIn: true,
      params: Somebody,
      response: answers({ 200: model.User }, 401, 404, 422),
      detail: { summary: 'One person' },
    })
    .put('/me', ({ me, body }) => avatars.editMe(me.user_id, body), {
      ...edit,
      detail: { summary: 'Edit my profile', description: 'The same as PATCH.' },
    })
    .patch('/me', ({ me, body }) => avatars.editMe(me.user_id, body), {
      ...edit,
      detail: { summary: 'Edit my profile', description: 'Only the fields given change; null empties one.' },
    })
    .put('/me/status', ({ me, body }) => self.setStatus(me.user_id, body), {
      signedIn: true,
      body: model.EditStatus,
      response: answers({ 200: model.Me }, 401, 422),
      detail: {
        summary: 'Set my status',
        description: 'Stays as set until set again, or until it ends; null empties it.',
      },
    })
    .put('/me/presence', ({ me, body }) => self.setPresence(me.user_id, body), {
      signedIn: true,
      body: model.EditPresence,
      response: answers({ 200: model.Me }, 401, 422),
      detail: {
        summary: 'What I tell of my presence',
        description:
          'Invisible: seen as offline. Without `last_seen`: told to nobody, and I am told nobody’s.',
      },
    })
    .get('/me/blocks', ({ me, query }) => blocks.list(me.user_id, query), {
      signedIn: true,
      query: PageQuery,
      response: answers({ 200: model.BlockPage }, 400, 401, 422),
      detail: { summary: 'Whom I have blocked', description: 'Newest first.' },
    })
    .put('/me/blocks/:id', async ({ me, params }) => (await blocks.block(me.user_id, params.id), done), {
      signedIn: true,
      params: Somebody,
      response: answers({ 200: Done }, 401, 404, 409, 422),
      detail: {
        summary: 'Block somebody',
        description:
          'They can no longer open a private chat with me or write in ours (404, as for what is unknown), find ' +
          'me, add me to a group or see my presence. Nor do I write to them (403 `blocked`). Groups we share ' +
          'stay as they are. They are not told.',
      },
    })
    .delete('/me/blocks/:id', async ({ me, params }) => (await blocks.unblock(me.user_id, params.id), done), {
      signedIn: true,
      params: Type.Object({ id: Id }),
      response: answers({ 200: Done }, 401, 422),
      detail: { summary: 'Unblock somebody', description: 'A repeat changes nothing.' },
    })
    .delete(
      '/me',
      async ({ me, body }) => (
        await leaving.deleteAccount(me, body?.password, body?.messages ?? 'keep'),
        done
      ),
      {
        signedIn: true,
        body: Type.Optional(model.DeleteAccount),
        response: answers({ 200: Done }, 401, 403, 422, 503),
        detail: {
          summary: 'Delete my account',
          description:
            'Sign-ins end at once, groups are left or handed over, private chats become read-only for the other ' +
            'person (`user_deleted`), and what is mine alone goes, with files that no message shows. Messages, with ' +
            'what is attached to them, and reactions stay as those of a "deleted user"; with `messages: "delete"` ' +
            'tombstones take the place of my messages, soon after the answer. What others wrote, quoted or forwarded ' +
            'stays theirs. The email is free at once, the username ' +
            'after 30 days. Cannot be undone: export first.',
        },
      },
    )
}
