// The contract of a person's chat list: a part of the chats suite.
import { expect } from 'bun:test'
import type { ListedChat, Standing } from '../../../src/chats/store'
import { newId } from '../../../src/lib/ids'
import { clearedContract } from './cleared'
import { membershipOf, atOnce, group, newGroup, T0, T1, T2, text, withStores, type Open } from './samples'

export function chatListContract(open: Open) {
  orderContract(open)
  lastMessageContract(open)
  clearedContract(open)
}

const idsOf = (listed: ListedChat[]) => listed.map(each => each.chat.id)

function orderContract(open: Open) {
  const it = withStores(open)

  it('lists the chat with the newest activity first', async ({ chats, messages }) => {
    const ann = newId()
    const a = await chats.createGroup(...group([ann], { created_at: T0 }))
    const b = await chats.createGroup(...group([ann], { created_at: T1 }))
    expect(idsOf(await chats.list(ann, { limit: 10 }))).toEqual([b.id, a.id])
    await messages.append(text(a.id, ann, 'Hello', { created_at: T2 }))
    expect(idsOf(await chats.list(ann, { limit: 10 }))).toEqual([a.id, b.id])
  })

  it('pages through every chat once, ties by id descending', async ({ chats }) => {
    const ann = newId()
    const times = [T0, T1, T1, T1, T1, T2, T2, T0, T1]
    const created = await atOnce(times.length, i =>
      chats.createGroup(...group([ann, newId()], { created_at: times[i] })),
    )
    const keyOf = (chat: { activity_at: string; id: string }) => chat.activity_at + chat.id
    const wanted = created.toSorted((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1)).map(chat => chat.id)
    expect(idsOf(await chats.list(ann, { limit: 100 }))).toEqual(wanted)
    for (const limit of [1, 2, 3, 8, 9]) {
      const paged: ListedChat[] = []
      for (;;) {
        const page = await chats.list(ann, { after: paged.at(-1)?.chat, limit })
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(limit)
        paged.push(...page)
      }
      expect(idsOf(paged)).toEqual(wanted)
    }
  })

  it('starts after a place where no chat is', async ({ chats }) => {
    const ann = newId()
    const { id } = await chats.createGroup(...group([ann], { created_at: T0 }))
    expect(idsOf(await chats.list(ann, { after: { activity_at: T1, id: newId() }, limit: 9 }))).toEqual([id])
    expect(await chats.list(ann, { after: { activity_at: T0, id }, limit: 9 })).toEqual([])
  })

  it("lists nobody else's chats", async ({ chats }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann]))
    expect(await chats.list(bob, { limit: 10 })).toEqual([])
    expect(await chats.listed(bob, id)).toBeNull()
    expect(await chats.listed(ann, newId())).toBeNull()
    expect(await chats.chatIdsOf(bob)).toEqual([])
  })

  it('tells where all chats of a person stand, hidden ones included', async ({ chats, messages }) => {
    const [ann, bob] = [newId(), newId()]
    const [a = '', b = ''] = (await atOnce(2, () => chats.createGroup(...group([ann, bob])))).map(
      ({ id }) => id,
    )
    await chats.createGroup(...group([bob]))
    const sent = text(a, bob)
    await messages.append(sent)
    await messages.change(a, sent.id, () => ({ pinned_at: T2, updated_at: T2 }))
    await chats.clearFor(b, ann)
    const standings = (await chats.standingsOf(ann)).toSorted((x, y) => x.last_seq - y.last_seq)
    expect(standings).toEqual([
      { id: b, last_seq: 0, rev: 0, role: 'owner', cleared_seq: 0, hidden: true, updated_at: T0 },
      { id: a, last_seq: 1, rev: 2, role: 'owner', cleared_seq: 0, hidden: false, updated_at: T0 },
    ])
    await chats.delete(a)
    const [left] = standings as [Standing]
    expect(await chats.standingsOf(ann)).toEqual([left])
    await messages.append(text(b, bob))
    expect(await chats.standingsOf(ann)).toEqual([{ ...left, last_seq: 1, rev: 1, hidden: false }])
    expect(await chats.standingsOf(newId())).toEqual([])
  })

  it('tells up to where a person sees nothing of each of their chats, hidden ones included', async stores => {
    const { chats, messages } = stores
    const [ann, bob] = [newId(), newId()]
    const [a, b] = [await newGroup(stores, ann, bob), await newGroup(stores, bob, ann)]
    await newGroup(stores, bob)
    await messages.append(text(a, bob))
    await chats.clearFor(a, ann)
    const places = (await chats.placesOf(ann)).toSorted((x, y) => y.cleared_seq - x.cleared_seq)
    expect(places).toEqual([
      { id: a, cleared_seq: 1 },
      { id: b, cleared_seq: 0 },
    ])
    await chats.delete(a)
    expect(await chats.placesOf(ann)).toEqual([{ id: b, cleared_seq: 0 }])
    expect(await chats.placesOf(newId())).toEqual([])
  })

  it('shows a listed chat alike alone and in the list', async ({ chats, messages }) => {
    const [ann, bob] = [newId(), newId()]
    const { id } = await chats.createGroup(...group([ann, bob]))
    await messages.append(text(id, bob))
    const alone = await chats.listed(ann, id)
    const membership = await membershipOf(chats, id)
    expect(await chats.list(ann, { limit: 10 })).toEqual(alone ? [alone] : [])
    expect(alone?.chat).toEqual(membership!.chat)
    expect(alone?.my).toEqual(membership!.members.find(each => each.user_id === ann)!)
  })
}

function lastMessageContract(open: Open) {
  const it = withStores(open)

  it('has no last message in an empty chat', async ({ chats }) => {
    const ann = newId()
    const { id } = await chats.createGroup(...group([ann]))
    expect(await chats.listed(ann, id)).toMatchObject({ last_message: null, unread_count: 0 })
  })

  it('shows the newest message', async ({ chats, messages }) => {
    const ann = newId()
    const { id: chat } = await chats.createGroup(...group([ann]))
    await messages.append(text(chat, ann, 'Old'))
    const sent = text(chat, ann, 'New', { message_type: 'image', created_at: T2 })
    await messages.append(sent)
    const { id, sender_id, content, message_type, created_at } = sent
    expect((await chats.listed(ann, chat))?.last_message).toEqual({
      id,
      seq: 2,
      sender_id,
      content,
      message_type,
      created_at,
      deleted_at: null,
    })
  })

  it('cuts its text to 200 characters and never through the middle of one', async ({ chats, messages }) => {
    const ann = newId()
    const { id } = await chats.createGroup(...group([ann]))
    const shown = async (content: string) => {
      await messages.append(text(id, ann, content))
      return (await chats.listed(ann, id))?.last_message?.content ?? ''
    }
    expect(await shown('a'.repeat(200))).toBe('a'.repeat(200))
    expect(await shown('a'.repeat(201))).toBe('a'.repeat(200))
    const cut = await shown('a'.repeat(199) + '😀😀')
    expect(cut.isWellFormed()).toBeTrue()
    expect(cut.replace('😀', '')).toBe('a'.repeat(199))
  })
}
