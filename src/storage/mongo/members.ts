// Members of chats in MongoDB: who belongs to a chat, and as what.
import type { Document, IndexDescription } from 'mongodb'
import type { ChatStore, NewMember, Place, Standing } from '../../chats/store'
import { toTime, type ChatDoc, type Collections, type MemberDoc } from './collections'
import { allDuplicates } from './failures'
import { lanes } from '../../lib/lanes'
import { memberDoc, ownersAmong, toMember } from './records'

export const indexes: IndexDescription[] = [
  // one membership per person and chat; the members of a chat
  { key: { chat_id: 1, user_id: 1 }, unique: true },
  // the chats of a person; those whose settings moved since a number
  { key: { user_id: 1, my_no: 1 } },
  // positions of a chat that moved since a time
  { key: { chat_id: 1, moved_at: 1 } },
]

type Membership = 'addMembers' | 'removeMember' | 'setRole' | 'handOver'
type Chats = 'standingsOf' | 'placesOf' | 'chatIdsOf' | 'sharersOf'

/**
 * Changes of one chat's membership run one after the other on this node, so the limit of members is exact.
 * Across nodes: of two last owners who leave at once one is refused, since `owners` is one array in the chat,
 * taken from by one conditional update; and a person is a member once, by the unique index. Nodes that add to
 * the same chat in the same moment can pass the limit by what one of them adds.
 */
