// The socket: signed in before the upgrade, then one frame after the other to the same services as REST.
import { Elysia } from 'elysia'
import type { Server } from 'bun'
import type { Callers } from '../auth/guard'
import type { Rates } from '../auth/rates'
import type { Caller, Sessions } from '../auth/sessions'
import type { Joining } from '../chats/joining'
import type { Mine } from '../chats/mine'
import type { Chats } from '../chats/service'
import type { Typing } from '../chats/typing'
import type { Config } from '../config'
import { AppError, forbidden, unauthorized } from '../lib/errors'
import { problems } from '../lib/answers'
import { nowIso } from '../lib/schema'
import type { ChangeLog } from '../messages/changes'
import type { Receipts } from '../messages/receipts'
import type { Message } from '../messages/model'
import type { Messages } from '../messages/service'
import type { Blocks } from '../users/blocks'
import type { Self } from '../users/self'
import type { SocketDialect } from './dialect'
import type { Hub } from './hub'
import type { LIMITS } from './limits'
import { native } from './native'
import type { News } from './news'
import { mustKeepPace } from './pace'
import type { PresenceState } from './presence'
import { type ClientFrame } from './protocol'
import { createRoom } from './room'
import { createSync } from './sync'
import {
  receive,
  tell,
  work,
  type Answer,
  type Desk,
  type SocketReport,
  type Seat,
  type Socket,
} from './socket'

export interface Doors {
  sessions: Sessions
  self: Self
  blocks: Blocks
  chats: Chats
  messages: Messages
  receipts: Receipts
  mine: Mine
  joining: Joining
  changes: ChangeLog
  typing: Typing
  presence: PresenceState
  news: News
  rates: Rates
}

const PROTOCOL = 'natter.v1'

const sent = ({ message }: { message: Message }): Answer => ({ message })

export type Sockets = ReturnType<typeof createSockets>

