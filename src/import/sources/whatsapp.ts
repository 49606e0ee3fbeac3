// The WhatsApp-like service: users, chats and messages by ObjectId, with read marks.
import { keyOf, person, textOf, textsOf, timeOf } from '../rows'
import type { Source } from '../source'

export const whatsapp: Source = {
  async *people(db) {
    for await (const row of db.rows('users')) {
      yield person(keyOf(row), {
        aliases: [textOf(row, 'username') ?? ''],
        username: textOf(row, 'username'),
        email: textOf(row, 'email'),
        full_name: textOf(row, 'full_name'),
        avatar: textOf(row, 'avatar'),
        bio: textOf(row, 'bio'),
        status: textOf(row, 'status'),
        password: textOf(row, 'password', 'hashed_password', 'password_hash'),
        created_at: timeOf(row, 'created_at'),
      })
    }
  },

  async *chats(db) {
    for await (const row of db.rows('chats')) {
      yield {
        key: keyOf(row),
        isGroup: row.chat_type === 'group',
        members: textsOf(row, 'participants'),
        owner: textOf(row, 'created_by'),
        name: textOf(row, 'group_name'),
        avatar: textOf(row, 'group_avatar'),
        created_at: timeOf(row, 'created_at'),
      }
    }
  },

  async *messages(db) {
    for await (const row of db.rows('messages', { created_at: 1, _id: 1 })) {
      yield {
        key: keyOf(row),
        chat: textOf(row, 'chat_id') ?? '',
        sender: textOf(row, 'sender_id') ?? '',
        content: textOf(row, 'content') ?? '',
        message_type: textOf(row, 'message_type'),
        at: timeOf(row, 'created_at'),
        isRead: row.is_read === true,
      }
    }
  },

  size: db => db.count('messages'),
}
