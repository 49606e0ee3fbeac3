// kill -9 in the middle of many sends: nothing acknowledged is lost, nothing is stored twice, no gap.
import { expect, test } from 'bun:test'
import { connect, type Line } from '../support/line'
import { arrive } from '../support/people'
import { call } from '../support/raw'
import { newHome, start, type Server } from '../support/server'

const CYCLES = Number(process.env.KILL_CYCLES ?? 3)
const WRITERS = 20

async function historyOf(server: Server, token: string, id: string) {
  const messages: { seq: number; rev: number; client_id: string }[] = []
  for (let after: number | null = 0; after !== null;) {
    const { body }: { body: { items: typeof messages; after: number | null } } = await call(
      server.url,
      'GET',
      `/chats/${id}/messages?limit=100&after=${after}`,
      { token },
    )
    messages.push(...body.items)
    after = body.after
  }
  return messages
}

test(`${CYCLES} times, with ${WRITERS} sockets writing`, async () => {
  await using home = await newHome()
  let server = await start(home)
  const ann = await arrive(server.url, 'ann')
  const bob = await arrive(server.url, 'bob')
  const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
  const id = chat!.id
  const acked = new Map<string, number>()
  const unknown = new Set<string>()
  let count = 0

  const write = (line: Line) => {
    const client_id = `m${++count}`
    unknown.add(client_id)
    line.say({ type: 'send', id: client_id, chat_id: id, content: client_id, client_id })
  }

  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const lines = await Promise.all(Array.from({ length: WRITERS }, () => connect(server.url, ann.token)))
    for (const line of lines) {
      line.socket.addEventListener('message', event => {
        const frame = JSON.parse(event.data)
        if (frame.type !== 'ack') return
        acked.set(frame.id, frame.message.seq)
        unknown.delete(frame.id)
        write(line)
      })
      for (let i = 0; i < 3; i++) write(line)
    }
    await Bun.sleep(150 + Math.random() * 250)
    server.process.kill('SIGKILL')
    await Promise.all(lines.map(line => line.closed))
    await server.process.exited

    const down = performance.now()
    server = await start(home)
    expect((await call(server.url, 'GET', '/ready')).status).toBe(200)
    expect(performance.now() - down).toBeLessThan(10_000)

    const history = await historyOf(server, ann.token, id)
    const stored = new Map(history.map(message => [message.client_id, message.seq]))
    expect([...acked].filter(([client_id, seq]) => stored.get(client_id) !== seq)).toEqual([])
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_, i) => i + 1))
    expect(stored.size).toBe(history.length)

    // What is derived is right at the first look, also for what was stored but never acknowledged.
    const { body: seen } = await call(server.url, 'GET', `/chats/${id}`, { token: bob.token })
    expect(seen).toMatchObject({
      last_seq: history.length,
      unread_count: history.length,
      last_message: { seq: history.length },
    })

    // A send of unknown outcome is repeated with the same client_id, and stands once.
    for (const client_id of unknown) {
      const { status, body } = await call(server.url, 'POST', `/chats/${id}/messages`, {
        token: ann.token,
        json: { content: client_id, client_id },
      })
      expect([status, body.seq]).toEqual(
        stored.has(client_id) ? [200, stored.get(client_id)] : [201, expect.any(Number)],
      )
    }
    unknown.clear()
  }
  const final = await historyOf(server, ann.token, id)
  expect(final.map(({ seq }) => seq)).toEqual(final.map((_, i) => i + 1))
  expect(new Set(final.map(({ client_id }) => client_id)).size).toBe(count)
  server.process.kill()
  await server.process.exited
}, 120_000)