/** The way in for sockets of every dialect: one hub, the same frames, bounds and sign-out for all of them. */
export function createSockets(
  doors: Doors,
  hub: Hub,
  whoAsks: Callers,
  origins: Config['CORS_ORIGINS'],
  addressOf: (request: Request) => string,
  limits: typeof LIMITS,
  report: SocketReport,
) {
  const { sessions, self, chats, messages, receipts, typing, presence, news } = doors
  const room = createRoom(hub, limits)
  const sync = createSync(chats, doors.mine, doors.joining, doors.blocks, doors.changes, hub)

  async function handle(
    frame: ClientFrame,
    caller: Caller,
    ws: Socket,
    acknowledge: (answer: Answer) => void,
  ): Promise<Answer> {
    mustKeepPace(doors.rates, frame, caller)
    const me = caller.user_id
    switch (frame.type) {
      case 'send':
        return sent(await messages.send(me, frame.chat_id, frame, message => acknowledge({ message })))
      case 'read':
        return { seq: await receipts.markRead(me, frame.chat_id, frame.seq) }
      case 'delivered':
        return { seq: await receipts.markDelivered(me, frame.chat_id, frame.seq) }
      case 'sync':
        await sync(ws, caller, frame)
        return undefined
      case 'typing':
        await typing.set(me, frame.chat_id, frame.on, ws)
        return undefined
      case 'presence':
        presence.say(ws, frame.presence)
        return undefined
      case 'status':
        await self.setStatus(me, frame)
        return undefined
      case 'ping':
        return undefined
    }
  }

  const desk: Desk = { handle, acknowledge: hub.acknowledge, report }

  /** Frames that arrive meanwhile wait: `hello`, where it is told, is the first word, and subscriptions stand before it. */
  async function greet(ws: Socket) {
    const { user_id, session_id } = ws.data.caller
    hub.enter(ws)
    const [stands, places] = await Promise.all([sessions.stands(ws.data.caller), chats.placesOf(user_id)])
    if (!stands) return hub.signOut(ws)
    hub.listen(ws, places, ws.data.syncFirst)
    if (ws.data.dialect.greets)
      tell(ws, {
        type: 'hello',
        user_id,
        session_id,
        server_time: nowIso(),
        epoch: doors.changes.epoch(),
        limits,
      })
    // One who left while being greeted is not there.
    if (!ws.data.closing) {
      presence.enter(ws)
      if (ws.data.dialect.greets) news.welcome(ws)
    }
    await work(ws, desk)
  }

  const open = (ws: Socket) =>
    void greet(ws).catch(error => (report(error), ws.close(1011, 'Something went wrong here.')))
  const message = (ws: Socket, data: string | Buffer) => receive(ws, data, desk)
  const close = (ws: Socket) => {
    ws.data.closing = true
    hub.leave(ws)
    presence.leave(ws)
    news.forget(ws)
    typing.end(ws.data.caller.user_id, ws)
  }

  /** What a socket carries when it opens. */
  async function seatFor(caller: Caller, dialect: SocketDialect, syncFirst = false): Promise<Seat> {
    return {
      caller,
      dialect,
      queue: [],
      queued: 0,
      busy: true,
      away: false,
      badFrames: 0,
      haste: { since: 0, frames: 0 },
      movedMeanwhile: new Map(),
      hold: null,
      late: new Set(),
      ownTopic: null,
      syncFirst,
      placesBefore: dialect.greets ? [] : await chats.placesOf(caller.user_id),
      closing: false,
      open,
      message,
      close,
    }
  }

  /** Nothing is waited for between this and the upgrade, which opens the socket: so no more come in than may. */
  function upgrade(request: Request, server: Server<unknown> | null, seat: Seat) {
    room.mustBeForOneMore()
    room.mustBeFor(seat.caller.user_id)
    const headers = tokenInProtocol(request) === null ? undefined : { 'sec-websocket-protocol': PROTOCOL }
    if (!server?.upgrade(request, { data: seat, headers })) throw upgradeRequired()
  }

  /** By header, by ticket, or by the second subprotocol; in the address only where an older API has no other way. */
  function callerOf(request: Request, tokenInAddress: boolean): Caller | Promise<Caller> {
    const { searchParams } = new URL(request.url)
    const ticket = searchParams.get('ticket')
    if (ticket !== null) return whoAsks.counted(sessions.redeem(ticket), () => addressOf(request))
    const token = tokenInProtocol(request) ?? (tokenInAddress ? searchParams.get('token') : null)
    return whoAsks(request, token ?? undefined)
  }

  function mustComeFromListedOrigin(request: Request) {
    const origin = request.headers.get('origin')
    if (origin !== null && origins !== '*' && !origins.includes(origin)) {
      throw forbidden('origin_not_allowed', 'Pages of this origin may not connect.')
    }
  }

  /** The handler of a route where sockets of this dialect open; `tokenInAddress`: signed in by `?token=` too. */
  function connect(dialect: SocketDialect, tokenInAddress = false) {
    return async ({ request, server }: Asked): Promise<void> => {
      if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') throw upgradeRequired()
      mustComeFromListedOrigin(request)
      room.mustBeForOneMore()
      const caller = await callerOf(request, tokenInAddress)
      const syncFirst = dialect.greets && new URL(request.url).searchParams.get('sync') === '1'
      upgrade(request, server, await seatFor(caller, dialect, syncFirst))
    }
  }

  return { connect, seatFor, room, mustComeFromListedOrigin }
}

interface Asked {
  request: Request
  server: Server<unknown> | null
}

export function socketRoutes({ connect }: Sockets) {
  const detail = {
    tags: ['realtime'],
    summary: 'Open a socket',
    description:
      'A WebSocket, signed in by `Authorization: Bearer`, by `?ticket=` from `POST /auth/ticket`, or by the ' +
      'subprotocols `natter.v1, bearer.<token>`. The frames have [a page of their own](/docs/sockets).',
    security: [{ bearer: [] }],
    parameters: [
      {
        name: 'ticket',
        in: 'query' as const,
        required: false,
        description: 'From `POST /auth/ticket`; good once, within 30 seconds.',
        schema: { type: 'string' as const },
      },
    ],
    responses: { 101: { description: 'Switching to the WebSocket protocol.' } },
  }

  return new Elysia({ name: 'realtime' })
    .get('/ws', connect(native), { detail, response: problems(401, 403, 426, 429, 503) })
    .get('/ws/chat', connect(native), {
      detail: { ...detail, summary: 'Open a socket (older address)' },
      response: problems(401, 403, 426, 429, 503),
    })
}

/** The token of `Sec-WebSocket-Protocol: natter.v1, bearer.<token>`; null where that form is not used. */
function tokenInProtocol(request: Request): string | null {
  const offered =
    request.headers
      .get('sec-websocket-protocol')
      ?.split(',')
      .map(word => word.trim()) ?? []
  if (!offered.includes(PROTOCOL)) return null
  const bearer = offered.find(word => word.startsWith('bearer.'))
  if (bearer === undefined && offered.length > 1) throw unauthorized()
  return bearer?.slice('bearer.'.length) ?? null
}

export const upgradeRequired = () =>
  new AppError(426, 'upgrade_required', 'This address is for WebSockets.', {
    headers: { upgrade: 'websocket' },
  })
