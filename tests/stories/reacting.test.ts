// Reactions and pins.
import { describe, expect, test } from 'bun:test'
import { groupChat, message, people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { call } from '../support/raw'
import { world } from '../support/world'

describe('reactions', () => {
  test('are counted per emoji, one of each per person, and everyone hears them', async () => {
    await using w = await world()
    const [ann, bob, mallory] = (await people(w, 'ann', 'bob', 'mallory')) as [Person, Person, Person]
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Party!')
    const line = await ann.online()
    const react = (who: Person, emoji: string) =>
      message(who, id, mid).reactions({ emoji: encodeURIComponent(emoji) })
    await react(bob, '🎉').put()
    await react(ann, '🎉').put()
    const { data } = await react(bob, '👍🏽').put()
    expect(data).toMatchObject({
      rev: 4,
      reactions: [
        { emoji: '🎉', count: 2, user_ids: [bob.id, ann.id] },
        { emoji: '👍🏽', count: 1, user_ids: [bob.id] },
      ],
    })
    expect((await react(bob, '🎉').put()).data?.rev).toBe(4)
    expect((await react(mallory, '🎉').put()).status).toBe(404)
    expect((await react(bob, '🎉').delete()).data).toMatchObject({
      rev: 5,
      reactions: [{ emoji: '🎉', user_ids: [ann.id] }, { emoji: '👍🏽' }],
    })
    await line.hears('message', frame => frame.message.rev === 5)
    expect((await message(bob, id, mid).reactions.get({ query: {} })).data?.items).toEqual([
      { emoji: '🎉', user_id: ann.id },
      { emoji: '👍🏽', user_id: bob.id },
    ])
  })

  test('are the same however a keyboard spells them', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Go')
    const react = (who: Person, emoji: string) =>
      message(who, id, mid).reactions({ emoji: encodeURIComponent(emoji) })
    const bare = ['\u2764', '\u{1F3F3}\u200D\u{1F308}', '1\u20E3', '\u{1F44D}\uFE0F', '\u270C\u{1F3FD}']
    const full = ['\u2764\uFE0F', '\u{1F3F3}\uFE0F\u200D\u{1F308}', '1\uFE0F\u20E3', '\u{1F44D}', bare[4]!]
    for (const emoji of bare) expect((await react(ann, emoji).put()).status).toBe(200)
    for (const emoji of full) expect((await react(bob, emoji).put()).status).toBe(200)
    const { data } = await message(ann, id, mid).get()
    expect(data?.reactions.map(({ emoji, count }) => [emoji, count])).toEqual(full.map(emoji => [emoji, 2]))
    expect((await react(ann, bare[0]!).delete()).data?.reactions[0]).toMatchObject({ user_ids: [bob.id] })
  })

  test('are one emoji each, and at most twenty different ones', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await privateChat(ann, bob)
    const { id: mid } = await say(ann, id, 'Go')
    const put = (text: string) =>
      call(w.url, 'PUT', `/chats/${id}/messages/${mid}/reactions/${encodeURIComponent(text)}`, {
        token: bob.token,
      })
    for (const text of ['x', 'ok', '🎉🎉', '1', '🎉x', '#', '​', '<b>'])
      expect([text, (await put(text)).status]).toEqual([text, 422])
    const good = [
      '❤️',
      '👩‍👩‍👧‍👦',
      '🇩🇪',
      '1️⃣',
      '👍🏽',
      '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
      '☺️',
      '🥹',
      '😀',
      '😁',
      '😂',
      '😃',
      '😄',
      '😅',
      '😆',
      '😇',
      '😈',
      '😉',
      '😊',
      '😋',
    ]
    for (const text of good) expect([text, (await put(text)).status]).toEqual([text, 200])
    expect((await put('😌')).body).toMatchObject({ status: 409, code: 'too_many_reactions' })
    expect((await put('❤️')).status).toBe(200)
  })

  test('of forty people at once are all there', async () => {
    await using w = await world()
    const crowd = await people(w, ...Array.from({ length: 40 }, (_, i) => `p${i}`))
    const id = await groupChat(...(crowd as [Person]))
    const { id: mid } = await say(crowd[0] as Person, id, 'Vote')
    const emoji = encodeURIComponent('👍')
    await Promise.all(crowd.map(person => message(person, id, mid).reactions({ emoji }).put()))
    const { data } = await message(crowd[0] as Person, id, mid).get()
    expect(data?.reactions[0]?.count).toBe(40)
    expect(data?.rev).toBe(41)
    expect(new Set(data?.reactions[0]?.user_ids)).toEqual(new Set(crowd.map(person => person.id)))
  })
})

describe('pins', () => {
  test('anyone pins in a private chat, admins in a group; the one pinned last comes first', async () => {
    await using w = await world()
    const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
    const pair = await privateChat(ann, bob)
    const [one, two] = [await say(ann, pair, 'one'), await say(ann, pair, 'two')]
    await message(bob, pair, two.id).pin.put()
    await Bun.sleep(5)
    await message(ann, pair, one.id).pin.put()
    const pins = async (who: Person, id: string) =>
      (await who.api.chats({ id }).pins.get()).data?.items.map(({ content }) => content)
    expect(await pins(bob, pair)).toEqual(['one', 'two'])
    await message(bob, pair, one.id).pin.delete()
    expect(await pins(ann, pair)).toEqual(['two'])
    await message(ann, pair, two.id).delete({}, { query: {} })
    expect(await pins(ann, pair)).toEqual([])

    const group = await groupChat(ann, bob, cleo)
    const { id: mid } = await say(bob, group, 'rules')
    expect((await message(bob, group, mid).pin.put()).status).toBe(403)
    expect((await message(ann, group, mid).pin.put()).data?.pinned_at).toEqual(expect.any(String))
    expect(await pins(cleo, group)).toEqual(['rules'])
    expect((await ann.api.chats({ id: pair }).pins.get()).status).toBe(200)
    expect((await cleo.api.chats({ id: pair }).pins.get()).status).toBe(404)
  })
  test('are at most fifty, also when sixty are pinned at once', async () => {
    await using w = await world()
    const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
    const id = await privateChat(ann, bob)
    const sent = await Promise.all(Array.from({ length: 60 }, (_, i) => say(ann, id, `${i}`)))
    const answers = await Promise.all(
      sent.map(({ id: mid }, i) => message(i % 2 ? ann : bob, id, mid).pin.put()),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...Array<number>(50).fill(200),
      ...Array<number>(10).fill(409),
    ])
    expect((await ann.api.chats({ id }).pins.get()).data?.items).toHaveLength(50)
  })
})
