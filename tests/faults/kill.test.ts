// kill -9 in the middle of many sends: nothing acknowledged is lost, nothing is stored twice, no gap.
import { expect, test } from 'bun:test'
import { connect, type Line } from '../support/line'
import { historyOf, isRight, judge, newLedger } from '../support/oracle'
import { arrive } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'

const CYCLES = Number(process.env.KILL_CYCLES ?? 3)
const WRITERS = 20

test(`${CYCLES} times, with ${WRITERS} sockets writing`, async () => {
  await using home = await newHome()
  let server = await start(home)
  const ann = await arrive(server.url, 'ann')
  const bob = await arrive(server.url, 'bob')
  const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
  const id = chat!.id
  const ledger = newLedger()
  let count = 0

  const write = (line: Line) => {
    const client_id = `m${++count}`
    ledger.send(client_id, client_id)
    line.say({ type: 'send', id: client_id, chat_id: id, content: client_id, client_id })
  }

  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const lines = await Promise.all(Array.from({ length: WRITERS }, () => connect(server.url, ann.token)))
    for (const line of lines) {
      line.socket.addEventListener('message', event => {
        const frame = JSON.parse(event.data)
        if (frame.type !== 'ack') return
        ledger.ack(frame.id, frame.message)
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

    const [history, bobs] = await Promise.all([ann, bob].map(({ token }) => historyOf(server.url, token, id)))
    const verdict = judge(ledger, [history!, bobs!])
    expect(verdict).toMatchObject({ lost: 0, repeated: 0, gaps: 0, order: 0 })
    const stored = new Map(history!.map(message => [message.client_id, message.seq]))

    // What is derived is right at the first look, also for what was stored but never acknowledged.
    const { body: seen } = await call(server.url, 'GET', `/chats/${id}`, { token: bob.token })
    expect(seen).toMatchObject({
      last_seq: history!.length,
      unread_count: history!.length,
      last_message: { seq: history!.length },
    })

    // A send of unknown outcome is repeated with the same client_id, and stands once.
    for (const client_id of ledger.open.keys()) {
      const { status, body } = await call(server.url, 'POST', `/chats/${id}/messages`, {
        token: ann.token,
        json: { content: client_id, client_id },
      })
      expect([status, body.seq]).toEqual(
        stored.has(client_id) ? [200, stored.get(client_id)] : [201, expect.any(Number)],
      )
      ledger.ack(client_id, body)
    }
  }
  const final = judge(ledger, [await historyOf(server.url, ann.token, id)])
  expect(isRight(final)).toBeTrue()
  expect(final).toMatchObject({ sent: count, acked: count })
  expect(ledger.faults).toEqual([])
  server.process.kill()
  await server.process.exited
}, 120_000)
