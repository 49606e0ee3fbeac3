// Chats in MongoDB: creating, finding, changing and deleting them.
import type { IndexDescription } from 'mongodb'
import type { ChatStore, NewChat, NewMember } from '../../chats/store'
import { chatList } from './chatlist'
import { circling } from './circle'
import { toDate, type ChatDoc, type Collections, type MemberDoc } from './collections'
import { departing } from './depart'
import { isDuplicate } from './failures'
import type { Heads } from './heads'
import { hiding } from './hidden'
import { chatMembers, insertMembers } from './members'
import { withoutUndefined } from './messagerecords'
import { mine } from './mine'
import { personalNumbers } from './personal'
import { chatDoc, memberDoc, toChat, toMember } from './records'
import { removeSoon } from './remains'

const retaining = { retention_seconds: { $gt: 0 } }

export const indexes: IndexDescription[] = [
  // one private chat per pair of people
  { key: { pair: 1 }, unique: true },
  // chats whose deletion was cut, looked for at open
  { key: { deleted_at: 1 } },
  // chats whose messages expire: few, and only they are in it
  { key: { retention_seconds: 1 }, partialFilterExpression: retaining },
]

export function mongoChats(collections: Collections, heads: Heads, settled: () => Promise<void>): ChatStore {
  const { chats, members } = collections
  const personal = personalNumbers(collections)
  const alive = (id: string) => ({ _id: id, deleted_at: null })

  async function membershipsOf(ids: string[]) {
    const docs = await chats
      .aggregate<ChatDoc & { members: MemberDoc[] }>(
        [
          { $match: { _id: { $in: ids }, deleted_at: null } },
          { $lookup: { from: 'members', localField: '_id', foreignField: 'chat_id', as: 'members' } },
        ],
        { batchSize: ids.length + 1 },
      )
      .toArray()
    return docs.map(doc => ({
      chat: toChat(doc),
      members: doc.members.map(member => toMember(member, doc)).sort(byUserId),
    }))
  }

  // Members of no chat are invisible, so a chat appears whole, with the write of its own document.
  async function create(chat: NewChat, pair: string, people: NewMember[]): Promise<ChatDoc> {
    const doc = chatDoc(chat, pair, people)
    await insertMembers(
      members,
      people.map(person => memberDoc(chat.id, person, 0)),
    )
    await chats.insertOne(doc)
    return doc
  }

  async function end(chatId: string): Promise<boolean> {
    const doc = await chats.findOneAndUpdate(alive(chatId), {
      $set: { deleted_at: new Date(), pair: chatId },
    })
    if (!doc) return false
    heads.forget([chatId])
    removeSoon(collections, chatId)
    return true
  }

  return {
    ...chatMembers(collections, end, settled),
    ...chatList(collections),
    ...circling(collections),
    ...mine(collections, personal),
    ...hiding(collections, personal),
    ...departing(collections),

    async createPrivate(chat, people) {
      const pair = pairOf(people.map(person => person.user_id))
      for (;;) {
        const found = await chats.findOne({ pair, deleted_at: null })
        if (found) return { chat: toChat(found), isNew: false }
        try {
          return { chat: toChat(await create(chat, pair, people)), isNew: true }
        } catch (error) {
          if (!isDuplicate(error)) throw error
          const sameId = await chats.findOne({ _id: chat.id })
          if (sameId && sameId.pair !== pair) throw error
          if (!sameId) await members.deleteMany({ chat_id: chat.id })
        }
      }
    },

    async privateOf(userIds) {
      const pair = pairOf(userIds)
      const found = await chats.findOne({ pair, deleted_at: null }, { projection: { _id: 1 } })
      return found && found._id
    },

    async createGroup(chat, people) {
      return toChat(await create(chat, chat.id, people))
    },

    async memberships(chatIds) {
      return chatIds.length === 0 ? [] : membershipsOf(chatIds)
    },

    async update(chatId, patch, at) {
      const changes: Partial<ChatDoc> = withoutUndefined(patch)
      // A server refuses to set nothing.
      const set = Object.keys(changes).length > 0 ? { $set: changes } : {}
      const moved = { $max: { updated_at: toDate(at) } }
      const doc = await chats.findOneAndUpdate(
        alive(chatId),
        { ...set, ...moved },
        { returnDocument: 'after' },
      )
      return doc && toChat(doc)
    },

    async retaining() {
      const docs = await chats.find({ ...retaining, deleted_at: null }).toArray()
      return docs.map(toChat)
    },

    delete: end,
  }
}

const pairOf = (userIds: string[]) => userIds.toSorted().join(':')

const byUserId = (a: { user_id: string }, b: { user_id: string }) =>
  a.user_id < b.user_id ? -1 : a.user_id > b.user_id ? 1 : 0
