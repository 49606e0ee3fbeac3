// The contract of what is needed when somebody leaves for good, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { Departure } from '../../../src/auth/leaving.store'
import type { Stores } from '../../../src/storage/stores'
import {
  atOnce,
  membershipOf,
  newGroup,
  pair,
  person,
  said,
  T0,
  T1,
  T2,
  text,
  untouched,
  withStores,
  type Open,
} from './samples'

export function leavingContract(open: Open) {
  describe('somebody who leaves', () => {
    departuresContract(open)
    nameContract(open)
    privateContract(open)
    sentContract(open)
  })
}

function departuresContract(open: Open) {
  const it = withStores(open)
  const departure = (more: Partial<Departure> = {}): Departure => {
    return { user_id: newId(), messages: 'keep', begun_at: T0, ...more }
  }

  it('is on the list until the end', async ({ departures }) => {
    const [ann, bob] = [departure(), departure({ messages: 'delete' })]
    expect(await departures.unfinished()).toEqual([])
    for (const each of [ann, bob]) await departures.begin(each)
    const byId = (one: Departure, other: Departure) => (one.user_id < other.user_id ? -1 : 1)
    expect((await departures.unfinished()).toSorted(byId)).toEqual([ann, bob].toSorted(byId))
    await departures.end(ann.user_id)
    await departures.end(ann.user_id)
    expect(await departures.unfinished()).toEqual([bob])
  })

  it('may change their mind in one direction only', async ({ departures }) => {
    const ann = departure()
    await departures.begin(ann)
    await departures.begin({ ...ann, messages: 'delete', begun_at: T1 })
    expect(await departures.unfinished()).toEqual([{ ...ann, messages: 'delete' }])
    await departures.begin({ ...ann, begun_at: T2 })
    expect(await departures.unfinished()).toEqual([{ ...ann, messages: 'delete' }])
  })
}

function nameContract(open: Open) {
  const it = withStores(open)

  it('keeps the name until it is freed', async ({ users }) => {
    const [ann, bob, cleo] = [person('ann'), person('bob'), person('cleo')]
    for (const each of [ann, bob, cleo]) await users.insert(each)
    await users.erase(ann.id, T0)
    await users.erase(bob.id, T2)
    await users.freeNames(T0)
    expect(await users.insert(person('Ann'))).toBe('username')
    for (let again = 0; again < 2; again++) await users.freeNames(T1)
    const next = person('Ann')
    expect(await users.insert(next)).toBeNull()
    expect(await users.insert(person('bob'))).toBe('username')
    expect(await users.insert(person('cleo'))).toBe('username')
    expect((await users.byUsername('ann'))?.id).toBe(next.id)
    expect(await users.byId(ann.id)).toMatchObject({ username: '', deleted_at: T0 })
    await users.erase(ann.id, T2)
    expect((await users.byUsername('ann'))?.id).toBe(next.id)
  })

  it('gives up the name at once where it is asked for, and nobody who is here does', async ({ users }) => {
    const [ann, bob] = [person('ann'), person('bob')]
    for (const each of [ann, bob]) await users.insert(each)
    await users.erase(ann.id, T2)
    for (const name of ['ANN', 'ann', 'bob', 'cleo']) await users.freeName(name)
    expect(await users.insert(person('bob'))).toBe('username')
    const next = person('Ann')
    expect(await users.insert(next)).toBeNull()
    await users.freeName('ann')
    expect((await users.byUsername('ann'))?.id).toBe(next.id)
    expect(await users.byId(ann.id)).toMatchObject({ username: '', deleted_at: T2 })
  })

  it('takes along tickets and what was saved, of nobody else', async ({ auth, saved }) => {
    const [ann, bob] = [newId(), newId()]
    const ticket = (user_id: string) => {
      return { id: newId(), user_id, session_id: newId(), signed_in_until: 1, expires_at: T2 }
    }
    const [anns, bobs] = [ticket(ann), ticket(bob)]
    for (const each of [anns, bobs]) await auth.insertTicket(each)
    await auth.deleteTicketsOf(ann)
    expect(await auth.takeTicket(anns.id)).toBeNull()
    expect(await auth.takeTicket(bobs.id)).toEqual(bobs)
    const keep = (user_id: string) => ({ user_id, message_id: newId(), chat_id: newId(), saved_at: T1 })
    for (const who of [ann, ann, bob]) await saved.save(keep(who))
    await saved.removeOf(ann)
    expect(await saved.list(ann, { limit: 9 })).toEqual([])
    expect(await saved.list(bob, { limit: 9 })).toHaveLength(1)
  })
}

