// Notifications: where a device is told, and what it is told.
import { Type, type Static } from '@sinclair/typebox'
import type { MessageType } from '../chats/model'
import { Id, Nullable, Page, Time } from '../lib/schema'

/** Devices of one person. */
export const MAX_SUBSCRIPTIONS = 20

export const PushKey = Type.Object(
  { public_key: Type.String({ description: 'URL-safe Base64: the `applicationServerKey` of a browser.' }) },
  { title: 'PushKey' },
)

export const Subscribe = Type.Object(
  {
    endpoint: Type.String({
      pattern: '^https://[^\\s"<>]{1,1000}$',
      description: 'An https address at a push service that everybody can reach.',
    }),
    keys: Type.Object({
      p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87}=?$', description: 'A P-256 key, 65 bytes.' }),
      auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}(==)?$', description: '16 bytes.' }),
    }),
    device_name: Type.Optional(Type.String({ maxLength: 100 })),
  },
  {
    title: 'Subscribe',
    description: "What a browser's `PushSubscription` is as JSON (RFC 8030, RFC 8291).",
    examples: [
      {
        endpoint: 'https://push.example.com/5f3c9a',
        keys: {
          p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
      },
    ],
  },
)
export type Subscribe = Static<typeof Subscribe>

export const Subscription = Type.Object(
  {
    id: Id,
    device_name: Nullable(Type.String()),
    service: Type.String({
      description: 'The host of the push service; the whole address is not told again.',
    }),
    created_at: Time,
    failing_since: Nullable(
      Type.String({ description: 'Since when nothing gets through; after 7 days it is dropped.' }),
    ),
    current: Type.Boolean({ description: 'Of the session that asks.' }),
  },
  { title: 'Subscription' },
)
export type Subscription = Static<typeof Subscription>
export const SubscriptionPage = Page(Subscription, 'SubscriptionPage')

/** What a device hears: what its service worker gets as `event.data.json()`. */
export interface Notice {
  chat_id: string
  message_id: string
  seq: number
  sender_name: string
  /** Of a group; null in a private chat. */
  chat_name: string | null
  message_type: MessageType
  /** The first 100 characters; where nothing is written, the caption or name of the first file. */
  text: string
}
