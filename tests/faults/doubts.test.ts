// A store that fails without saying whether it has done what was asked: members learn of what it has done.
import { expect, test } from 'bun:test'
import { unavailable } from '../../src/lib/errors'
import { message, people, privateChat, say } from '../support/chats'
import type { Person } from '../support/people'
import { world, type World } from '../support/world'

/** From now on the answers of these are lost: after they were done, or before. */
function losing(w: World, when: 'after' | 'before') {
  const { append, change } = w.stores.messages
  const lost = () => unavailable('storage_failed', 'Try again.')
  w.stores.messages.append = async sent => {
    if (when === 'after') await append(sent)
    throw lost()
  }
  w.stores.messages.change = async (...asked) => {
    if (when === 'after') await change(...asked)
    else await change(asked[0], asked[1], stored => (asked[2](stored, []), null))
    throw lost()
  }
  return () => Object.assign(w.stores.messages, { append, change })
}

test('what was stored and could not be told: members are told to look, and find it', async () => {
  await using w = await world()
  const [ann, bob, cleo] = (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]
  const id = await privateChat(ann, bob)
  const other = await privateChat(ann, cleo)
  const first = await say(ann, id, 'first')
  const [line, strange] = [await bob.online(), await cleo.online()]

  const find = losing(w, 'after')
  const sent = await ann.api.chats({ id }).messages.post({ content: 'second', client_id: 'c2' })
  expect(sent.status).toBe(503)
  find()
  await line.hears('resync', ({ chat_id }) => chat_id === id)
  const { data } = await bob.api.chats({ id }).changes.get({ query: { since: first.rev } })
  expect(data!.items).toMatchObject([{ content: 'second', seq: 2 }])
  const again = await ann.api.chats({ id }).messages.post({ content: 'second', client_id: 'c2' })
  expect([again.status, again.data?.seq]).toEqual([200, 2])

  line.heard.length = 0
  const findAgain = losing(w, 'after')
  expect((await message(ann, id, first.id).patch({ content: 'edited' })).status).toBe(503)
  findAgain()
  await line.hears('resync')
  expect((await bob.api.chats({ id }).messages({ mid: first.id }).get()).data?.content).toBe('edited')

  await say(ann, other, 'to cleo')
  await strange.hears('message')
  expect(strange.of('resync')).toEqual([])
}, 20_000)

test('what was not stored is told to nobody', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  const [id, other] = [await privateChat(ann, bob), await privateChat(bob, bob)]
  const first = await say(ann, id, 'first')
  const line = await bob.online()
  const find = losing(w, 'before')
  expect((await ann.api.chats({ id }).messages.post({ content: 'second' })).status).toBe(503)
  expect((await message(ann, id, first.id).patch({ content: 'edited' })).status).toBe(503)
  find()
  // A doubt that came later and is told shows that the earlier ones have been looked up.
  const lose = losing(w, 'after')
  expect((await bob.api.chats({ id: other }).messages.post({ content: 'note' })).status).toBe(503)
  lose()
  await line.hears('resync', ({ chat_id }) => chat_id === other)
  expect(line.of('resync').filter(({ chat_id }) => chat_id === id)).toEqual([])
}, 20_000)
