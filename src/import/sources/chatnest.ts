// The "chatnest" service: messages and conversations of people who are known by their ids only.
import { keyOf, person, textOf, textsOf, timeOf } from '../rows'
import type { Source } from '../source'

export const chatnest: Source = {
  async *people(db) {
    const seen = new Set<string>()
    const ids = async function* () {
      for await (const row of db.rows('conversations')) yield* textsOf(row, 'user_ids')
      for await (const row of db.rows('messages')) yield textOf(row, 'user_id') ?? ''
    }
    for await (const id of ids()) {
      if (id === '' || seen.has(id)) continue
      seen.add(id)
      yield person(id, { username: id })
    }
  },

  async *chats(db) {
    for await (const row of db.rows('conversations')) {
      const members = [...new Set(textsOf(row, 'user_ids'))]
      yield {
        key: keyOf(row),
        isGroup: members.length > 2,
        members,
        owner: members[0] ?? null,
        name: null,
        avatar: null,
        created_at: timeOf(row, 'created_at'),
      }
    }
  },

  async *messages(db) {
    for await (const row of db.rows('messages', { timestamp: 1, _id: 1 })) {
      const sender = textOf(row, 'user_id') ?? ''
      yield {
        key: keyOf(row),
        chat: textOf(row, 'conversation_id') ?? [sender],
        sender,
        content: textOf(row, 'content') ?? '',
        message_type: null,
        at: timeOf(row, 'timestamp'),
        isRead: true,
      }
    }
  },

  size: db => db.count('messages'),
}
