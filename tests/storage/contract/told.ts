// The contract of what those who were away are told by: when a chat changed, and whose position moved since.
import { expect } from 'bun:test'
import type { ChatStore } from '../../../src/chats/store'
import { newId } from '../../../src/lib/ids'
import { group, member, membershipOf, newGroup, said, T1, T2, text, withStores, type Open } from './samples'

/** Before any clock that the tests run by. */
const LONG_AGO = '2001-01-01T00:00:00.000Z'

export function toldContract(open: Open) {
  const it = withStores(open)

  const ways: Record<string, (chats: ChatStore, id: string, ann: string, bob: string) => Promise<unknown>> = {
    'somebody who joins': (chats, id) => chats.addMembers(id, [member(newId())], 10),
    'somebody who leaves': (chats, id, _, bob) => chats.removeMember(id, bob),
    'a new role': (chats, id, _, bob) => chats.setRole(id, bob, 'admin'),
    'a new owner': (chats, id, _, bob) => chats.setRole(id, bob, 'owner'),
    'a handing over': (chats, id, ann, bob) => chats.handOver(id, ann, bob),
  }
  for (const [what, change] of Object.entries(ways)) {
    it(`says that a chat changed by ${what}`, async ({ chats }) => {
      const [ann, bob] = [newId(), newId()]
      const { id } = await chats.createGroup(...group([ann, bob], { created_at: LONG_AGO }))
      expect((await chats.standingsOf(ann))[0]?.updated_at).toBe(LONG_AGO)
      const before = new Date().toISOString()
      await change(chats, id, ann, bob)
      const [standing] = await chats.standingsOf(ann)
      expect(standing!.updated_at >= before).toBe(true)
      expect((await membershipOf(chats, id))?.chat.updated_at).toBe(standing!.updated_at)
    })
  }

  it('never moves the time of the last change back', async ({ chats }) => {
    const { id } = await chats.createGroup(...group([newId()], { created_at: LONG_AGO }))
    await chats.update(id, { group_name: 'one' }, T2)
    expect(await chats.update(id, { group_name: 'two' }, T1)).toMatchObject({
      group_name: 'two',
      updated_at: T2,
    })
    expect(await chats.update(id, {}, T1)).toMatchObject({ group_name: 'two', updated_at: T2 })
  })

  it('tells whose positions moved since a time, in the chats asked for', async stores => {
    const { chats } = stores
    const [ann, bob, cy] = [newId(), newId(), newId()]
    const [a, b] = [await newGroup(stores, ann, bob, cy), await newGroup(stores, ann, bob)]
    for (const id of [a, a, b]) await said(stores, text(id, ann))
    expect(await chats.positionsSince([a, b], 0)).toEqual([])
    const before = Date.now()
    await chats.markRead(a, bob, 1)
    await chats.markDelivered(a, cy, 2)
    await chats.markRead(b, bob, 1)
    const found = await chats.positionsSince([a, newId()], before)
    expect(found.toSorted((x, y) => x.read_seq - y.read_seq)).toEqual([
      { chat_id: a, user_id: cy, read_seq: 0, delivered_seq: 2 },
      { chat_id: a, user_id: bob, read_seq: 1, delivered_seq: 1 },
    ])
    expect(await chats.positionsSince([a, b], before)).toHaveLength(3)
    expect(await chats.positionsSince([a, b], Date.now() + 60_000)).toEqual([])
    expect(await chats.positionsSince([], 0)).toEqual([])
    await chats.markRead(a, bob, 0)
    expect(await chats.positionsSince([a], before)).toContainEqual({
      chat_id: a,
      user_id: bob,
      read_seq: 0,
      delivered_seq: 1,
    })
    await chats.removeMember(a, bob)
    expect(await chats.positionsSince([a], before)).toHaveLength(1)
  })
}
