// How messages stand in the journal: without the names of their fields, which would be half of what is written.
import type { NewMessage, StoredMessage } from '../../messages/store'

/** What few messages have, and null for those that have none of it. */
type Extra = Pick<StoredMessage, 'reply_to' | 'thread_of' | 'forward'>

export type Entry = [
  seq: number,
  rev: number,
  id: string,
  chatId: string,
  clientId: string,
  senderId: string,
  receiverId: string | null,
  content: string,
  type: StoredMessage['message_type'],
  createdAt: string,
  extra: Extra | null,
]

/** Of a message with nothing kept beside it. */
export const entryOf = (message: StoredMessage): Entry => [
  message.seq,
  message.rev,
  message.id,
  message.chat_id,
  message.client_id,
  message.sender_id,
  message.receiver_id,
  message.content,
  message.message_type,
  message.created_at,
  extraOf(message),
]

const extraOf = ({ reply_to, thread_of, forward }: StoredMessage): Extra | null =>
  reply_to === null && thread_of === null && forward === null ? null : { reply_to, thread_of, forward }

/** A row of the journal: what one commit stored. */
export const entriesIn = (row: string): { message: NewMessage; seq: number; rev: number }[] =>
  (JSON.parse(row) as Entry[]).map(
    ([
      seq,
      rev,
      id,
      chat_id,
      client_id,
      sender_id,
      receiver_id,
      content,
      message_type,
      created_at,
      extra,
    ]) => ({
      message: {
        id,
        chat_id,
        client_id,
        sender_id,
        receiver_id,
        content,
        message_type,
        created_at,
        ...extra,
      },
      seq,
      rev,
    }),
  )
