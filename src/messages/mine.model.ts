// Saved and scheduled messages: what is mine alone.
import { Type, type Static } from '@sinclair/typebox'
import { GivenTime, Id, Nullable, Page, Time } from '../lib/schema'
import { Content, Message, SendMessage } from './model'

export const Saved = Type.Object({ saved_at: Time, message: Message }, { title: 'Saved' })
export const SavedPage = Page(Saved, 'SavedPage')
export const MAX_SCHEDULED = 100

export const Scheduled = Type.Object(
  {
    id: Id,
    chat_id: Id,
    client_id: Type.String({ description: 'The message will have it too.' }),
    content: Type.String(),
    reply_to: Nullable(Id),
    thread_of: Nullable(Id),
    send_at: Time,
    created_at: Time,
    failed: Nullable(Type.String({ description: 'Why it could not be sent at its time: an error code.' })),
  },
  { title: 'Scheduled' },
)
export type Scheduled = Static<typeof Scheduled>

/** What became of one: told to its person's devices. */
export const ScheduledState = Type.Union(
  (['added', 'changed', 'cancelled', 'sent', 'failed'] as const).map(word => Type.Literal(word)),
)
export type ScheduledState = Static<typeof ScheduledState>
export const ScheduledPage = Page(Scheduled, 'ScheduledPage')

const SendAt = GivenTime('In the future, within a year.')

const planned = {
  content: Content,
  send_at: SendAt,
  reply_to: SendMessage.properties.reply_to,
  thread_of: SendMessage.properties.thread_of,
}

export const ScheduleMessage = Type.Object(
  { ...planned, client_id: SendMessage.properties.client_id },
  {
    title: 'ScheduleMessage',
    description: 'A text; files cannot be scheduled.',
    examples: [{ content: 'Good morning', send_at: '2030-01-31T08:00:00.000Z', client_id: 'a2' }],
  },
)
export type ScheduleMessage = Static<typeof ScheduleMessage>

export const ChangeScheduled = Type.Partial(Type.Object(planned), {
  title: 'ChangeScheduled',
  examples: [{ send_at: '2030-01-31T09:00:00.000Z' }],
})
export type ChangeScheduled = Static<typeof ChangeScheduled>
