// Saved and scheduled messages: what is mine alone.
import { Type, type Static } from '@sinclair/typebox'
import { GivenTime, Id, Nullable, Page, Time } from '../lib/schema'
import { Content, Message } from './model'

export const Saved = Type.Object({ saved_at: Time, message: Message }, { title: 'Saved' })
export const SavedPage = Page(Saved, 'SavedPage')
export const MAX_SCHEDULED = 100

export const Scheduled = Type.Object(
  {
    id: Id,
    chat_id: Id,
    content: Type.String(),
    reply_to: Nullable(Id),
    send_at: Time,
    created_at: Time,
    failed: Nullable(Type.String({ description: 'Why it could not be sent at its time: an error code.' })),
  },
  { title: 'Scheduled' },
)
export type Scheduled = Static<typeof Scheduled>
export const ScheduledPage = Page(Scheduled, 'ScheduledPage')

const SendAt = GivenTime('In the future, within a year.')

export const ScheduleMessage = Type.Object(
  { content: Content, send_at: SendAt, reply_to: Type.Optional(Nullable(Id)) },
  { title: 'ScheduleMessage', examples: [{ content: 'Good morning', send_at: '2030-01-31T08:00:00.000Z' }] },
)
export type ScheduleMessage = Static<typeof ScheduleMessage>

export const ChangeScheduled = Type.Partial(ScheduleMessage, {
  title: 'ChangeScheduled',
  examples: [{ send_at: '2030-01-31T09:00:00.000Z' }],
})
export type ChangeScheduled = Static<typeof ChangeScheduled>
