// How often a call goes to the server and back: counted on the driver's own events.
import { describe, expect, spyOn, test } from 'bun:test'
import { MongoClient } from 'mongodb'
import { newId } from '../../../src/lib/ids'
import { openMongo } from '../../../src/storage/mongo/open'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, group, newGroup, said, T1, T2, text } from '../contract/samples'

interface Trips {
  commands: string[]
  /** Commands under way at the same time count as one. */
  inSequence: number
}

export interface Counted {
  url: string
  stores: Stores
  tripsOf(run: () => Promise<unknown>): Promise<Trips>
}

export async function openCounted(url: string): Promise<Counted> {
  const connect = spyOn(MongoClient.prototype, 'connect')
  const stores = await openMongo(url)
  const client = connect.mock.contexts[0] as unknown as MongoClient
  connect.mockRestore()

  let trips: Trips = { commands: [], inSequence: 0 }
  let underWay = 0
  client.on('commandStarted', ({ commandName }) => {
    trips.commands.push(commandName)
    if (underWay++ === 0) trips.inSequence++
  })
  client.on('commandSucceeded', () => underWay--)
  client.on('commandFailed', () => underWay--)

  async function tripsOf(run: () => Promise<unknown>) {
    trips = { commands: [], inSequence: 0 }
    await run()
    return trips
  }
  return { url, stores, tripsOf }
}

export function mongoTrips(freshUrl: () => string) {
  const it = (sentence: string, run: (counted: Counted) => Promise<void>) =>
    test(sentence, async () => {
      const counted = await openCounted(`${freshUrl()}?monitorCommands=true`)
      try {
        await run(counted)
      } finally {
        await counted.stores.close()
      }
    })

  describe('round trips', () => {
    it('sends a message in two', async ({ stores, tripsOf }) => {
      const ann = newId()
      const { id } = await stores.chats.createGroup(...group([ann]))
      await stores.messages.append(text(id, ann))
      const { commands } = await tripsOf(() => stores.messages.append(text(id, ann)))
      expect(commands).toEqual(['insert', 'update'])
    })

    it('sends many messages to many chats in the same two', async ({ stores, tripsOf }) => {
      const ann = newId()
      const chats = await atOnce(10, () => stores.chats.createGroup(...group([ann])))
      const sendAll = () => atOnce(100, i => stores.messages.append(text(chats[i % 10]!.id, ann)))
      expect((await tripsOf(sendAll)).commands).toEqual(['find', 'insert', 'update'])
      expect((await tripsOf(sendAll)).commands).toEqual(['insert', 'update'])
    })

    it('changes a message in three', async ({ stores, tripsOf }) => {
      const ann = newId()
      const chat = await newGroup(stores, ann)
      const { id } = await said(stores, text(chat, ann))
      const pin = () => stores.messages.change(chat, id, () => ({ pinned_at: T2, updated_at: T2 }))
      expect(await tripsOf(pin)).toEqual({ commands: ['find', 'update', 'update'], inSequence: 3 })
    })

    it('changes a message of a chat it does not remember in three, one after the other', async counted => {
      const { stores, tripsOf, url } = counted
      const other = await openMongo(url)
      const chat = await newGroup(other, newId())
      const { id } = await said(other, text(chat, newId()))
      await other.close()
      const change = () => stores.messages.change(chat, id, () => ({ content: 'x', updated_at: T2 }))
      expect((await tripsOf(change)).inSequence).toBe(3)
      expect((await tripsOf(() => stores.messages.change(chat, newId(), () => null))).inSequence).toBe(1)
    })

    it('stores 100 changes of one message in the same three', async ({ stores, tripsOf }) => {
      const ann = newId()
      const chat = await newGroup(stores, ann)
      const { id } = await said(stores, text(chat, ann))
      const change = (i: number) =>
        stores.messages.change(chat, id, () => ({ content: `${i}`, updated_at: T2 }))
      expect((await tripsOf(() => atOnce(100, change))).commands).toEqual(['find', 'update', 'update'])
      expect(await stores.messages.head(chat)).toEqual({ last_seq: 1, rev: 101 })
    })

    it('stores new messages and changes of many chats in four, one after the other', async counted => {
      const { stores, tripsOf } = counted
      const ann = newId()
      const chats = await atOnce(20, () => newGroup(stores, ann))
      const sent = await Promise.all(chats.map(chat => said(stores, text(chat, ann))))
      const write = async (i: number): Promise<unknown> =>
        i % 2
          ? stores.messages.append(text(chats[i % 20]!, ann))
          : stores.messages.change(chats[i % 20]!, sent[i % 20]!.id, () => ({ content: 'x', updated_at: T2 }))
      expect((await tripsOf(() => atOnce(200, write))).inSequence).toBe(4)
    })

    it('reads what changed in one', async ({ stores, tripsOf }) => {
      const chat = await newGroup(stores, newId())
      await atOnce(400, () => said(stores, text(chat, newId())))
      const { commands } = await tripsOf(() => stores.messages.changes(chat, 10, 301))
      expect(commands).toEqual(['find'])
    })

    it('marks as read in three, one after the other, and reads what moved in two', async counted => {
      const { stores, tripsOf } = counted
      const ann = newId()
      const chat = await newGroup(stores, ann)
      expect((await tripsOf(() => stores.chats.markRead(chat, ann, 0))).inSequence).toBe(3)
      expect((await tripsOf(() => stores.chats.movedSince(ann, 0))).inSequence).toBe(2)
      await stores.chats.setMine(chat, ann, { draft: 'x', draft_at: T1 })
      expect((await tripsOf(() => stores.chats.standingsOf(ann))).commands).toEqual(['aggregate'])
    })

    it('tells who shares a small chat with a person in one', async ({ stores, tripsOf }) => {
      const ann = newId()
      await atOnce(10, () => newGroup(stores, ann, newId()))
      const { commands } = await tripsOf(() => stores.chats.circleOf(ann, 100))
      expect(commands).toEqual(['aggregate'])
    })

    it('reads a page of 100 messages in one', async ({ stores, tripsOf }) => {
      const ann = newId()
      const { id } = await stores.chats.createGroup(...group([ann]))
      await atOnce(250, () => stores.messages.append(text(id, ann)))
      expect((await tripsOf(() => stores.messages.below(id, 200, 0, 101))).commands).toEqual(['find'])
      expect((await tripsOf(() => stores.messages.above(id, 10, 101))).commands).toEqual(['find'])
    })

    it('lists 100 chats in two, one after the other', async ({ stores, tripsOf }) => {
      const [ann, bob] = [newId(), newId()]
      const chats = await atOnce(101, () => stores.chats.createGroup(...group([ann, bob])))
      await atOnce(101, i => stores.messages.append(text(chats[i]!.id, bob)))
      const { commands, inSequence } = await tripsOf(() => stores.chats.list(ann, { limit: 101 }))
      expect(commands.toSorted()).toEqual(['aggregate', 'aggregate', 'aggregate', 'find'])
      expect(inSequence).toBe(2)
    })

    it('loads the members of many chats in one', async ({ stores, tripsOf }) => {
      const people = Array.from({ length: 150 }, () => newId())
      const chats = await atOnce(5, () => stores.chats.createGroup(...group(people)))
      const ids = chats.map(chat => chat.id)
      expect((await tripsOf(() => stores.chats.memberships(ids))).commands).toEqual(['aggregate'])
      expect((await tripsOf(() => stores.chats.chatIdsOf(people[3]!))).commands).toEqual(['aggregate'])
    })
  })
}
