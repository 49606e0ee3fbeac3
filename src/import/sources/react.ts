// The "react" service: messages in a collection of their own, or, in its later form, inside their chats.
import { keyOf, person, rowsOf, textOf, textsOf, timeOf } from '../rows'
import type { Row } from '../../storage/olddatabase'
import type { OldMessage, Source } from '../source'

const messageOf = (row: Row, key: string, chat: string): OldMessage => ({
  key,
  chat,
  sender: textOf(row, 'sender_id', 'sender') ?? '',
  content: textOf(row, 'content', 'text') ?? '',
  message_type: null,
  at: timeOf(row, 'timestamp', 'time'),
  isRead: true,
})

export const react: Source = {
  async *people(db) {
    for await (const row of db.rows('users')) {
      yield person(keyOf(row), {
        aliases: [textOf(row, 'username') ?? '', textOf(row, 'email') ?? ''],
        username: textOf(row, 'username'),
        email: textOf(row, 'email'),
        avatar: textOf(row, 'avatarUrl'),
        bio: textOf(row, 'aboutme'),
        password: textOf(row, 'password_hash', 'password'),
        gender: textOf(row, 'gender'),
        timezone: textOf(row, 'timezone'),
        created_at: timeOf(row, 'created_at', 'creation_date'),
      })
    }
  },

  async *chats(db) {
    for await (const row of db.rows('chats')) {
      const owner = textOf(row, 'user_id', 'created_by')
      const members = [...new Set([...(owner ? [owner] : []), ...textsOf(row, 'participants')])]
      yield {
        key: keyOf(row),
        isGroup: members.length > 2,
        members,
        owner,
        name: textOf(row, 'name'),
        avatar: textOf(row, 'image'),
        created_at: timeOf(row, 'created_at'),
      }
    }
  },

  async *messages(db) {
    for await (const row of db.rows('chats')) {
      const chat = keyOf(row)
      for (const [i, inside] of rowsOf(row, 'messages').entries())
        yield messageOf(inside, `${chat}#${i}`, chat)
    }
    for await (const row of db.rows('messages', { timestamp: 1, _id: 1 }))
      yield messageOf(row, keyOf(row), textOf(row, 'chat_id') ?? '')
  },

  async size(db) {
    let inside = 0
    for await (const row of db.rows('chats')) inside += rowsOf(row, 'messages').length
    return inside + (await db.count('messages'))
  },
}
