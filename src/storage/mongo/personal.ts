// A person's own numbers in MongoDB: by them their devices catch up on what is theirs alone.
import { isDuplicate } from './failures'
import type { Collections } from './collections'
import { lanes } from '../../lib/lanes'

export type Personal = ReturnType<typeof personalNumbers>

/**
 * A change is written under the number after the person's latest, and claims that number once it can be seen:
 * the counter moves from one to the next by one conditional update. Readers go up to the counter and no further,
 * so whoever was given a number was given all below it.
 * On one node a person's changes run one after the other. Across nodes two may be written under the same number:
 * one of them claims it, the other is written again under the next, before it is answered.
 * A change that a crash left unclaimed is told with the person's next one.
 */
export function personalNumbers({ personal }: Pick<Collections, 'personal'>) {
  const inLane = lanes()

  async function latest(userId: string): Promise<number> {
    return (await personal.findOne({ _id: userId }))?.no ?? 0
  }

  async function isClaimed(userId: string, no: number): Promise<boolean> {
    try {
      const before = { _id: userId, no: no - 1 }
      const { matchedCount, upsertedCount } = await personal.updateOne(
        before,
        { $set: { no } },
        { upsert: true },
      )
      return matchedCount + upsertedCount === 1
    } catch (error) {
      // The counter stands elsewhere, so the upsert met it.
      if (isDuplicate(error)) return false
      throw error
    }
  }

  /**
   * Runs `write` under the person's next number, with what `read` found meanwhile.
   * Null from either changes nothing and takes no number. `write` may run again and must keep the greater number.
   */
  function numbered<Known, Answer>(
    userId: string,
    read: () => Promise<Known | null>,
    write: (known: Known, no: number) => Promise<Answer | null>,
  ): Promise<Answer | null> {
    return inLane(userId, async () => {
      const [known, before] = await Promise.all([read(), latest(userId)])
      if (known === null) return null
      for (let no = before + 1; ; no = (await latest(userId)) + 1) {
        const answer = await write(known, no)
        if (answer === null || (await isClaimed(userId, no))) return answer
      }
    })
  }

  return { latest, numbered }
}
