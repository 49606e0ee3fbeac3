// The contract of read positions and unread counts: a part of the chats suite.
import { expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, group, text, withStores, type Open } from './samples'

/** A chat in which Ann wrote the messages 1, 3 and 5, and Bob 2 and 4. */
async function talk(stores: Stores) {
  const [ann, bob] = [newId(), newId()]
  const { id } = await stores.chats.createGroup(...group([ann, bob]))
  for (const sender of [ann, bob, ann, bob, ann]) await stores.messages.append(text(id, sender))
  const unread = async (who: string) => (await stores.chats.listed(who, id))?.unread_count
  return { ann, bob, id, unread }
}

export function unreadContract(open: Open) {
  const it = withStores(open)

  it("counts others' messages and not my own", async stores => {
    const { ann, bob, unread } = await talk(stores)
    expect(await unread(ann)).toBe(2)
    expect(await unread(bob)).toBe(3)
  })

  it('counts exactly while the read position moves forth and back', async stores => {
    const { bob, id, unread } = await talk(stores)
    for (const [seq, count] of [
      [1, 2],
      [2, 2],
      [3, 1],
      [5, 0],
      [4, 1],
      [0, 3],
      [5, 0],
    ] as const) {
      expect(await stores.chats.markRead(id, bob, seq)).toBe(seq)
      expect(await unread(bob)).toBe(count)
    }
  })

  it('never goes back where only forward is asked for', async stores => {
    const { bob, id, unread } = await talk(stores)
    expect(await stores.chats.markRead(id, bob, 4, true)).toBe(4)
    expect(await stores.chats.markRead(id, bob, 1, true)).toBe(4)
    expect(await unread(bob)).toBe(1)
    await atOnce(5, i => stores.chats.markRead(id, bob, 5 - i, true))
    expect(await unread(bob)).toBe(0)
  })

  it('does not read beyond the head', async stores => {
    const { ann, bob, id, unread } = await talk(stores)
    expect(await stores.chats.markRead(id, bob, 99)).toBe(5)
    expect(await stores.chats.markRead(id, ann, Number.MAX_SAFE_INTEGER)).toBe(5)
    await stores.messages.append(text(id, ann))
    expect(await unread(bob)).toBe(1)
    expect((await stores.chats.listed(bob, id))?.my.read_seq).toBe(5)
  })

  it("moves nobody else's position", async stores => {
    const { ann, bob, id, unread } = await talk(stores)
    await stores.chats.markRead(id, bob, 5)
    expect(await unread(ann)).toBe(2)
  })

  it('answers null to those who are no members', async stores => {
    const { ann, id } = await talk(stores)
    expect(await stores.chats.markRead(id, newId(), 1)).toBeNull()
    expect(await stores.chats.markRead(newId(), ann, 1)).toBeNull()
  })

  it('counts nothing of what was cleared, wherever the read position goes', async stores => {
    const { ann, bob, id, unread } = await talk(stores)
    await stores.chats.clearFor(id, bob)
    await stores.messages.append(text(id, bob))
    await stores.messages.append(text(id, ann))
    expect(await unread(bob)).toBe(1)
    expect(await stores.chats.markRead(id, bob, 0)).toBe(0)
    expect(await unread(bob)).toBe(1)
    expect(await stores.chats.markRead(id, bob, 7)).toBe(7)
    expect(await unread(bob)).toBe(0)
  })

  it('counts exactly after many wrote and read at once', async stores => {
    const people = Array.from({ length: 4 }, () => newId())
    const { id } = await stores.chats.createGroup(...group(people))
    await atOnce(100, i => stores.messages.append(text(id, people[i % 4] ?? '')))
    await atOnce(40, i => stores.chats.markRead(id, people[i % 4] ?? '', i))
    for (const who of people) {
      const listed = await stores.chats.listed(who, id)
      const rest = await stores.messages.above(id, listed?.my.read_seq ?? 0, 200)
      expect(listed?.unread_count).toBe(rest.filter(message => message.sender_id !== who).length)
    }
  })
}
