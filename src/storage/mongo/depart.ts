// What a person who leaves had alone in their chats, in MongoDB.
import type { ChatStore } from '../../chats/store'
import { toDate, type Collections, type MemberDoc } from './collections'

const emptied: Partial<MemberDoc> = {
  muted_until: null,
  pinned: false,
  archived: false,
  notify: 'all',
  draft: null,
  draft_at: null,
  hidden: false,
  cleared_seq: 0,
  my_no: 0,
}

type Leaving = Pick<Collections, 'members' | 'hidden' | 'personal'>

export function departing({ members, hidden, personal }: Leaving): Pick<ChatStore, 'depart'> {
  return {
    async depart(userId, at) {
      await members.updateMany({ user_id: userId }, { $set: emptied })
      await members.updateMany({ user_id: userId, left_at: null }, { $set: { left_at: toDate(at) } })
      await hidden.deleteMany({ user_id: userId })
      await personal.deleteOne({ _id: userId })
      const rows = await members
        .find({ user_id: userId })
        .project<{ chat_id: string }>({ chat_id: 1 })
        .toArray()
      return rows.map(({ chat_id }) => chat_id)
    },
  }
}
