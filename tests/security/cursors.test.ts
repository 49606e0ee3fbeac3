// Cursors that were altered or made up: a place in one's own list at most.
import { expect, setDefaultTimeout, test } from 'bun:test'
import { settle } from '../support/c1'
import { say } from '../support/chats'
import { uploaded } from '../support/files'
import { ANN, BOB, CHAT, everyOperation, MESSAGE } from '../support/operations'
import { call } from '../support/raw'
import { world, type World } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })

const packed = (...key: unknown[]) => Buffer.from(JSON.stringify(key)).toString('base64url')

/** Every list that goes on by a cursor, as paths. */
async function lists(w: World, real: Map<string, string>): Promise<string[]> {
  const operations = await everyOperation(w, real)
  return operations
    .filter(({ parameters }) => parameters?.some(({ name }: any) => name === 'cursor'))
    .map(({ asked }) => asked.path as string)
}

const withQuery = (path: string, query: string) => `${path}${path.includes('?') ? '&' : '?'}${query}`

/** A scene in which most lists have a second page. */
async function withPages() {
  const w = await freely()
  const scene = await settle(w)
  const { alice, bob, c1, message } = scene
  for (const content of ['secret two', 'secret three']) {
    const { id } = await say(alice, c1, content)
    await alice.api.users.me.saved({ message_id: id }).put()
    await uploaded(w, alice, content)
    await alice.api.chats.post({ chat_type: 'group', group_name: content, participants: [bob.id] })
    await call(w.url, 'POST', `/chats/${c1}/invites`, { token: alice.token, json: {} })
  }
  const real = new Map([
    [ANN, alice.id],
    [BOB, bob.id],
    [CHAT, c1],
    [MESSAGE, message],
  ])
  return { w, real, ...scene }
}

test('38: a cursor that was altered by a byte is refused, or a place in the same list: never an error', async () => {
  const { w, real, alice } = await withPages()
  await using world = w
  let tried = 0
  for (const path of await lists(world, real)) {
    const ask = (query: string) => call(w.url, 'GET', withQuery(path, query), { token: alice.token })
    const { next } = (await ask('limit=1')).body
    if (typeof next !== 'string') continue
    const all = JSON.stringify((await ask('limit=100')).body.items)
    tried++
    for (let i = 0; i < next.length; i++) {
      const altered = next.slice(0, i) + (next[i] === 'A' ? 'B' : 'A') + next.slice(i + 1)
      const { status, body } = await ask(`limit=1&cursor=${altered}`)
      expect([200, 400], `${path} ${altered} ${status}`).toContain(status)
      for (const item of body.items ?? []) expect(all).toContain(JSON.stringify(item.id ?? item).slice(1, -1))
    }
    for (const odd of [`${next}A`, next.slice(1), `${next}=`, '%00', 'x'.repeat(512)])
      expect([path, odd, (await ask(`cursor=${odd}`)).status]).toEqual([path, odd, 400])
  }
  expect(tried).toBeGreaterThan(5)
})

test('38: what is made up in place of a cursor is no error either, and no operator', async () => {
  const { w, real, alice } = await withPages()
  await using world = w
  const odd: unknown[] = [
    '',
    'x',
    '\ud800',
    '\0',
    '9'.repeat(200),
    -1,
    1.5,
    1e308,
    2 ** 53,
    0,
    8.64e15 + 1,
    null,
    {},
    { $gt: '' },
    [],
    true,
  ]
  const cursors = odd.flatMap(one => [
    packed(one),
    ...odd.map(other => packed(one, other)),
    packed(one, one, one),
  ])
  cursors.push(packed(), 'bnVsbA', 'e30', Buffer.from('{"length":1e9}').toString('base64url'))
  for (const path of await lists(world, real))
    for (const cursor of cursors) {
      const { status } = await call(w.url, 'GET', withQuery(path, `cursor=${cursor}`), { token: alice.token })
      expect([200, 400, 403, 404, 422], `${path} ${Buffer.from(cursor, 'base64url')} ${status}`).toContain(
        status,
      )
    }
})

test('38: somebody else’s cursor gives nothing of theirs', async () => {
  const { w, real, alice, mallory } = await withPages()
  await using world = w
  for (const path of await lists(world, real)) {
    const { next } = (await call(w.url, 'GET', withQuery(path, 'limit=1'), { token: alice.token })).body
    if (typeof next !== 'string') continue
    const { status, body } = await call(w.url, 'GET', withQuery(path, `cursor=${next}`), {
      token: mallory.token,
    })
    expect([200, 404]).toContain(status)
    expect(JSON.stringify(body)).not.toMatch(/secret/)
    if (
      status === 200 &&
      !path.startsWith('/users?') &&
      path !== '/users' &&
      !path.startsWith('/users/search')
    )
      expect(body.items).toEqual([])
  }
})
