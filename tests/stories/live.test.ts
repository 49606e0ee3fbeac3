// What people hear on their sockets, in which order, and how a socket ends.
import { describe, expect, test } from 'bun:test'
import { lineOf, type Line } from '../support/line'
import { signIn, type Person } from '../support/people'
import { slowpoke } from '../support/slowpoke'
import { frame } from '../support/tcp'
import { world, type World } from '../support/world'

async function groupOf(w: World, names: string[]) {
  const people: Person[] = []
  for (const name of names) people.push(await w.as(name))
  const [owner, ...others] = people as [Person, ...Person[]]
  const { data } = await owner.api.chats.post({
    chat_type: 'group',
    group_name: 'HQ',
    participants: others.map(({ id }) => id),
  })
  return { people, id: data!.id }
}

describe('a socket', () => {
  test('tells a sender of a small chat that a message is stored, and the message, in one write', async () => {
    await using w = await world()
    const { people, id } = await groupOf(w, ['ann', 'bob'])
    const ann = await slowpoke(w.url, (people[0] as Person).token)
    ann.write(frame(1, JSON.stringify({ type: 'send', id: 1, chat_id: id, content: 'Hello' })))
    while (!ann.sofar().frames.some(text => text.startsWith('{"type":"message"'))) await Bun.sleep(5)
    const piece = ann.pieces().find(texts => texts.some(text => text.startsWith('{"type":"ack"')))
    const types = piece?.map(text => (JSON.parse(text) as { type: string }).type)
    expect(types?.filter(type => type !== 'presences')).toEqual(['ack', 'message'])
    ann.leave()
  })

  test('greets with who I am and what is allowed', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const line = await ann.online()
    expect(line.heard[0]).toMatchObject({
      type: 'hello',
      user_id: ann.id,
      session_id: expect.stringMatching(/^[0-9a-f]{24}$/),
      limits: { frame_bytes: 65_536, content_length: 8_000 },
    })
  })

  test('opens by subprotocol too, at the older address too, and selects natter.v1', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    for (const path of ['/ws', '/ws/chat', '/ws/']) {
      const socket = new WebSocket(w.url.replace('http', 'ws') + path, ['natter.v1', `bearer.${ann.token}`])
      await lineOf(socket).hears('hello')
      expect(socket.protocol).toBe('natter.v1')
      socket.close()
    }
  })

  test('Bob, online, hears what Ann writes; Mallory hears nothing', async () => {
    await using w = await world()
    const { people, id } = await groupOf(w, ['ann', 'bob'])
    const [ann, bob] = people as [Person, Person]
    const mallory = await w.as('mallory')
    const [annLine, bobLine, malloryLine] = [await ann.online(), await bob.online(), await mallory.online()]
    const phone = await (await signIn(w.url, ann)).online()

    const { message } = await annLine.ask({ type: 'send', chat_id: id, content: 'Hello' })
    expect(message).toMatchObject({ seq: 1, rev: 1, content: 'Hello', sender_id: ann.id })
    const heard = await bobLine.hears('message')
    expect(heard.message).toEqual(message)
    await phone.hears('message')
    await annLine.hears('message')
    const toldOfMessages = annLine.heard.map(({ type }) => type).filter(type => type !== 'session')
    expect(toldOfMessages.filter(type => !type.startsWith('presence'))).toEqual(['hello', 'ack', 'message'])

    const { data: sent } = await bob.api.chats({ id }).messages.post({ content: 'By REST' })
    expect((await annLine.hears('message', frame => frame.message.seq === 2)).message).toEqual(sent as object)
    expect(await malloryLine.ask({ type: 'send', chat_id: id, content: 'Let me in' })).toMatchObject({
      type: 'error',
      status: 404,
      code: 'not_found',
    })
    expect(malloryLine.heard.map(({ type }) => type)).toEqual(['hello', 'error'])
  })

  test('tells of reading and typing, on my other devices too', async () => {
    await using w = await world()
    const { people, id } = await groupOf(w, ['ann', 'bob'])
    const [ann, bob] = people as [Person, Person]
    await ann.api.chats({ id }).messages.post({ content: 'Read me' })
    const [annLine, bobLine] = [await ann.online(), await bob.online()]
    const phone = await (await signIn(w.url, bob)).online()
    expect(await bobLine.ask({ type: 'read', chat_id: id, seq: 1 })).toMatchObject({ type: 'ack', seq: 1 })
    for (const line of [annLine, phone])
      expect(await line.hears('read')).toEqual({ type: 'read', chat_id: id, user_id: bob.id, seq: 1 })
    bobLine.say({ type: 'typing', chat_id: id, on: true })
    expect(await annLine.hears('typing')).toEqual({ type: 'typing', chat_id: id, user_id: bob.id, on: true })
    expect(await bobLine.ask({ type: 'status', status: 'here' })).toMatchObject({ type: 'ack' })
    expect((await ann.api.users({ id: bob.id }).get()).data?.status).toBe('here')
    expect(await bobLine.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  })

  test('hears of chats that are opened while it is open', async () => {
    await using w = await world()
    const [ann, bob] = [await w.as('ann'), await w.as('bob')]
    const line = await bob.online()
    const { data } = await ann.api.chats.post({ participants: [bob.id] })
    expect((await line.hears('chat')).chat).toMatchObject({
      id: data!.id,
      unread_count: 0,
      my: { role: 'member' },
    })
    await ann.api.chats({ id: data!.id }).messages.post({ content: 'Hi' })
    await line.hears('message')
  })

  test('handles its frames in the order they came', async () => {
    await using w = await world()
    const { people, id } = await groupOf(w, ['ann', 'bob'])
    const line = await (people[0] as Person).online()
    for (let i = 0; i < 200; i++) line.say({ type: 'send', id: i, chat_id: id, content: `${i}` })
    await line.hears('ack', frame => frame.id === 199)
    expect(line.of('ack').map(frame => [frame.id, frame.message.content])).toEqual(
      Array.from({ length: 200 }, (_, i) => [i, `${i}`]),
    )
  })
})

