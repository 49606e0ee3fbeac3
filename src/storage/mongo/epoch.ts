// The epoch in MongoDB: one document.
import { newId } from '../../lib/ids'
import type { EpochStore } from '../../messages/epoch.store'
import type { Collections } from './collections'
import { isDuplicate } from './failures'

type Kept = Pick<Collections, 'epoch' | 'sessions' | 'tickets' | 'push'>

/** Reads it, or makes it in a store that has none; of several nodes that do so at once one is first. */
export async function mongoEpoch({ epoch, sessions, tickets, push }: Kept): Promise<EpochStore> {
  let id = await readOrMake(epoch)

  /** Before the new epoch is set: a cut between the two leaves people signed out, not signed in again. */
  async function signAllOut(): Promise<number> {
    await Promise.all([tickets.deleteMany({}), push.deleteMany({})])
    return (await sessions.deleteMany({})).deletedCount
  }

  return {
    current: () => id,

    async renew({ keepSignIns }) {
      const ended = keepSignIns ? 0 : await signAllOut()
      const next = newId()
      await epoch.updateOne({ _id: 'epoch' }, { $set: { id: next } }, { upsert: true })
      id = next
      return ended
    },
  }
}

async function readOrMake(epoch: Kept['epoch']): Promise<string> {
  for (;;) {
    const kept = await epoch.findOne({ _id: 'epoch' })
    if (kept) return kept.id
    try {
      await epoch.insertOne({ _id: 'epoch', id: newId() })
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
  }
}