export function chatMembers(
  { chats, members, requests }: Collections,
  end: (chatId: string) => Promise<boolean>,
  settled: () => Promise<void>,
): Pick<ChatStore, Membership | Chats> {
  const inLane = lanes()

  const living = (chatId: string) => chats.findOne({ _id: chatId, deleted_at: null })

  async function setMember(chatId: string, userId: string, changes: Partial<MemberDoc>): Promise<boolean> {
    const changed = await members.updateOne({ chat_id: chatId, user_id: userId }, { $set: changes })
    return changed.matchedCount === 1
  }

  /** Before what it tells of: a crash between leaves a chat told of once too often. */
  const touch = (chatId: string) => chats.updateOne({ _id: chatId }, { $max: { updated_at: new Date() } })

  const hasMember = async (chatId: string, userId: string) =>
    (await members.findOne({ chat_id: chatId, user_id: userId })) !== null

  const isAlone = async (chatId: string, userId: string) =>
    (await members.findOne({ chat_id: chatId, user_id: { $ne: userId } })) === null

  /** Takes the ownership away if somebody else keeps it. */
  async function disown(chatId: string, userId: string): Promise<boolean> {
    const disowned = await chats.updateOne(
      { _id: chatId, owners: userId, 'owners.1': { $exists: true } },
      { $pull: { owners: userId } },
    )
    return disowned.matchedCount === 1
  }

  const disownLast = (chatId: string, userId: string) =>
    chats.updateOne({ _id: chatId, owners: [userId] }, { $set: { owners: [] } })

  async function mayLeave(chat: ChatDoc, userId: string): Promise<boolean> {
    if (!chat.owners.includes(userId) || (await disown(chat._id, userId))) return true
    if (!(await isAlone(chat._id, userId))) return false
    await disownLast(chat._id, userId)
    return true
  }

  /** The count is one range of the index of members, read where they are; only those asked for are sent. */
  async function newcomersTo({ _id: chat_id }: ChatDoc, people: NewMember[], max: number) {
    const asked = people.map(person => person.user_id)
    const here = members.find(
      { chat_id, user_id: { $in: asked } },
      { projection: { user_id: 1 }, batchSize: asked.length + 1 },
    )
    const [found, count] = await Promise.all([here.toArray(), members.countDocuments({ chat_id })])
    const known = new Set(found.map(member => member.user_id))
    const newcomers = people.filter(person => !known.has(person.user_id) && known.add(person.user_id))
    return newcomers.length > 0 && count + newcomers.length > max ? 'too_many' : newcomers
  }

  /** In one round trip; chats that are deleted, or were never stored whole, are left out. */
  const chatsOf = <Row extends Document>(userId: string, fields: Document): Promise<Row[]> =>
    members
      .aggregate<Row>(
        [
          { $match: { user_id: userId } },
          { $lookup: { from: 'chats', localField: 'chat_id', foreignField: '_id', as: 'chat' } },
          { $unwind: '$chat' },
          { $match: { 'chat.deleted_at': null } },
          { $project: fields },
        ],
        { batchSize: 10_000 },
      )
      .toArray()

  const placesOf = (userId: string) => chatsOf<Place>(userId, place)

  async function standingsOf(userId: string): Promise<Standing[]> {
    const rows = await chatsOf<StandingRow>(userId, standing)
    return rows.map(({ own, owners, updated_at, ...row }) => ({
      ...row,
      updated_at: toTime(updated_at),
      role: owners.includes(userId) ? ('owner' as const) : own,
      hidden: row.hidden && row.last_seq <= row.cleared_seq,
    }))
  }

  return {
    addMembers: (chatId, people, max) =>
      inLane(chatId, async () => {
        const chat = await living(chatId)
        if (!chat) return null
        const newcomers = await newcomersTo(chat, people, max)
        if (newcomers === 'too_many') return 'too_many'
        if (newcomers.length === 0) return []
        const floor = chat.history_for_newcomers === 'joined' ? chat.last_seq : 0
        await touch(chatId)
        const docs = newcomers.map(person => memberDoc(chatId, person, chat.last_seq, floor))
        const added = await insertMembers(members, docs)
        const owners = ownersAmong(newcomers).filter(id => added.some(doc => doc.user_id === id))
        if (owners.length > 0) {
          await chats.updateOne({ _id: chatId }, { $addToSet: { owners: { $each: owners } } })
        }
        await requests.deleteMany({ chat_id: chatId, user_id: { $in: added.map(doc => doc.user_id) } })
        return added.map(doc => toMember(doc, { ...chat, owners: [...chat.owners, ...owners] }))
      }),

    removeMember: (chatId, userId) =>
      inLane(chatId, async () => {
        const chat = await living(chatId)
        if (!chat || !(await hasMember(chatId, userId))) return 'absent'
        if (await isAlone(chatId, userId)) return (await end(chatId)) ? 'ended' : 'absent'
        // What this person sent before goes in before: nothing of theirs is stored after.
        await settled()
        if (!(await mayLeave(chat, userId))) return 'last_owner'
        await touch(chatId)
        const { deletedCount } = await members.deleteOne({ chat_id: chatId, user_id: userId })
        return deletedCount === 1 ? 'removed' : 'absent'
      }),

    setRole: (chatId, userId, role) =>
      inLane(chatId, async () => {
        const chat = await living(chatId)
        if (!chat || !(await hasMember(chatId, userId))) return 'absent'
        await touch(chatId)
        if (role === 'owner') {
          await chats.updateOne({ _id: chatId }, { $addToSet: { owners: userId } })
          return 'changed'
        }
        // The role stays unseen until the ownership is gone, so no crash in between shows a third role.
        await setMember(chatId, userId, { role })
        const wasOwner = chat.owners.includes(userId)
        return !wasOwner || (await disown(chatId, userId)) ? 'changed' : 'last_owner'
      }),

    handOver: (chatId, owner, heir) =>
      inLane(chatId, async () => {
        if (!(await hasMember(chatId, heir))) return 'absent'
        // As in `setRole`: the role stays unseen until the ownership is gone.
        for (let chat = await living(chatId); chat?.owners.includes(owner); chat = await living(chatId)) {
          await setMember(chatId, owner, { role: 'admin' })
          const owners = [...new Set(chat.owners.map(id => (id === owner ? heir : id)))]
          // One document, so both or neither; where another node changed it, it is read again.
          const replaced = await chats.updateOne(
            { _id: chatId, owners: chat.owners, deleted_at: null },
            { $set: { owners }, $max: { updated_at: new Date() } },
          )
          if (replaced.matchedCount === 1) return 'changed'
        }
        return (await living(chatId)) ? 'not_owner' : 'absent'
      }),

    standingsOf,
    placesOf,

    async chatIdsOf(userId) {
      return (await placesOf(userId)).map(({ id }) => id)
    },

    async sharersOf(userId, others) {
      if (others.length === 0) return []
      const chatIds = (await placesOf(userId)).map(({ id }) => id)
      const found = await members
        .find({ user_id: { $in: others }, chat_id: { $in: chatIds } }, { projection: { user_id: 1 } })
        .toArray()
      return [...new Set(found.map(member => member.user_id))]
    },
  }
}

type StandingRow = Omit<Standing, 'role' | 'updated_at'> & {
  own: MemberDoc['role']
  owners: string[]
  updated_at: Date
}

const place = { _id: 0, id: '$chat_id', cleared_seq: 1 }

const standing = {
  ...place,
  last_seq: '$chat.last_seq',
  rev: '$chat.rev',
  updated_at: '$chat.updated_at',
  hidden: 1,
  own: '$role',
  owners: '$chat.owners',
}

/** Inserts members and answers those stored: who is a member already, added by another node, is left as is. */
export async function insertMembers(
  members: Collections['members'],
  docs: MemberDoc[],
): Promise<MemberDoc[]> {
  try {
    if (docs.length > 0) await members.insertMany(docs, { ordered: false })
    return docs
  } catch (error) {
    const refused = allDuplicates(error)
    if (!refused) throw error
    return docs.filter((_, i) => !refused.has(i))
  }
}
