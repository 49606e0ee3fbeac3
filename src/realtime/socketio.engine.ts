// Socket.IO beside Elysia's own sockets on one port, and each of its clients as a socket of the hub.
import { Server as Engine, type BunWebSocket } from '@socket.io/bun-engine'
import type { Server } from 'bun'
import { Server as SocketIo, type Socket as Client } from 'socket.io'
import type { Callers } from '../auth/guard'
import type { Caller, Sessions } from '../auth/sessions'
import { AppError, conflict, unauthorized } from '../lib/errors'
import { MAX_DEPTH } from '../lib/json'
import { networkOf } from '../lib/network'
import type { Crowd } from './crowd'
import type { SocketDialect } from './dialect'
import type { Sockets } from './index'
import { CLOSE, LIMITS } from './limits'
import { readFrame } from './protocol'
import type { SocketReport, Seat, Socket } from './socket'
import { frameOf } from './telling'

/** An event of the main namespace, written as it is: made once, however many listen. Source: socket.io-protocol, revision 5. */
const eventOf = (frame: Record<string, unknown>) => `2${JSON.stringify([frame.type, frame])}`

const dialect: SocketDialect = {
  name: 'socket.io',
  greets: true,
  read: readFrame,
  showEvent: event => eventOf(frameOf(event)),
  showFrame: eventOf,
  showText: (type, text) => `2[${JSON.stringify(type)},${text}]`,
}

/** What tokens and ids are made of: more would be refused as a header. */
const HEADER_VALUE = /^[\x20-\x7e]*$/

export function openEngine(
  sockets: Sockets,
  crowd: Crowd,
  whoAsks: Callers,
  sessions: Sessions,
  addressOf: (request: Request) => string,
  report: SocketReport,
) {
  const { room } = sockets
  /** Of handshakes under way, and then of the connections that came of them. */
  const arrivals = new WeakMap<object, Arrival>()
  const engine = new Engine({ path: '/socket.io/', maxHttpBufferSize: 2 * LIMITS.frame_bytes })
  const io = new SocketIo({ connectTimeout: 10_000, serveClient: false })
  io.bind(engine as never)

  engine.on('connection', (connection, request) => {
    const arrival = arrivals.get(request)
    if (!arrival) return
    arrival.isOpen = true
    arrivals.set(connection, arrival)
    connection.once('close', arrival.leave)
  })
  /** Connections that have a seat, or ask for one: a second seat on one would escape every count. */
  const taken = new WeakSet<object>()

  io.use((client, next) => {
    if (taken.has(client.conn)) return next(refusalOf(secondSeat()))
    taken.add(client.conn)
    callerOf(client).then(
      caller => ((client.data = { caller }), next()),
      error => (taken.delete(client.conn), next(refusalOf(error))),
    )
  })
  io.on('connection', client => {
    // There is nothing else here, so a connection that is signed in no more would stay for nothing.
    client.on('disconnect', () => client.conn.close())
    void seat(client).catch(error => (report(error), client.disconnect(true)))
  })

  /** By `auth: {token}`, `auth: {ticket}`, or the header; a service key names its person in `auth: {acting_user}`. */
  async function callerOf(client: Client): Promise<Caller> {
    const caller = await signedIn(client, () => arrivals.get(client.conn)?.address ?? 'unknown')
    room.mustBeFor(caller.user_id)
    return caller
  }

  async function signedIn({ handshake }: Client, address: () => string): Promise<Caller> {
    const { ticket, token, acting_user } = handshake.auth as Record<string, unknown>
    if (typeof ticket === 'string') return whoAsks.counted(sessions.redeem(ticket), address)
    const { authorization, 'x-acting-user': actingFor } = handshake.headers
    const asked = typeof token === 'string' ? `Bearer ${token}` : (authorization ?? '')
    const actingUser = acting_user ?? actingFor
    const headers = new Headers()
    for (const [name, value] of Object.entries({ authorization: asked, 'x-acting-user': actingUser })) {
      if (typeof value !== 'string') continue
      if (!HEADER_VALUE.test(value)) throw unauthorized()
      headers.set(name, value)
    }
    return whoAsks(new Request('http://localhost/socket.io/', { headers }), undefined, address)
  }

  function refusalOf(error: unknown): Error {
    const known = error instanceof AppError ? error : unauthorized()
    if (known !== error) report(error)
    report.refused(known.code)
    const { status, code, detail, retryAfter: retry_after } = known
    return Object.assign(new Error(detail), { data: { status, code, detail, retry_after } })
  }

  async function seat(client: Client) {
    const early: [string, unknown[]][] = []
    client.onAny((event: string, ...args: unknown[]) => void early.push([event, args]))
    const wantsSync = client.handshake.auth.sync === true
    const data = await sockets.seatFor((client.data as { caller: Caller }).caller, dialect, wantsSync)
    if (!client.connected) return
    // Others may have come meanwhile.
    if (!room.isFor(data.caller.user_id)) return void client.disconnect(true)
    const ws = standInFor(client, data, crowd)
    client.offAny()
    client.onAny((event: string, ...args: unknown[]) => ws.hear(event, args))
    // Nothing is left to be said on a connection without a seat, which would stay open as long as its client likes.
    client.on('disconnect', () => (ws.leave(), client.conn.close()))
    // What is no packet ends the connection; unheard, the error would be thrown at whoever reads.
    client.on('error', () => {})
    data.open(ws)
    arrivals.get(client.conn)?.leave()
    for (const [event, args] of early) ws.hear(event, args)
  }

  const engineSocket = {
    open: (ws: BunWebSocket) => engine.onWebSocketOpen(ws),
    message: (ws: BunWebSocket, data: string | Buffer) => engine.onWebSocketMessage(ws, data as never),
    close: (ws: BunWebSocket, code: number, reason: string) => engine.onWebSocketClose(ws, code, reason),
  }

  /** Elysia's dispatcher calls what it finds in a socket's data. */
  const upgrading = (server: Server<unknown>) => ({
    upgrade: (request: Request, { data, headers }: { data: object; headers?: HeadersInit }) =>
      server.upgrade(request, { headers, data: { ...data, ...engineSocket } }),
  })

  const handle = (request: Request, server: Server<unknown>) =>
    engine.handleRequest(request, upgrading(server) as never)

  /** Before the handshake a place is taken among those who have not signed in; it is given back when they have, or leave. */
  async function greet(request: Request, server: Server<unknown>): Promise<Response> {
    const address = addressOf(request)
    const network = networkOf(address)
    room.mustBeForStranger(network)
    const arrival: Arrival = { address, isOpen: false, leave: room.enterStranger(network) }
    arrivals.set(request, arrival)
    try {
      return await handle(request, server)
    } finally {
      if (!arrival.isOpen) arrival.leave()
    }
  }

  return (request: Request, server: Server<unknown>): Promise<Response> =>
    new URL(request.url).searchParams.has('sid') ? handle(request, server) : greet(request, server)
}

