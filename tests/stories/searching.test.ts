// Finding messages by their words: in my chats and nowhere else, as the messages are now.
import { describe, expect, test } from 'bun:test'
import { groupChat, message, privateChat, say } from '../support/chats'
import { found, hits, met, search, three } from '../support/search'
import { world } from '../support/world'

describe('a search', () => {
  test('finds the beginnings of words in all my chats, newest first, and nothing of others', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [one, two, theirs] = [
      await privateChat(ann, bob),
      await groupChat(ann, bob),
      await groupChat(bob, cleo),
    ]
    await say(ann, one, 'Lunch on Thursday?')
    await say(bob, two, 'Thunder, then lunch')
    await say(bob, theirs, 'Lunch without Ann, Thursday')
    expect(await found(ann, 'lunch thu')).toEqual(['Thunder, then lunch', 'Lunch on Thursday?'])
    expect(await found(ann, 'LUN')).toHaveLength(2)
    expect(await found(ann, 'unch')).toEqual([])
    expect(await found(ann, 'lunch friday')).toEqual([])
    expect(await met(ann, 'thu lunch')).toEqual([
      ['Thu', 'lunch'],
      ['Lunch', 'Thu'],
    ])
    expect(await found(cleo, 'lunch')).toEqual(['Lunch without Ann, Thursday'])
    expect(await found(bob, 'lunch')).toHaveLength(3)
    const [hit] = await hits(bob, 'thunder')
    expect(hit?.message).toEqual((await message(bob, two, hit!.message.id).get()).data!)
  })

  test('ends for one who leaves, at once, and comes back with them', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await groupChat(ann, bob, cleo)
    await say(ann, id, 'The secret word')
    expect(await found(bob, 'secret')).toHaveLength(1)
    await bob.api.chats({ id }).leave.post()
    expect(await found(bob, 'secret')).toEqual([])
    expect((await search(bob, 'secret', { chat_id: id })).status).toBe(404)
    await ann.api.chats({ id }).members({ user_id: cleo.id }).delete()
    expect(await found(cleo, 'secret')).toEqual([])
    await ann.api.chats({ id }).members.post({ participants: [bob.id] })
    expect(await found(bob, 'secret')).toHaveLength(1)
    await ann.api.chats({ id }).delete({}, { query: {} })
    expect([await found(ann, 'secret'), await found(bob, 'secret')]).toEqual([[], []])
  })

  test('meets messages as they are now: edited and deleted ones follow at once', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    const [one, two] = [await say(ann, id, 'Meet at noon'), await say(ann, id, 'Meet at dusk')]
    expect(await found(bob, 'meet')).toEqual(['Meet at dusk', 'Meet at noon'])
    await message(ann, id, one.id).patch({ content: 'Meet at midnight' })
    expect([await found(bob, 'noon'), await found(bob, 'midnight')]).toEqual([[], ['Meet at midnight']])
    await message(ann, id, two.id).delete({}, { query: {} })
    expect([await found(bob, 'dusk'), await found(bob, 'meet')]).toEqual([[], ['Meet at midnight']])
    for (const content of ['tick one', 'tock two', 'tick three']) {
      await message(ann, id, one.id).patch({ content })
      expect(await found(bob, content.slice(0, 4))).toEqual([content])
    }
    expect(await found(bob, 'meet')).toEqual([])
  })

  test('never meets what I hid or cleared, though others do', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const id = await privateChat(ann, bob)
    for (const n of [1, 2, 3]) await say(ann, id, `Plan number ${n}`)
    const hidden = await say(bob, id, 'Plan to hide')
    await message(ann, id, hidden.id).delete({}, { query: { for: 'me' } })
    expect(await found(ann, 'plan')).toHaveLength(3)
    expect(await found(bob, 'plan')).toHaveLength(4)
    await ann.api.chats({ id }).delete({}, { query: {} })
    expect(await found(ann, 'plan')).toEqual([])
    expect(await found(bob, 'plan')).toHaveLength(4)
    await say(bob, id, 'Plan again')
    expect(await found(ann, 'plan', { limit: 1 })).toEqual(['Plan again'])
    expect(await found(ann, 'plan')).toEqual(['Plan again'])
    expect(await found(cleo, 'plan')).toEqual([])
  })

  test('is narrowed by chat, sender, type and time', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await three(w)
    const [one, two] = [await privateChat(ann, bob), await groupChat(ann, bob, cleo)]
    const first = await say(ann, one, 'Tea one')
    await Bun.sleep(5)
    await say(bob, two, 'Tea two')
    await say(cleo, two, 'Tea https://example.com/tea.png', { message_type: 'image' })
    await Bun.sleep(5)
    const last = await say(ann, two, 'Tea three')
    expect(await found(ann, 'tea', { chat_id: one })).toEqual(['Tea one'])
    expect(await found(ann, 'tea', { from: 'me' })).toEqual(['Tea three', 'Tea one'])
    expect(await found(ann, 'tea', { from: '@BOB' })).toEqual(['Tea two'])
    expect(await found(ann, 'tea', { from: cleo.id, type: 'image' })).toHaveLength(1)
    expect(await found(ann, 'tea', { type: 'text' })).toEqual(['Tea three', 'Tea two', 'Tea one'])
    expect(await found(ann, 'tea', { type: 'video' })).toEqual([])
    expect(await found(ann, 'tea', { after: first.created_at })).toHaveLength(3)
    expect(await found(ann, 'tea', { before: last.created_at, type: 'text' })).toEqual(['Tea two', 'Tea one'])
    expect(await found(ann, 'tea', { after: first.created_at, before: last.created_at })).toHaveLength(2)
    expect(
      await found(ann, 'tea', { after: '2000-01-01T02:00:00+02:00', before: '9999-12-31T23:59:59Z' }),
    ).toHaveLength(4)
    expect(await found(ann, 'tea', { before: '2000-01-01T00:00:00.000Z' })).toEqual([])
    expect(await found(cleo, 'tea', { from: ann.id })).toEqual(['Tea three'])
    expect((await search(cleo, 'tea', { chat_id: one })).status).toBe(404)
    expect((await search(ann, 'tea', { from: '@nobody' })).status).toBe(404)
  })

  test('is refused where it is not well-formed', async () => {
    await using w = await world()
    const [ann] = await three(w)
    const refused = [
      [{ chat_id: 'x' }, 422],
      [{ after: 'yesterday' }, 422],
      [{ before: '' }, 422],
      [{ type: 'song' }, 422],
      [{ limit: 0 }, 422],
      [{ cursor: 'x' }, 400],
      [{ cursor: Buffer.from('["x"]').toString('base64url') }, 400],
      [{ chat_id: '0'.repeat(24) }, 404],
    ] as const
    for (const [query, status] of refused) expect((await search(ann, 'tea', query)).status).toBe(status)
    expect((await search(ann, 'x'.repeat(201))).status).toBe(422)
    expect((await fetch(`${w.url}/messages/search?q=x`)).status).toBe(401)
    for (const q of ['', ' ', '?!', '🎉', '.*'])
      expect((await search(ann, q)).data).toEqual({ items: [], next: null })
  })
})

