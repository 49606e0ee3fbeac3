// Two hundred people whose sockets open, say this and that, and break at random: in the end everybody sees what is.
import { expect, spyOn, test } from 'bun:test'
import fc from 'fast-check'
import { groupChat, privateChat, say } from '../support/chats'
import { lineOf, type Frame, type Line } from '../support/line'
import { arrive, type Person } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

const PEOPLE = 200
const GROUP = 50
const ROUNDS = 6
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

interface Tab {
  line: Line
  away: boolean
  /** What this client believes: everybody it has not heard of is offline. */
  seen: Map<string, string>
}

/** A client that keeps to the protocol: after `hello` all are offline until they are told to be here. */
async function openTab(url: string, { token }: Person): Promise<Tab> {
  const seen = new Map<string, string>()
  const hear = (frame: Frame) => {
    const items = frame.type === 'presence' ? [frame] : frame.type === 'presences' ? frame.items : []
    for (const { user_id, presence } of items) seen.set(user_id, presence)
  }
  const headers = { authorization: `Bearer ${token}` }
  const line = lineOf(new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers } as never), hear)
  await line.hears('hello')
  return { line, away: false, seen }
}

const stateOf = (tabs: Tab[]) =>
  tabs.length === 0 ? 'offline' : tabs.every(({ away }) => away) ? 'away' : 'online'

test(`${PEOPLE} people through storms end right (SEED=${SEED})`, async () => {
  await using w = await world({}, { times: { graceMs: 300, tellMs: 20, typingMs: 5_000 } })
  const crowd: Person[] = []
  for (let i = 0; i < PEOPLE; i++) crowd.push(await w.as(`p${i}`))
  const neighbours = new Map<string, Person[]>(crowd.map(person => [person.id, []]))
  for (let from = 0; from < PEOPLE; from += GROUP) {
    const circle = crowd.slice(from, from + GROUP)
    await groupChat(circle[0] as Person, ...circle.slice(1))
    for (const one of circle)
      neighbours.set(
        one.id,
        circle.filter(other => other !== one),
      )
  }
  const [first, last] = [crowd[0] as Person, crowd[PEOPLE - 1] as Person]
  await privateChat(first, last)
  neighbours.get(first.id)?.push(last)
  neighbours.get(last.id)?.push(first)

  const tabs = new Map<string, Tab[]>(crowd.map(({ id }) => [id, []]))
  const deeds = fc.sample(fc.nat(9), { seed: SEED, numRuns: PEOPLE * ROUNDS })

  async function act(person: Person, deed: number) {
    const mine = tabs.get(person.id) as Tab[]
    if (deed < 4 && mine.length < 3) return void mine.push(await openTab(w.url, person))
    const tab = mine[deed % Math.max(1, mine.length)]
    if (!tab) return
    if (deed < 7) {
      tab.away = deed === 6
      await tab.line.ask({ type: 'presence', presence: tab.away ? 'away' : 'online' })
      return
    }
    mine.splice(mine.indexOf(tab), 1)
    // Cut, or closed as one should.
    if (deed === 7) (tab.line.socket as unknown as { terminate(): void }).terminate()
    else tab.line.close()
    // A reload: gone and back at once.
    if (deed === 9) mine.push(await openTab(w.url, person))
  }

  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(crowd.map((person, i) => act(person, deeds[round * PEOPLE + i] as number)))
  }

  const wrong = () =>
    crowd.flatMap(person =>
      (tabs.get(person.id) as Tab[]).flatMap(({ seen }) =>
        (neighbours.get(person.id) as Person[]).flatMap(other => {
          const [is, believed] = [stateOf(tabs.get(other.id) as Tab[]), seen.get(other.id) ?? 'offline']
          return is === believed ? [] : [`${person.name} takes ${other.name} for ${believed}, who is ${is}`]
        }),
      ),
    )
  for (let i = 0; i < 400 && wrong().length > 0; i++) await Bun.sleep(25)
  expect(wrong()).toEqual([])

  // Nobody hears of anybody else, and asking tells the same as listening.
  for (const person of crowd) {
    const known = new Set((neighbours.get(person.id) as Person[]).map(({ id }) => id))
    for (const { seen } of tabs.get(person.id) as Tab[])
      expect([...seen.keys()].filter(id => !known.has(id))).toEqual([])
  }
  for (const person of crowd.filter((_, i) => i % 20 === 0)) {
    const { data } = await person.api.users.get({ query: { limit: 100 } })
    for (const { id, presence, last_seen } of data!.items) {
      const shares = id === person.id || neighbours.get(person.id)?.some(other => other.id === id)
      const is = stateOf(tabs.get(id) as Tab[])
      expect(presence).toBe(shares ? (is as never) : null)
      if (!shares || is !== 'offline') expect(last_seen).toBeNull()
    }
  }
  for (const mine of tabs.values()) for (const { line } of mine) line.close()
}, 120_000)