interface Arrival {
  address: string
  isOpen: boolean
  leave(): void
}

const secondSeat = () => conflict('seat_taken', 'This connection has signed in already.')

const MAY_RETURN = new Set<number>([CLOSE.restarting, CLOSE.tooSlow, CLOSE.tooFast])

/** A client as the hub knows sockets. Answers go to the callback that came with the question. */
function standInFor(client: Client, data: Seat, crowd: Crowd) {
  const topics = new Set<string>()
  const callbacks = new Map<string, (answer: object) => void>()
  let asked = 0

  const socket: Socket & { hear(event: string, args: unknown[]): void; leave(): void } = {
    data,

    send(text) {
      if (!answered(text as string)) client.conn.write(text as string)
      return 1
    },

    /** What it publishes itself is for itself alone. */
    publish: (_, text) => socket.send(text as string),

    hear(event, args) {
      const answer = typeof args.at(-1) === 'function' ? (args.pop() as (answer: object) => void) : undefined
      const [fields] = args
      const id = `callback ${++asked}`
      if (answer) callbacks.set(id, answer)
      data.message(socket, frameFrom({ ...(fields as object), type: event, ...(answer && { id }) }))
    },

    leave() {
      for (const topic of topics) crowd.unsubscribe(socket, topic)
      data.close(socket)
    },

    // Told to leave, a client of Socket.IO stays away; one whose connection ends comes back by itself.
    close: code => void (code && MAY_RETURN.has(code) ? client.conn.close() : client.disconnect(true)),
    terminate: () => void client.conn.close(),

    subscribe(topic) {
      topics.add(topic)
      crowd.subscribe(socket, topic)
      return true
    },

    unsubscribe(topic) {
      crowd.unsubscribe(socket, topic)
      return topics.delete(topic)
    },

    get subscriptions() {
      return [...topics]
    },

    getBufferedAmount: () => waitingIn(client.conn as unknown as Connection),
  }

  function answered(text: string): boolean {
    if (callbacks.size === 0 || !ANSWER.test(text)) return false
    const [, { id, ...answer }] = JSON.parse(text.slice(1)) as [string, { id?: string }]
    const callback = callbacks.get(id ?? '')
    callbacks.delete(id ?? '')
    callback?.(answer)
    return callback !== undefined
  }

  return socket
}

/** Of what is nested deeper than a frame may be, all of which would take seconds to write, enough to be refused. */
const frameFrom = (fields: { type: string; id?: string }): string =>
  JSON.stringify(isDeeper(fields, MAX_DEPTH) ? { deep: TOO_DEEP, id: fields.id } : fields)

const TOO_DEEP: unknown = JSON.parse('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH))

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(inner => isDeeper(inner, levels - 1)))

const ANSWER = /^2\["(?:ack|error|pong)"/

interface Connection {
  writeBuffer: { data?: string }[]
  transport: { socket?: { getBufferedAmount?(): number } }
}

/** Bytes, or characters, that the client has not taken yet: those of the next poll, or of its WebSocket. */
function waitingIn({ writeBuffer, transport }: Connection): number {
  const sent = transport.socket?.getBufferedAmount?.() ?? 0
  return writeBuffer.reduce((sum, { data }) => sum + (data?.length ?? 0), sent)
}
