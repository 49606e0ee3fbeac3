// Coming back after a while: what `sync` and `changes` tell.
import { describe, expect, test } from 'bun:test'
import { unavailable } from '../../src/lib/errors'
import { chatOf, groupChat, message, people, privateChat, say } from '../support/chats'
import { connect, type Line } from '../support/line'
import type { Person } from '../support/people'
import { call } from '../support/raw'
import { world } from '../support/world'

const four = async (w: Parameters<typeof people>[0]) =>
  (await people(w, 'ann', 'bob', 'cleo', 'dan')) as [Person, Person, Person, Person]

/** Asks for all that was missed, and answers the types of what came until `synced`. */
async function sync(line: Line, chats: Record<string, number>, mine?: number, at?: number, epoch?: string) {
  const before = line.heard.length
  line.say(JSON.parse(JSON.stringify({ type: 'sync', chats, mine, at, epoch })))
  await line.hears('synced', frame => line.heard.indexOf(frame) >= before)
  return line.heard.slice(before)
}

describe('changes', () => {
  test('tell each changed message once, as it is now, in the order of rev; paged', async () => {
    await using w = await world()
    const [ann, bob, , dan] = await four(w)
    const id = await privateChat(ann, bob)
    const [one, two] = [await say(ann, id, 'one'), await say(ann, id, 'two'), await say(ann, id, 'three')]
    await message(ann, id, one.id).patch({ content: 'uno' })
    await message(ann, id, two.id).delete({}, { query: {} })
    await message(ann, id, one.id).patch({ content: 'eins' })
    const changes = async (since: number, limit?: number) =>
      (await bob.api.chats({ id }).changes.get({ query: { since, ...(limit && { limit }) } })).data!
    const all = await changes(0)
    expect(all).toMatchObject({ rev: 6, more: false })
    expect(all.items.map(({ seq, rev, content }) => [seq, rev, content])).toEqual([
      [3, 3, 'three'],
      [2, 5, ''],
      [1, 6, 'eins'],
    ])
    expect(await changes(0, 2)).toMatchObject({ rev: 5, more: true, items: [{ seq: 3 }, { seq: 2 }] })
    expect(await changes(5)).toMatchObject({ rev: 6, more: false, items: [{ seq: 1 }] })
    expect(await changes(6)).toEqual({ items: [], rev: 6, more: false, epoch: all.epoch })
    const ahead = await bob.api.chats({ id }).changes.get({ query: { since: 7 } })
    expect(ahead.error?.value).toMatchObject({ status: 409, code: 'ahead' })
    const silent = await privateChat(ann, dan)
    expect((await dan.api.chats({ id: silent }).changes.get({ query: { since: 0 } })).data?.rev).toBe(0)
    expect((await dan.api.chats({ id: silent }).changes.get({ query: { since: 1 } })).status).toBe(409)
    expect((await dan.api.chats({ id }).changes.get({ query: { since: 0 } })).status).toBe(404)
    expect((await call(w.url, 'GET', `/chats/${id}/changes?since=-1`, { token: bob.token })).status).toBe(422)
  })
})

describe('after the store was put back from a copy', () => {
  test('a client of another epoch starts over, however far it is; one that says none is believed', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const [pair, group] = [await privateChat(ann, bob), await groupChat(ann, bob, cleo)]
    await say(ann, pair, 'one')
    const { id: hidden } = await say(ann, group, 'two')
    await message(bob, group, hidden).delete({}, { query: { for: 'me' } })
    const line = await bob.online()
    const known = { [pair]: 1, [group]: 1 }
    const first = (await sync(line, known)).at(-1)!
    expect(line.of('hello')).toMatchObject([{ epoch: first.epoch }])
    const ask = async (epoch?: string, since = 1) =>
      bob.api.chats({ id: pair }).changes.get({ query: { since, ...(epoch && { epoch }) } })
    expect((await ask()).data).toEqual({ items: [], rev: 1, more: false, epoch: first.epoch })
    const same = async (epoch?: string) => {
      const { mine, at } = first
      return sync(await bob.online(), known, mine, at, epoch)
    }
    const told = async (epoch?: string) => (await same(epoch)).map(({ type }) => type)
    const quiet = await told(first.epoch)
    expect(quiet).not.toContain('reset')

    await w.stores.epoch.renew({ keepSignIns: true })
    const heard = await same(first.epoch)
    const epoch = w.stores.epoch.current()
    expect(heard.filter(({ type }) => type === 'reset').map(({ chat_id }) => chat_id as string)).toEqual(
      expect.arrayContaining([pair, group]),
    )
    // What is mine comes from the beginning, since its numbers are void too.
    expect(heard.filter(({ type }) => type === 'hidden')).toMatchObject([{ message_id: hidden }])
    expect(heard.at(-1)).toMatchObject({ type: 'synced', epoch })
    expect((await bob.online()).of('hello')).toMatchObject([{ epoch }])
    expect(await told(epoch)).toEqual(quiet)
    expect(await told()).toEqual(quiet)
    const gone = await sync(await cleo.online(), { [pair]: 1, [group]: 1 }, 0, 0, first.epoch)
    expect(gone.map(({ type, chat_id }) => [type, chat_id])).toEqual(
      expect.arrayContaining([
        ['chat_gone', pair],
        ['reset', group],
      ]),
    )

    expect((await ask(first.epoch)).error?.value).toMatchObject({ status: 409, code: 'other_epoch' })
    expect((await ask(epoch)).data).toMatchObject({ rev: 1, epoch })
    expect((await ask()).data).toMatchObject({ rev: 1, epoch })
    // Whoever knows nothing has nothing to lose: so a client that starts over is answered.
    expect((await ask(first.epoch, 0)).data).toMatchObject({ rev: 1, epoch, items: [{ content: 'one' }] })
    const stranger = { query: { since: 1, epoch: first.epoch } }
    expect((await cleo.api.chats({ id: pair }).changes.get(stranger)).status).toBe(404)
    expect((await ask('x'.repeat(65))).status).toBe(422)
    const long = { type: 'sync', chats: {}, epoch: 'x'.repeat(65) }
    expect(await (await bob.online()).ask(long)).toMatchObject({ type: 'error', status: 422 })
  })
})

