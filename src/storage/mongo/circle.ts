// Who shares a small chat with a person, in MongoDB.
import type { ChatStore } from '../../chats/store'
import type { Collections } from './collections'

export function circling({ members }: Pick<Collections, 'members'>): Pick<ChatStore, 'circleOf'> {
  return {
    /**
     * In one round trip. How many members a chat has stands nowhere, where a crash could leave it wrong: of each chat
     * one member more than `max` is looked for.
     */
    async circleOf(userId, max) {
      const chats = await members
        .aggregate<{ ids: string[] }>(
          [
            { $match: { user_id: userId } },
            { $lookup: { from: 'chats', localField: 'chat_id', foreignField: '_id', as: 'chat' } },
            { $match: { 'chat.deleted_at': null, 'chat.0': { $exists: true } } },
            membersUpTo(max + 1),
            { $match: { [`members.${max}`]: { $exists: false } } },
            { $project: { _id: 0, ids: '$members.user_id' } },
          ],
          { batchSize: 10_000 },
        )
        .toArray()
      const others = new Set(chats.flatMap(({ ids }) => ids))
      others.delete(userId)
      return [...others]
    },
  }
}

// By the index of members, of which it reads that much and nothing else.
const membersUpTo = (count: number) => ({
  $lookup: {
    from: 'members',
    let: { chat: '$chat_id' },
    pipeline: [
      { $match: { $expr: { $eq: ['$chat_id', '$$chat'] } } },
      { $limit: count },
      { $project: { _id: 0, user_id: 1 } },
    ],
    as: 'members',
  },
})
