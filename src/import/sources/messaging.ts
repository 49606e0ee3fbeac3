// The "messaging" service. It left storage to whoever ran it: these are the collections after its own functions and fields.
import { keyOf, person, textOf, textsOf, timeOf } from '../rows'
import type { Source } from '../source'

export const messaging: Source = {
  async *people(db) {
    for await (const row of db.rows('users')) {
      const username = textOf(row, 'username')
      yield person(keyOf(row), {
        aliases: [username ?? ''],
        username,
        password: textOf(row, 'password', 'hashed_password'),
        created_at: timeOf(row, 'created_at'),
      })
    }
  },

  async *chats(db) {
    for await (const row of db.rows('rooms')) {
      yield {
        key: textOf(row, 'room_id') ?? keyOf(row),
        isGroup: false,
        members: [textOf(row, 'username_1') ?? '', textOf(row, 'username_2') ?? ''],
        owner: null,
        name: null,
        avatar: null,
        created_at: timeOf(row, 'created_at'),
      }
    }
    for await (const row of db.rows('groups')) {
      const owner = textOf(row, 'group_admin')
      yield {
        key: textOf(row, 'room_id', 'group_id') ?? keyOf(row),
        isGroup: true,
        members: [owner ?? '', ...textsOf(row, 'group_members')].filter(name => name !== ''),
        owner,
        name: textOf(row, 'group_name'),
        avatar: null,
        created_at: timeOf(row, 'created_at'),
      }
    }
  },

  async *messages(db) {
    for await (const row of db.rows('messages', { timestamp: 1, _id: 1 })) {
      yield {
        key: keyOf(row),
        chat: textOf(row, 'room_id', 'group_id') ?? '',
        sender: textOf(row, 'sender') ?? '',
        content: textOf(row, 'message', 'content') ?? '',
        message_type: null,
        at: timeOf(row, 'timestamp', 'created_at', 'time'),
        isRead: true,
      }
    }
  },

  size: db => db.count('messages'),
}