describe('pages of hits', () => {
  test('give each hit once, newest first, whatever comes meanwhile', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const chats = [await privateChat(ann, bob), await groupChat(ann, bob), await groupChat(bob, ann)]
    const ids: string[] = []
    for (let i = 0; i < 57; i++) {
      const { id } = await say(
        i % 2 === 0 ? ann : bob,
        chats[i % 3] as string,
        `${i % 5 === 0 ? 'rare' : 'often'} ${i} word`,
      )
      ids.unshift(id)
    }
    for (const limit of [1, 10, 19, 57, 100]) {
      const met: string[] = []
      let cursor: string | undefined
      do {
        const { data } = await search(ann, 'wor', { limit, ...(cursor && { cursor }) })
        expect(data!.items.length).toBeLessThanOrEqual(limit)
        met.push(...data!.items.map(hit => hit.message.id))
        cursor = data!.next ?? undefined
        if (limit === 10) await say(bob, chats[0] as string, 'another')
      } while (cursor)
      expect(met).toEqual(ids)
    }
    expect((await hits(bob, 'rare', { limit: 100 })).map(hit => hit.message.id)).toEqual(
      ids.filter((_, i) => (56 - i) % 5 === 0),
    )
  })

  test('are full although most candidates are no hits', async () => {
    await using w = await world()
    const [ann, bob] = await three(w)
    const id = await groupChat(ann, bob)
    for (let i = 0; i < 60; i++) await say(ann, id, i % 20 === 0 ? '我爱你' : '我爱 爱你')
    const { data } = await search(bob, '我爱你', { limit: 3 })
    expect(data).toMatchObject({ items: Array(3).fill({ ranges: [[0, 3]] }), next: null })
    const first = await search(bob, '我爱你', { limit: 2 })
    expect(first.data!.next).toBeString()
    expect(await found(bob, '我爱你', { limit: 2, cursor: first.data!.next })).toHaveLength(1)
  })
})
