// What the driver does with a connection that ends while something is written to it.
import { expect, test } from 'bun:test'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
// @ts-expect-error the driver tells no types of its inner parts
import { Connection } from 'mongodb/lib/cmap/connection.js'
import { endWritesWithTheirConnection } from '../../src/storage/mongo/closing'

const ns = { db: 'admin', toString: () => 'admin.$cmd' }

test('a command written to a socket that is closing fails, and does not wait for ever', async () => {
  endWritesWithTheirConnection()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  const connection = new Connection(socket, { id: 1, generation: 0, hostAddress: '127.0.0.1' })

  socket.destroy()
  const asked = connection.command(ns, { ping: 1 }, {})

  expect(await asked.catch((error: Error) => error.name)).toBe('MongoNetworkError')
  expect(connection.listenerCount('close')).toBe(0)
  server.close()
})