describe('sync', () => {
  test('tells what is new, what changed, what is gone and what is mine, then goes on live', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const [pair, group] = [await privateChat(ann, bob), await groupChat(ann, bob, cleo)]
    await say(ann, pair, 'one')
    const line = await bob.online()
    const first = await sync(line, { [pair]: 0, [group]: 0 })
    expect(first.map(({ type }) => type)).toEqual(['changes', 'synced'])
    const { mine } = first.at(-1)!
    line.close()

    await say(ann, pair, 'two')
    const { id: mid } = await say(ann, pair, 'three')
    await message(bob, pair, mid).delete({}, { query: { for: 'me' } })
    await bob.api.chats({ id: pair }).draft.put({ content: 'Well' })
    await ann.api.chats({ id: group }).members({ user_id: bob.id }).delete()
    const fresh = await privateChat(cleo, bob)

    const back = await bob.online()
    const heard = await sync(back, { [pair]: 1, [group]: 0 }, mine)
    expect(heard.find(({ type }) => type === 'changes')).toMatchObject({
      chat_id: pair,
      rev: 3,
      more: false,
      items: [{ content: 'two' }],
    })
    expect(heard.find(({ type }) => type === 'chat_gone')).toEqual({ type: 'chat_gone', chat_id: group })
    expect(heard.find(({ type }) => type === 'chat')?.chat).toMatchObject({
      id: fresh,
      my: { role: 'member' },
    })
    expect(heard.find(({ type }) => type === 'hidden')).toMatchObject({
      chat_id: pair,
      message_id: mid,
      seq: 3,
    })
    expect(heard.find(({ type, chat_id }) => type === 'my' && chat_id === pair)?.my).toMatchObject({
      draft: 'Well',
    })
    expect(heard.filter(({ type }) => type === 'synced')).toHaveLength(1)
    await say(ann, pair, 'four')
    await back.hears('message', frame => frame.message.content === 'four')
    const nothing = await sync(back, { [pair]: 4, [fresh]: 0 }, heard.at(-1)!.mine)
    expect(nothing.map(({ type }) => type)).toEqual(['synced'])
  })

  test('tells what all see of a chat where it changed meanwhile, and how far others have read since', async () => {
    await using w = await world()
    const [ann, bob, cleo, dan] = await four(w)
    const ids = [
      await groupChat(ann, bob, cleo),
      await groupChat(ann, bob, cleo),
      await groupChat(ann, bob, cleo),
    ]
    const [named, peopled, quiet] = ids as [string, string, string]
    for (const id of ids) await say(ann, id, 'one')
    const known = Object.fromEntries(ids.map(id => [id, 1]))
    const line = await bob.online()
    const first = (await sync(line, known)).at(-1)!
    line.close()
    expect(first.at).toBeLessThan(Date.now())
    // What happened up to a moment before `at` is told again: the groups above are not of that moment any more.
    while (Date.now() <= Date.parse((await chatOf(bob, quiet)).updated_at)) await Bun.sleep(1)
    const at = Date.now()
    expect((await sync(await bob.online(), known, first.mine, at)).map(({ type }) => type)).toEqual([
      'synced',
    ])

    await ann.api.chats({ id: named }).patch({ group_name: 'Walkers', retention_seconds: 86_400 })
    await ann.api.chats({ id: peopled }).members.post({ participants: [dan.id] })
    await ann.api.chats({ id: peopled }).members({ user_id: bob.id }).patch({ role: 'admin' })
    await cleo.api.chats({ id: peopled }).read.post({ seq: 1 })
    await (await dan.online()).ask({ type: 'delivered', chat_id: peopled, seq: 1 })
    const heard = await sync(await bob.online(), known, first.mine, at)
    const chats = heard.filter(({ type }) => type === 'chat').map(({ chat }) => chat)
    expect(chats.find(({ id }) => id === named)).toMatchObject({
      group_name: 'Walkers',
      retention_seconds: 86_400,
      unread_count: 1,
      my: { role: 'member' },
    })
    expect(chats.find(({ id }) => id === peopled)).toMatchObject({ member_count: 4, my: { role: 'admin' } })
    expect(chats.map(({ id }) => id)).not.toContain(quiet)
    expect(heard.filter(({ type }) => type === 'read')).toEqual([
      { type: 'read', chat_id: peopled, user_id: cleo.id, seq: 1 },
    ])
    // A client that was told a later time before the clock was set back hears of all.
    const ahead = await sync(await bob.online(), known, first.mine, Date.now() + 3_600_000)
    expect(ahead.flatMap(({ type, chat }) => (type === 'chat' ? chat.group_name : []))).toContain('Walkers')
    const without = await sync(await bob.online(), known, first.mine)
    expect(without.map(({ type }) => type)).toEqual(['synced'])
    expect(await (await bob.online()).ask({ type: 'sync', chats: {}, at: -1 })).toMatchObject({
      type: 'error',
      status: 422,
      errors: [{ path: 'frame/at', code: 'too_small' }],
    })
  })

  test('with ?sync=1 live events wait from hello on, and come once, after synced', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const line = await connect(w.url, bob.token, '/ws?sync=1')
    await say(ann, id, 'one')
    await ann.api.chats({ id }).read.post({ seq: 1 })
    await Bun.sleep(50)
    expect(line.heard.map(({ type }) => type)).toEqual(['hello'])
    const heard = await sync(line, { [id]: 0 })
    expect(heard.map(({ type }) => type)).toEqual(['changes', 'synced'])
    await line.hears('read')
    expect(line.of('message')).toEqual([])
    await say(ann, id, 'two')
    expect((await line.hears('message')).message).toMatchObject({ content: 'two', rev: 2 })
  })

  test('nothing that waited shows a chat, or what is mine, as it was before', async () => {
    await using w = await world()
    const [ann, bob, cleo] = await four(w)
    const id = await groupChat(ann, bob)
    const { id: message_id } = await say(ann, id, 'one')
    const line = await connect(w.url, bob.token, '/ws?sync=1')
    const witness = await cleo.online()
    await ann.api.chats({ id }).patch({ group_name: 'y' })
    await ann.api.chats({ id }).patch({ group_name: 'y2' })
    await ann.api.chats({ id }).members.post({ participants: [cleo.id] })
    await witness.hears('chat')
    await ann.api.chats({ id }).patch({ group_name: 'y3' })
    await say(ann, id, 'two')
    await message(bob, id, message_id).delete({}, { query: { for: 'me' } })
    for (const content of ['a', 'ab']) await bob.api.chats({ id }).draft.put({ content })
    await sync(line, {})
    await say(ann, id, 'last')
    await line.hears('message', frame => frame.message.content === 'last')
    const shown = line.of('chat').map(({ chat }) => [chat.group_name, chat.last_seq, chat.rev])
    expect(new Set(shown.map(String))).toEqual(new Set(['y3,2,2']))
    expect(line.of('hidden')).toEqual([{ type: 'hidden', chat_id: id, message_id, seq: 1 }])
    expect(line.of('my').map(({ my }) => my.draft)).toEqual(['ab'])
  })

  test('a chat that was left and joined again while it waited is gone, then mine', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await groupChat(ann, bob)
    const line = await connect(w.url, bob.token, '/ws?sync=1')
    await ann.api.chats({ id }).members({ user_id: bob.id }).delete()
    await ann.api.chats({ id }).members.post({ participants: [bob.id] })
    await ann.api.chats({ id }).patch({ group_name: 'Walkers' })
    await sync(line, { [id]: 0 })
    await say(ann, id, 'last')
    await line.hears('message')
    const told = line.heard.filter(({ type }) => type === 'chat' || type === 'chat_gone')
    expect(told[0]?.type).toBe('chat_gone')
    expect(told.at(-1)?.chat).toMatchObject({ id, group_name: 'Walkers' })
  })

  test('long chats come in pages of at most 300, very long or unknown states as a reset', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    await Promise.all(Array.from({ length: 650 }, (_, i) => say(ann, id, `${i}`)))
    const line = await bob.online()
    const pages = (await sync(line, { [id]: 0 })).filter(({ type }) => type === 'changes')
    expect(pages.flatMap(({ items }) => items.map(({ rev }: { rev: number }) => rev))).toEqual(
      Array.from({ length: 650 }, (_, i) => i + 1),
    )
    expect(pages.every(({ items, rev }) => items.length <= 300 && items.at(-1).rev === rev)).toBe(true)
    expect(pages.map(({ more }) => more)).toEqual(pages.map((_, i) => i < pages.length - 1))
    expect((await sync(line, { [id]: 9_999 })).map(({ type }) => type)).toEqual(['reset', 'synced'])
  })

  test('a chat that I deleted for me is gone on all my devices, and comes back without what it had', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    await say(ann, id, 'one')
    await bob.api.chats({ id }).delete({}, { query: {} })
    const types = async (chats: Record<string, number>) =>
      (await sync(await bob.online(), chats)).map(({ type }) => type).filter(type => type !== 'my')
    expect(await types({ [id]: 1 })).toEqual(['chat_gone', 'synced'])
    expect(await types({})).toEqual(['synced'])
    await say(ann, id, 'two')
    expect(await types({})).toEqual(['chat', 'synced'])
    const heard = await sync(await bob.online(), { [id]: 1 })
    expect(heard.map(({ type }) => type)).toEqual(['changes', 'my', 'synced'])
    expect(heard[0]?.items).toMatchObject([{ content: 'two' }])
    expect(heard[1]?.my.cleared_seq).toBe(1)
  })

  test('a client that has read more than the chat tells of itself is not sent to load it anew', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    await say(ann, id, 'one')
    await say(ann, id, 'two')
    const { chats } = w.stores
    const standings = chats.standingsOf.bind(chats)
    chats.standingsOf = async me => (await standings(me)).map(chat => ({ ...chat, rev: 1 }))
    const line = await bob.online()
    expect((await sync(line, { [id]: 2 })).map(({ type }) => type)).toEqual(['synced'])
    expect((await sync(line, { [id]: 3 })).map(({ type }) => type)).toEqual(['reset', 'synced'])
    expect((await sync(line, { [id]: 1e300 })).map(({ type }) => type)).toEqual(['reset', 'synced'])
  })

  test('a `mine` that was never given brings all that is mine', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    await bob.api.chats({ id }).draft.put({ content: 'Well' })
    const line = await bob.online()
    expect((await sync(line, { [id]: 0 }, 9_999)).map(({ type }) => type)).toEqual(['my', 'synced'])
    expect((await sync(line, { [id]: 0 }, 1)).map(({ type }) => type)).toEqual(['synced'])
  })

  test('a chat that cannot be read just then is to be asked for again', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const [id, other] = [await privateChat(ann, bob), await groupChat(ann, bob)]
    await say(ann, id, 'one')
    await say(ann, other, 'two')
    const { messages } = w.stores
    const changes = messages.changes.bind(messages)
    messages.changes = async (chatId, ...rest) => {
      if (chatId === id) throw unavailable('storage_failed', 'Try again.')
      return changes(chatId, ...rest)
    }
    const heard = await sync(await bob.online(), { [id]: 0, [other]: 0 })
    expect(heard.find(({ type }) => type === 'resync')).toEqual({ type: 'resync', chat_id: id })
    expect(heard.find(({ type }) => type === 'changes')?.chat_id).toBe(other)
  })

  test('what is told to me alone waits too, however much waits with it', async () => {
    await using w = await world()
    const [ann, bob] = await four(w)
    const id = await privateChat(ann, bob)
    const { id: message_id } = await say(ann, id, 'one')
    const line = await connect(w.url, bob.token, '/ws?sync=1')
    for (let i = 0; i < 2_000; i++)
      w.services.events.publish({ type: 'typing', chat_id: id, user_id: ann.id, on: true })
    await bob.api.users.me.saved({ message_id }).put()
    const heard = await sync(line, { [id]: 1 })
    expect(heard.map(({ type }) => type)).toEqual(['synced'])
    expect(await line.hears('saved')).toEqual({ type: 'saved', message_id, saved: true })
    await line.hears('resync')
    expect(line.of('typing')).toEqual([])
  })

  test('a stranger’s chat is answered as gone, and nothing of it is told', async () => {
    await using w = await world()
    const [ann, bob, , dan] = await four(w)
    const id = await privateChat(ann, bob)
    await say(ann, id, 'Secret')
    const line = await dan.online()
    const heard = await sync(line, { [id]: 0, ['0'.repeat(24)]: 5 })
    expect(heard.map(({ type }) => type).toSorted()).toEqual(['chat_gone', 'chat_gone', 'synced'])
    expect(await line.ask({ type: 'sync', chats: { nonsense: 1 } })).toMatchObject({
      type: 'error',
      status: 422,
    })
  })
})
