// The "aws" service: people with one password for all of them, and messages between two.
import { keyOf, person, textOf, timeOf } from '../rows'
import type { Source } from '../source'

export const aws: Source = {
  async *people(db) {
    for await (const row of db.rows('user')) {
      yield person(keyOf(row), {
        aliases: [textOf(row, 'id') ?? '', textOf(row, 'email') ?? ''],
        email: textOf(row, 'email'),
        full_name: textOf(row, 'name'),
        created_at: timeOf(row, 'created_at'),
      })
    }
  },

  async *chats() {},

  async *messages(db) {
    for await (const row of db.rows('message', { created_at: 1, _id: 1 })) {
      const sender = textOf(row, 'sender') ?? ''
      yield {
        key: keyOf(row),
        chat: [sender, textOf(row, 'receiver') ?? ''],
        sender,
        content: textOf(row, 'content') ?? '',
        message_type: null,
        at: timeOf(row, 'created_at', 'timestamp'),
        isRead: true,
      }
    }
  },

  size: db => db.count('message'),
}
