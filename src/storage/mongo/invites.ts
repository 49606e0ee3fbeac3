// Links to join groups by, in MongoDB.
import type { Filter, IndexDescription } from 'mongodb'
import type { InviteRecord, InviteStore, JoinRequest } from '../../chats/joining.store'
import type { ChatStore } from '../../chats/store'
import { toDate, toDateOrNull, toTime, toTimeOrNull, type Collections, type InviteDoc } from './collections'
import { isDuplicate } from './failures'
import { requestDoc } from './joinrequests'
import { lanes } from '../../lib/lanes'

export const indexes: IndexDescription[] = [
  // the links of a chat, newest first; all of a deleted chat
  { key: { chat_id: 1, created_at: -1, _id: -1 } },
]

/**
 * A use is taken by one conditional update before the person comes in, so there are never more than `max_uses`,
 * and given back where they do not. A crash between the two costs a use and lets nobody in.
 * Links and requests of one chat are counted in its lane: nodes that store in the same moment can pass a limit
 * by one each.
 */
export function mongoInvites(
  { chats, members, invites, requests }: Collections,
  addMembers: ChatStore['addMembers'],
): InviteStore {
  const inLane = lanes()

  const good = (code: string, now: string): Filter<InviteDoc> => ({
    _id: code,
    $or: [{ expires_at: null }, { expires_at: { $gt: toDate(now) } }],
    uses_left: { $ne: 0 },
  })

  /** Runs `job` with a use of the link taken; where it answers that nobody came in, the use is given back. */
  async function using<T>(
    code: string,
    now: string,
    job: (chatId: string) => Promise<T>,
    isIn: (t: T) => boolean,
  ) {
    const taken = await invites.findOne(good(code, now))
    if (!taken) return null
    const step = taken.uses_left === null ? { uses: 1 } : { uses: 1, uses_left: -1 }
    const { matchedCount } = await invites.updateOne(good(code, now), { $inc: step })
    if (matchedCount === 0) return null
    // Where it throws the outcome is unknown, and the use stays taken: better one too few than one too many.
    const outcome = await job(taken.chat_id)
    if (!isIn(outcome)) await giveBack(taken)
    return outcome
  }

  const giveBack = ({ _id, uses_left }: InviteDoc) =>
    invites.updateOne({ _id }, { $inc: uses_left === null ? { uses: -1 } : { uses: -1, uses_left: 1 } })

  async function standingOf(code: string, now: string, userId: string) {
    const invite = await invites.findOne(good(code, now))
    if (!invite) return null
    const { chat_id } = invite
    const [chat, member, request, waiting] = await Promise.all([
      chats.findOne({ _id: chat_id, deleted_at: null }, { projection: { _id: 1 } }),
      members.findOne({ chat_id, user_id: userId }, { projection: { _id: 1 } }),
      requests.findOne({ chat_id, user_id: userId }, { projection: { _id: 1 } }),
      requests.countDocuments({ chat_id }),
    ])
    return chat && { isMember: member !== null, isWaiting: request !== null, waiting }
  }

  async function keep(request: JoinRequest): Promise<JoinRequest | 'waiting'> {
    try {
      await requests.insertOne(requestDoc(request))
      return request
    } catch (error) {
      if (isDuplicate(error)) return 'waiting'
      throw error
    }
  }

  return {
    insert: (invite, max, now) =>
      inLane(invite.chat_id, async () => {
        const { chat_id } = invite
        await invites.deleteMany({ chat_id, expires_at: { $gt: new Date(0), $lte: toDate(now) } })
        if ((await invites.countDocuments({ chat_id })) >= max) return false
        await invites.insertOne(inviteDoc(invite))
        return true
      }),

    async byCode(code) {
      const doc = await invites.findOne({ _id: code })
      return doc && toInvite(doc)
    },

    async list(chatId, { after, limit }) {
      if (limit <= 0) return []
      const docs = await invites
        .find({ chat_id: chatId, ...(after && olderThan(after)) }, { batchSize: limit + 1 })
        .sort({ created_at: -1, _id: -1 })
        .limit(limit)
        .toArray()
      return docs.map(toInvite)
    },

    async remove(chatId, code) {
      return (await invites.deleteOne({ _id: code, chat_id: chatId })).deletedCount === 1
    },

    async redeem(code, person, now, max) {
      const standing = await standingOf(code, now, person.user_id)
      if (!standing) return null
      if (standing.isMember) return 'member'
      const added = await using(
        code,
        now,
        id => addMembers(id, [person], max),
        list => list?.length === 1,
      )
      if (!Array.isArray(added)) return added
      return added[0] ?? 'member'
    },

    async ask(code, userId, now, max) {
      const invite = await invites.findOne({ _id: code })
      if (!invite) return null
      return inLane(invite.chat_id, async () => {
        const standing = await standingOf(code, now, userId)
        if (!standing) return null
        if (standing.isMember) return 'member'
        if (standing.isWaiting) return 'waiting'
        if (standing.waiting >= max) return 'too_many'
        const request = { chat_id: invite.chat_id, user_id: userId, created_at: now }
        return using(
          code,
          now,
          () => keep(request),
          outcome => outcome !== 'waiting',
        )
      })
    },
  }
}

function olderThan({ created_at, id }: { created_at: string; id: string }): Filter<InviteDoc> {
  const at = toDate(created_at)
  return { $or: [{ created_at: { $lt: at } }, { created_at: at, _id: { $lt: id } }] }
}

const inviteDoc = ({ code, created_at, expires_at, ...rest }: InviteRecord): InviteDoc => ({
  _id: code,
  ...rest,
  created_at: toDate(created_at),
  expires_at: toDateOrNull(expires_at),
  uses_left: rest.max_uses === null ? null : rest.max_uses - rest.uses,
})

const toInvite = (doc: InviteDoc): InviteRecord => ({
  code: doc._id,
  chat_id: doc.chat_id,
  created_by: doc.created_by,
  created_at: toTime(doc.created_at),
  expires_at: toTimeOrNull(doc.expires_at),
  max_uses: doc.max_uses,
  uses: doc.uses,
  needs_approval: doc.needs_approval,
})
