// What is a member's alone in MongoDB: settings, how far each has read and been given, what is cleared.
import type { UpdateFilter } from 'mongodb'
import type { ChatStore, MemberPosition, MyPatch } from '../../chats/store'
import { toDateOrNull, type Collections, type MemberDoc } from './collections'
import { withoutUndefined } from './messagerecords'
import type { Personal } from './personal'
import { toMember } from './records'

const position = { _id: 0, chat_id: 1, user_id: 1, read_seq: 1, delivered_seq: 1 }

type MyMethods = 'markRead' | 'markDelivered' | 'positionsSince' | 'clearFor' | 'unhide' | 'setMine'

export function mine({ chats, members }: Collections, { numbered }: Personal): Pick<ChatStore, MyMethods> {
  const living = (chatId: string) => chats.findOne({ _id: chatId, deleted_at: null })

  const write = (member: Partial<MemberDoc>, update: UpdateFilter<MemberDoc>) =>
    members.findOneAndUpdate(member, update, { returnDocument: 'after' })

  return {
    markRead: (chatId, userId, seq, onlyForward) =>
      numbered(
        userId,
        () => living(chatId),
        async (chat, no) => {
          const read_seq = Math.min(seq, chat.last_seq)
          const also = { delivered_seq: read_seq, my_no: no }
          const moved_at = new Date()
          const update = onlyForward
            ? { $max: { read_seq, ...also }, $set: { moved_at } }
            : { $set: { read_seq, moved_at }, $max: also }
          const member = await write({ chat_id: chatId, user_id: userId }, update)
          return member && member.read_seq
        },
      ),

    async markDelivered(chatId, userId, seq) {
      const chat = await living(chatId)
      if (!chat) return null
      const delivered_seq = Math.min(seq, chat.last_seq)
      const set = { $max: { delivered_seq }, $set: { moved_at: new Date() } }
      const member = await write({ chat_id: chatId, user_id: userId }, set)
      return member && member.delivered_seq
    },

    async positionsSince(chatIds, at) {
      return members
        .find({ chat_id: { $in: chatIds }, moved_at: { $gte: new Date(at) } }, { batchSize: 10_000 })
        .project<MemberPosition>(position)
        .toArray()
    },

    async clearFor(chatId, userId) {
      const member = await numbered(
        userId,
        () => living(chatId),
        (chat, no) => {
          const cleared = { cleared_seq: chat.last_seq, hidden: true }
          return write({ chat_id: chatId, user_id: userId }, { $set: cleared, $max: { my_no: no } })
        },
      )
      return member && member.cleared_seq
    },

    async unhide(chatId, userId) {
      await numbered(
        userId,
        () => members.findOne({ chat_id: chatId, user_id: userId, hidden: true }),
        ({ _id }, no) => write({ _id }, { $set: { hidden: false }, $max: { my_no: no } }),
      )
    },

    async setMine(chatId, userId, patch) {
      const changes = myChanges(patch)
      // A server refuses to set nothing.
      const update = Object.keys(changes).length > 0 ? { $set: changes } : {}
      return numbered(
        userId,
        () => living(chatId),
        async (chat, no) => {
          const member = { chat_id: chatId, user_id: userId }
          const doc = await write(member, { ...update, $max: { my_no: no } })
          return doc && toMember(doc, chat)
        },
      )
    },
  }
}

function myChanges({ muted_until, draft_at, ...rest }: MyPatch): Partial<MemberDoc> {
  return {
    ...withoutUndefined(rest),
    ...(muted_until !== undefined && { muted_until: toDateOrNull(muted_until) }),
    ...(draft_at !== undefined && { draft_at: toDateOrNull(draft_at) }),
  }
}
