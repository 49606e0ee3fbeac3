// A TCP proxy that is as bad as a network can be: slow, silent, cut in the middle, or gone.
import { connect, createServer, type Socket } from 'node:net'

export interface Proxy extends AsyncDisposable {
  port: number
  /** Lets nothing through in either direction; connections stay open. */
  pause(): void
  resume(): void
  /** Every connection ends by a reset. */
  reset(): void
  /** Refuses new connections until `open`, and resets those that are there. */
  shut(): void
  open(): void
  /** Delays what comes back, by so many milliseconds. */
  delayMs: number
  /** Calls this with what comes back; `false`: it does not go on, and the connection is reset. */
  answers: (bytes: Buffer) => boolean
  /** Open connections. */
  readonly size: number
}

export async function proxyTo(port: number, hostname = '127.0.0.1'): Promise<Proxy> {
  const pairs = new Set<[Socket, Socket]>()
  let paused = false
  let isShut = false

  const server = createServer(client => {
    if (isShut) return void client.resetAndDestroy()
    const target = connect(port, hostname)
    const pair: [Socket, Socket] = [client, target]
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      target.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    if (paused) hush(pair)
    client.on('data', bytes => target.write(bytes as Buffer))
    target.on('data', bytes => {
      if (!proxy.answers(bytes as Buffer)) return cut(pair)
      if (proxy.delayMs === 0) client.write(bytes as Buffer)
      else setTimeout(() => client.destroyed || client.write(bytes as Buffer), proxy.delayMs)
    })
  })

  const hush = (pair: Socket[]) => pair.forEach(socket => socket.pause())
  const cut = (pair: Socket[]) => pair.forEach(socket => socket.resetAndDestroy())

  const proxy: Proxy = {
    port: 0,
    delayMs: 0,
    answers: () => true,
    pause() {
      paused = true
      for (const pair of pairs) hush(pair)
    },
    resume() {
      paused = false
      for (const pair of pairs) pair.forEach(socket => socket.resume())
    },
    reset: () => pairs.forEach(cut),
    shut() {
      isShut = true
      pairs.forEach(cut)
    },
    open: () => void (isShut = false),
    get size() {
      return pairs.size
    },
    async [Symbol.asyncDispose]() {
      pairs.forEach(cut)
      server.close()
    },
  }
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', () => listening()))
  proxy.port = (server.address() as { port: number }).port
  return proxy
}
