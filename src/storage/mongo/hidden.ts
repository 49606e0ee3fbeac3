// Messages that members have deleted for themselves, and what moved for one person alone, in MongoDB.
import type { IndexDescription } from 'mongodb'
import type { ChatStore, HiddenMessage } from '../../chats/store'
import type { ChatDoc, Collections, HiddenDoc, MemberDoc } from './collections'
import type { Personal } from './personal'
import { toMember } from './records'

export const indexes: IndexDescription[] = [
  // what is hidden from a member, a range of places; all of a deleted chat
  { key: { chat_id: 1, user_id: 1, seq: 1 } },
  // who has hidden a message
  { key: { chat_id: 1, seq: 1 } },
  // what a person has hidden since a number
  { key: { user_id: 1, my_no: 1 } },
]

type HidingMethods = 'hideMessage' | 'hiddenSeqs' | 'hiddenAmong' | 'hiddenBy' | 'movedSince'

export function hiding(collections: Collections, personal: Personal): Pick<ChatStore, HidingMethods> {
  const { chats, members, hidden } = collections

  async function hasMember(chat_id: string, user_id: string): Promise<boolean> {
    const [chat, member] = await Promise.all([
      chats.findOne({ _id: chat_id, deleted_at: null }, { projection: { _id: 1 } }),
      members.findOne({ chat_id, user_id }, { projection: { _id: 1 } }),
    ])
    return chat !== null && member !== null
  }

  async function movedMembers(moved: MovedFilter) {
    const rows = await members
      .aggregate<MemberDoc & { chat: ChatDoc }>([{ $match: moved }, ...inLivingChat])
      .toArray()
    return rows.map(row => toMember(row, row.chat))
  }

  async function movedHidden(moved: MovedFilter) {
    const rows = await hidden.aggregate<HiddenDoc>([{ $match: moved }, ...inLivingChat]).toArray()
    return rows.map(toHidden)
  }

  return {
    async hideMessage(userId, message) {
      const { chat_id, message_id, seq } = message
      if (!(await hasMember(chat_id, userId))) return false
      const _id = `${userId}:${message_id}`
      await personal.numbered(
        userId,
        async () => ((await hidden.findOne({ _id })) ? null : message),
        (_, no) =>
          hidden.updateOne(
            { _id },
            { $setOnInsert: { user_id: userId, chat_id, message_id, seq }, $max: { my_no: no } },
            { upsert: true },
          ),
      )
      return true
    },

    async hiddenBy(chatId, seqs) {
      return hidden
        .find({ chat_id: chatId, seq: { $in: seqs } }, { batchSize: 10_000 })
        .project<{ seq: number; user_id: string }>({ _id: 0, seq: 1, user_id: 1 })
        .toArray()
    },

    async hiddenSeqs(chatId, userId, from, to) {
      const rows = await hidden
        .find({ chat_id: chatId, user_id: userId, seq: { $gte: from, $lte: to } }, { batchSize: 10_000 })
        .sort({ seq: 1 })
        .project<{ seq: number }>({ _id: 0, seq: 1 })
        .toArray()
      return rows.map(row => row.seq)
    },

    async hiddenAmong(userId, messages) {
      if (messages.length === 0) return []
      const _id = { $in: messages.map(({ id }) => `${userId}:${id}`) }
      const rows = await hidden
        .find({ _id }, { batchSize: messages.length + 1 })
        .project<{ message_id: string }>({ _id: 0, message_id: 1 })
        .toArray()
      return rows.map(row => row.message_id)
    },

    async movedSince(userId, no) {
      // Read before the rows: what is claimed by now can be seen by now.
      const claimed = await personal.latest(userId)
      if (claimed <= no) return { no: claimed, members: [], hidden: [] }
      const moved = { user_id: userId, my_no: { $gt: no, $lte: claimed } }
      const [members, hidden] = await Promise.all([movedMembers(moved), movedHidden(moved)])
      return { no: claimed, members, hidden }
    },
  }
}

interface MovedFilter {
  user_id: string
  my_no: { $gt: number; $lte: number }
}

const inLivingChat = [
  { $lookup: { from: 'chats', localField: 'chat_id', foreignField: '_id', as: 'chat' } },
  { $unwind: '$chat' },
  { $match: { 'chat.deleted_at': null } },
]

const toHidden = ({ chat_id, message_id, seq }: HiddenDoc): HiddenMessage => ({ chat_id, message_id, seq })