test('nothing of somebody who is blocked is accepted once the block is answered', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const id = await privateChat(ann, bob)
  const group = await groupChat(bob)
  const { id: root } = await say(bob, id, 'begin')
  const { id: elsewhere } = await say(bob, group, 'elsewhere')
  const lines = await Promise.all(Array.from({ length: 4 }, () => bob.online()))
  const kinds = [
    { content: 'plain' },
    { content: 'with @ann', reply_to: root },
    { content: 'a thread', thread_of: root },
    { forward: { chat_id: group, message_id: elsewhere } },
  ]
  const statuses = new Set<number>()
  for (let round = 0; round < 20; round++) {
    let busy = true
    const flood = lines.map(async (line, i) => {
      while (busy) {
        const answer = await line.ask({ type: 'send', chat_id: id, ...kinds[i] })
        statuses.add(answer.type === 'ack' ? 200 : answer.status)
      }
    })
    await bob.api.chats({ id }).messages.post({ content: 'by REST' })
    expect((await ann.api.users.me.blocks({ id: bob.id }).put()).status).toBe(200)
    const { last_seq } = (await ann.api.chats({ id }).get()).data!
    expect((await bob.api.chats({ id }).messages.post({ content: 'too late' })).status).toBe(404)
    busy = false
    await Promise.all(flood)
    expect((await ann.api.chats({ id }).get()).data!.last_seq).toBe(last_seq)
    await ann.api.users.me.blocks({ id: bob.id }).delete()
  }
  expect([...statuses].toSorted()).toEqual([200, 404])
}, 120_000)

/** Makes the next call of a store's method wait until it is let go. */
function held<Port extends object>(port: Port, name: keyof Port & string) {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
  const { promise: called, resolve: isCalled } = Promise.withResolvers<void>()
  const method = port[name] as (...args: unknown[]) => Promise<unknown>
  const spy = spyOn(port, name as never) as unknown as { mockImplementationOnce(run: typeof method): void }
  spy.mockImplementationOnce(async (...args) => {
    isCalled()
    await gate
    return method(...args)
  })
  return { called, letGo }
}

test('a block holds for what was under way, and as soon as it is asked for', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const id = await privateChat(ann, bob)
  const { id: mid } = await say(bob, id, 'begin')
  const block = () => ann.api.users.me.blocks({ id: bob.id }).put()
  const reply = () => bob.api.chats({ id }).messages.post({ content: 'a reply', reply_to: mid })
  const edit = () => bob.api.chats({ id }).messages({ mid }).patch({ content: 'edited' })
  for (const write of [reply, edit]) {
    const lookUp = held(w.stores.messages, 'byId')
    const writing = write()
    await lookUp.called
    expect((await block()).status).toBe(200)
    lookUp.letGo()
    expect((await writing).status).toBe(404)
    await ann.api.users.me.blocks({ id: bob.id }).delete()
    expect((await write()).status).toBeOneOf([200, 201])
  }

  const storing = held(w.stores.blocks, 'block')
  const blocking = block()
  await storing.called
  expect((await bob.api.chats({ id }).messages.post({ content: 'hello?' })).status).toBe(404)
  storing.letGo()
  expect((await blocking).status).toBe(200)
  expect((await bob.api.chats({ id }).messages.post({ content: 'hello?' })).status).toBe(404)
})

test('when somebody was last seen outlasts a restart', async () => {
  await using home = await newHome()
  const server = await start(home)
  const [ann, bob] = [await arrive(server.url, 'ann'), await arrive(server.url, 'bob')]
  await privateChat(ann, bob)
  const line = await ann.online()
  const before = new Date().toISOString()
  server.process.kill()
  expect(await line.closed).toBe(1012)
  expect(await server.process.exited).toBe(0)
  const again = await start(home)
  const { body } = await call(again.url, 'GET', `/users/${ann.id}`, { token: bob.token })
  expect(body).toMatchObject({ presence: 'offline' })
  expect(body.last_seen >= before).toBeTrue()
  again.process.kill()
  await again.process.exited
}, 60_000)