function privateContract(open: Open) {
  const it = withStores(open)

  async function used(stores: Stores) {
    const [ann, bob] = [newId(), newId()]
    const { chat } = await stores.chats.createPrivate(...pair(ann, bob))
    const group = await newGroup(stores, bob, ann)
    const message = await said(stores, text(chat.id, bob))
    await said(stores, text(chat.id, bob))
    for (const who of [ann, bob]) {
      await stores.chats.setMine(chat.id, who, { draft: 'd', draft_at: T1, muted_until: T2, notify: 'none' })
      await stores.chats.setMine(group, who, { pinned: true, archived: true })
      await stores.chats.markRead(chat.id, who, 1)
      await stores.chats.hideMessage(who, { chat_id: chat.id, message_id: message.id, seq: 1 })
    }
    return { ann, bob, id: chat.id, group }
  }

  it('keeps nothing of their own in their chats, but how far they have read', async stores => {
    const { chats } = stores
    const { ann, bob, id, group } = await used(stores)
    const bobs = (await membershipOf(chats, id))?.members.find(({ user_id }) => user_id === bob)
    expect((await chats.depart(ann, T1)).toSorted()).toEqual([id, group].toSorted())
    const membersNow = async () => (await membershipOf(chats, id))?.members ?? []
    const gone = { ...untouched, read_seq: 1, delivered_seq: 1, left_at: T1 }
    expect((await membersNow()).find(({ user_id }) => user_id === ann)).toMatchObject(gone)
    expect((await membersNow()).find(({ user_id }) => user_id === bob)).toEqual(bobs!)
    expect(await chats.hiddenSeqs(id, ann, 1, 9)).toEqual([])
    expect(await chats.hiddenSeqs(id, bob, 1, 9)).toEqual([1])
    expect(await chats.movedSince(ann, 0)).toEqual({ no: 0, members: [], hidden: [] })
    expect((await chats.movedSince(bob, 0)).hidden).toHaveLength(1)
  })

  it('has left when they left first', async stores => {
    const { ann, id } = await used(stores)
    await stores.chats.depart(ann, T1)
    expect(await stores.chats.depart(ann, T2)).toHaveLength(2)
    const members = (await membershipOf(stores.chats, id))?.members
    expect(members?.find(({ user_id }) => user_id === ann)?.left_at).toBe(T1)
    expect(await stores.chats.depart(newId(), T1)).toEqual([])
  })
}

function sentContract(open: Open) {
  const it = withStores(open)

  it('has sent something to these chats, looked at a few at a time', async stores => {
    const { messages, chats } = stores
    const [ann, bob] = [newId(), newId()]
    const ids = await atOnce(7, () => newGroup(stores, ann, bob))
    for (const [i, id] of ids.entries()) await said(stores, text(id, i % 2 === 0 ? ann : bob))
    await said(stores, text(ids[0] as string, bob))
    await chats.removeMember(ids[2] as string, bob)
    await chats.delete(ids[4] as string)
    const wanted = [ids[0], ids[2], ids[6]].map(String).toSorted()
    for (const limit of [1, 2, 100]) {
      const found: string[] = []
      for (let after: string | null = ''; after !== null;) {
        const page = await messages.chatsOfSender(ann, { after, limit })
        found.push(...page.chat_ids)
        expect(page.chat_ids.length).toBeLessThanOrEqual(limit)
        after = page.last
      }
      expect(found).toEqual(wanted)
    }
    expect((await messages.chatsOfSender(newId(), { after: '', limit: 100 })).chat_ids).toEqual([])
  })

  it('has sent these messages to a chat, deleted or not, each once', async stores => {
    const { messages } = stores
    const [ann, bob] = [newId(), newId()]
    const id = await newGroup(stores, ann, bob)
    const mine = await atOnce(9, i => said(stores, text(id, ann, `${i}`, { client_id: `c${(i * 7) % 9}` })))
    await said(stores, text(id, bob))
    await said(stores, text(await newGroup(stores, ann), ann))
    const first = mine[0]!
    await messages.change(id, first.id, () => ({ content: '', deleted_at: T1, updated_at: T1 }))
    for (const limit of [1, 4, 9, 100]) {
      const seen: string[] = []
      for (let after: string | undefined = ''; after !== undefined;) {
        const page = await messages.ofSender(id, ann, { after, limit })
        seen.push(...page.map(message => message.id))
        after = page.at(-1)?.client_id
      }
      expect(seen.toSorted()).toEqual(mine.map(message => message.id).toSorted())
    }
    expect(await messages.ofSender(id, newId(), { after: '', limit: 9 })).toEqual([])
  })
}
