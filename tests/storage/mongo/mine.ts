// What is a person's alone, with several nodes on one database.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, membershipOf, newGroup, T1, T2 } from '../contract/samples'
import { withWorlds } from './world'

export function mongoMine(freshUrl: () => string) {
  const it = withWorlds(freshUrl)

  describe('what is mine alone, on two nodes', () => {
    it('lets a third device miss nothing of 200 settings', async ({ node }) => {
      const [one, two, elsewhere] = [await node(), await node(), await node()]
      const ann = newId()
      const chats = await atOnce(20, () => newGroup(one, ann))
      let writing = true
      const device = followMine(elsewhere, ann, () => writing)
      const answers = await atOnce(200, async i => {
        await Bun.sleep(Math.floor(i / 6))
        return (i % 2 ? one : two).chats.setMine(chats[i % 20]!, ann, { draft: `${i}`, draft_at: T1 })
      })
      writing = false
      const known = await device
      const present = await atOnce(20, async i => {
        const members = (await membershipOf(one.chats, chats[i]!))?.members ?? []
        return [chats[i], members[0]?.draft] as const
      })
      expect(known).toEqual(new Map(present.map(([chat, draft]) => [chat ?? '', draft ?? null])))
      const { no } = await two.chats.movedSince(ann, 0)
      expect(no).toBe(Math.max(...answers.map(my => my?.my_no ?? 0)))
    })

    it('removes what people kept of a chat that is deleted', async ({ node, raw }) => {
      const stores = await node()
      const ann = newId()
      const [gone, kept] = [await newGroup(stores, ann), await newGroup(stores, ann)]
      for (const chat_id of [gone, kept]) {
        const message_id = newId()
        await stores.chats.hideMessage(ann, { chat_id, message_id, seq: 1 })
        await stores.saved.save({ user_id: ann, message_id, chat_id, saved_at: T1 })
        const later = {
          content: 'x',
          reply_to: null,
          thread_of: null,
          send_at: T2,
          created_at: T1,
          failed: null,
        }
        await stores.schedule.insert({ id: newId(), user_id: ann, chat_id, client_id: newId(), ...later }, 10)
      }
      await stores.chats.delete(gone)
      expect((await stores.chats.movedSince(ann, 0)).hidden.map(message => message.chat_id)).toEqual([kept])
      for (let i = 0; i < 500 && (await raw.chats.countDocuments()) > 1; i++) await Bun.sleep(10)
      for (const rows of [raw.hidden, raw.saved, raw.scheduled]) {
        expect(await rows.distinct('chat_id')).toEqual([kept])
      }
    })
  })
}

/** What a device knows that asks again and again, and once more when nobody writes any longer. */
async function followMine({ chats }: Stores, who: string, isWriting: () => boolean) {
  const known = new Map<string, string | null>()
  for (let no = 0; ;) {
    const isLast = !isWriting()
    const moved = await chats.movedSince(who, no)
    for (const my of moved.members) known.set(my.chat_id, my.draft)
    no = moved.no
    if (isLast) return known
    await Bun.sleep(0)
  }
}
