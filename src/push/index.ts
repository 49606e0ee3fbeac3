// Routes for notifications: the key, and the devices that are notified.
import { Elysia } from 'elysia'
import { Type } from '@sinclair/typebox'
import type { Guard } from '../auth/guard'
import { answers } from '../lib/answers'
import { Done, done, Id } from '../lib/schema'
import * as model from './model'
import type { Push } from './service'

export function pushRoutes(push: Push, guard: Guard) {
  return new Elysia({ name: 'push', prefix: '/push', detail: { tags: ['push'] } })
    .use(guard)
    .get('/key', () => push.key(), {
      signedIn: true,
      response: answers({ 200: model.PushKey }, 401, 503),
      detail: {
        summary: 'The key to subscribe with',
        description: 'A browser wants it as `applicationServerKey`. It stays the same.',
      },
    })
    .put('/subscriptions', ({ me, body }) => push.subscribe(me, body), {
      signedIn: true,
      body: model.Subscribe,
      response: answers({ 200: model.Subscription }, 401, 409, 422, 503),
      detail: {
        summary: 'Notify this device',
        description:
          'By Web Push, of messages in chats that are not muted, while I am nowhere online. Belongs to this sign-in ' +
          'and ends with it; a repeat replaces it. At most 20 devices. `notify` in the settings of a chat says of ' +
          'which messages. What comes quickly one after the other in one chat is told once. A service worker gets ' +
          '`{chat_id, message_id, seq, sender_name, chat_name, message_type, text}`, where `text` is the first 100 ' +
          'characters and `chat_name` is null in a private chat.',
      },
    })
    .get('/subscriptions', async ({ me }) => ({ items: await push.list(me), next: null }), {
      signedIn: true,
      response: answers({ 200: model.SubscriptionPage }, 401),
      detail: { summary: 'My devices that are notified' },
    })
    .delete(
      '/subscriptions/:id',
      async ({ me, params }) => (await push.unsubscribe(me.user_id, params.id), done),
      {
        signedIn: true,
        params: Type.Object({ id: Id }),
        response: answers({ 200: Done }, 401, 404, 422),
        detail: { summary: 'Notify a device no longer' },
      },
    )
}
