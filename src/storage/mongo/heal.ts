// After a crash: messages may be stored or changed whose chats do not know it.
import { firstIdAt } from '../../lib/ids'
import type { Collections } from './collections'
import type { Head, Heads } from './heads'

// Longer than any message takes from its id to its chat's head, and than clocks of nodes differ.
const LOOK_BACK_MS = 10 * 60_000

/** Tells the chats what was stored last and what was changed last: what a crash cut is among them. */
export async function heal({ messages }: Collections, heads: Heads): Promise<void> {
  const newest = await messages.findOne({}, { projection: { _id: 1 }, sort: { _id: -1 } })
  if (!newest) return
  await tell({ _id: { $gte: firstIdAt(timeOfId(newest._id) - LOOK_BACK_MS) } })

  const changed = { changed_at: { $gt: new Date(0) } }
  const latest = await messages.findOne(changed, { projection: { changed_at: 1 }, sort: { changed_at: -1 } })
  if (!latest?.changed_at) return
  await tell({ changed_at: { $gte: new Date(latest.changed_at.getTime() - LOOK_BACK_MS) } })

  async function tell(recent: object): Promise<void> {
    const written = await messages
      .aggregate<Head & { _id: string }>([
        { $match: recent },
        {
          $group: {
            _id: '$chat_id',
            seq: { $max: '$seq' },
            rev: { $max: '$rev' },
            activity_at: { $max: '$created_at' },
          },
        },
      ])
      .toArray()
    await heads.setRight(new Map(written.map(({ _id, ...head }) => [_id, head])))
  }
}

const timeOfId = (id: string) => Number.parseInt(id.slice(0, 8), 16) * 1000
