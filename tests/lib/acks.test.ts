// Which way an ack takes.
import { expect, test } from 'bun:test'
import { createAcks } from '../../src/realtime/acks'
import type { Socket } from '../../src/realtime/socket'

function socket() {
  const calls: string[][] = []
  const note = (name: string) => (first: unknown) => calls.push([name, String(first)])
  const ws = {
    data: { ownTopic: null },
    send: note('send'),
    publish: note('publish'),
    subscribe: note('subscribe'),
  }
  return { ws: ws as unknown as Socket, calls }
}

test('an ack goes by a topic of its socket, and at once where a crowd is about to be told something', () => {
  const acks = createAcks(topic => (topic === 'crowd' ? 101 : 100))
  const { ws, calls } = socket()

  acks.expect('few')
  acks.acknowledge(ws, 'one')
  acks.acknowledge(ws, 'two')
  const own = ws.data.ownTopic as string
  expect(calls.splice(0)).toEqual([
    ['subscribe', own],
    ['publish', own],
    ['publish', own],
  ])

  acks.expect('crowd')
  acks.expect('few')
  acks.acknowledge(ws, 'three')
  expect(calls.splice(0)).toEqual([['send', 'three']])

  acks.told()
  acks.acknowledge(ws, 'four')
  expect(calls).toEqual([['publish', own]])
})