describe('many at once', () => {
  test('2,000 sends by 8 members into one chat: seq 1 to 2,000, everyone hears everything in order', async () => {
    await using w = await world()
    const { people, id } = await groupOf(w, ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal'])
    const lines = await Promise.all(people.map(person => person.online()))
    const sends = people.flatMap((person, p) =>
      Array.from({ length: 250 }, async (_, i) => {
        const client_id = `${p}-${i}`
        if (i % 2)
          return (await (lines[p] as Line).ask({ type: 'send', chat_id: id, content: client_id, client_id }))
            .message.seq
        return (await person.api.chats({ id }).messages.post({ content: client_id, client_id })).data?.seq
      }),
    )
    const seqs = (await Promise.all(sends)) as number[]
    const all = Array.from({ length: 2_000 }, (_, i) => i + 1)
    expect(seqs.toSorted((a, b) => a - b)).toEqual(all)
    for (const line of lines) {
      await line.hears('message', ({ message }) => message.seq === 2_000)
      expect(line.of('message').map(({ message }) => message.seq)).toEqual(all)
      expect(line.of('message').map(({ message }) => message.rev)).toEqual(all)
    }
    const { data: page } = await (people[3] as Person).api
      .chats({ id })
      .messages.get({ query: { after: 1_900, limit: 100 } })
    expect(page?.items.map(({ seq }) => seq)).toEqual(all.slice(1_900))
  }, 60_000)
})

describe('bad frames', () => {
  test.each([
    ['{bad', 400],
    ['123', 422],
    ['true', 422],
    ['null', 422],
    ['[]', 422],
    ['{}', 422],
    ['{"type":"toString"}', 422],
    ['{"type":["send"]}', 422],
    ['{"type":"send","chat_id":"x","content":"hi"}', 422],
    ['{"type":"send","chat_id":{"$ne":null},"content":"hi"}', 422],
    ['{"type":"send","chat_id":"000000000000000000000000","content":"\\ud800"}', 422],
    ['{"type":"send","chat_id":"000000000000000000000000","content":"hi"}', 404],
    [`{"type":"ping","id":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 422],
    ['{"type":"ping","__proto__":{"admin":true}}', 422],
  ])('%s gets an error frame with %p, and the socket stays open', async (text, status) => {
    await using w = await world()
    const line = await (await w.as('ann')).online()
    line.say(text)
    const error = await line.hears('error')
    expect(error).toMatchObject({ status })
    expect(JSON.stringify(error)).not.toContain('$ne')
    expect(await line.ask({ type: 'ping' })).toMatchObject({ type: 'pong' })
  })

  test('binary frames are refused, twenty bad ones end the socket', async () => {
    await using w = await world()
    const line = await (await w.as('ann')).online()
    for (let i = 0; i < 20; i++) line.socket.send(new Uint8Array([1, 2, 3]))
    expect(await line.closed).toBe(4400)
    expect(line.of('error')).toHaveLength(20)
    expect(line.of('bye')).toEqual([{ type: 'bye', code: 4400, retry: false, reason: expect.any(String) }])
  })

  test('a frame above 64 KB closes the socket, and nobody else notices', async () => {
    await using w = await world()
    const { people, id } = await groupOf(w, ['ann', 'bob'])
    const [annLine, bobLine] = [await (people[0] as Person).online(), await (people[1] as Person).online()]
    annLine.say({ type: 'send', chat_id: id, content: 'x'.repeat(65_536) })
    expect(await annLine.closed).toBe(1009)
    expect(annLine.heard.at(-1)).toMatchObject({ type: 'bye', code: 1009 })
    expect(await bobLine.ask({ type: 'send', chat_id: id, content: 'still here' })).toMatchObject({
      type: 'ack',
    })
  })
})

describe('origins', () => {
  test('with a list, pages of other origins cannot connect; those without an origin can', async () => {
    await using w = await world({ CORS_ORIGINS: ['https://chat.example.com'] })
    const ann = await w.as('ann')
    const open = (origin?: string) => {
      const headers = { authorization: `Bearer ${ann.token}`, ...(origin && { origin }) }
      const socket = new WebSocket(`${w.url.replace('http', 'ws')}/ws`, { headers } as never)
      return new Promise<boolean>(resolve => {
        socket.onmessage = () => (resolve(true), socket.close())
        socket.onerror = () => resolve(false)
      })
    }
    expect(await open('https://evil.example')).toBe(false)
    expect(await open('https://chat.example.com')).toBe(true)
    expect(await open()).toBe(true)
  })
})
