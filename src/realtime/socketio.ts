// The Socket.IO door: the frames, bounds and rules of /ws, over long polling or WebSocket.
import type { Server } from 'bun'
import { Elysia } from 'elysia'
import type { Callers } from '../auth/guard'
import { takesText } from '../lib/body'
import { AppError, badRequest } from '../lib/errors'
import type { Sessions } from '../auth/sessions'
import { LIMITS } from './limits'
import type { SocketReport } from './socket'
import { upgradeRequired, type Sockets } from './index'
import type { Crowd } from './crowd'

/**
 * `/socket.io/`, signed in by `auth: {token}` or `{ticket}`, or by the `Authorization` header.
 * An event is a frame of /ws: its name is the frame's `type`, its only argument the frame.
 * The engine is loaded at the first request, since it would double the time of a start.
 */
export function socketIoRoutes(
  sockets: Sockets,
  crowd: Crowd,
  whoAsks: Callers,
  sessions: Sessions,
  addressOf: (request: Request) => string,
  report: SocketReport,
) {
  let door: Promise<(request: Request, server: Server<unknown>) => Promise<Response>> | undefined
  const open = async () =>
    (await import('./socketio.engine')).openEngine(sockets, crowd, whoAsks, sessions, addressOf, report)

  async function pass(request: Request, server: Server<unknown> | null): Promise<Response> {
    const handle = await (door ??= open())
    crowd.waiting++
    return handle(request, server as Server<unknown>)
      .then(mustSayWhy)
      .finally(() => crowd.waiting--)
  }

  return new Elysia({ name: 'socket.io', detail: { ...takesText, hide: true } })
    .get('/socket.io/', async ({ request, server }) => {
      sockets.mustComeFromListedOrigin(request)
      // The engine asks for an upgrade whenever one is named, and fails on another one.
      if (request.headers.has('upgrade') && !isWebSocket(request.headers)) throw upgradeRequired()
      return await pass(request, server)
    })
    .post('/socket.io/', async ({ request, body, server }) => {
      sockets.mustComeFromListedOrigin(request)
      if (request.headers.has('upgrade')) throw upgradeRequired()
      return await pass(withText(request, body as string), server)
    })
}

const isWebSocket = (headers: Headers) =>
  headers.get('upgrade')?.toLowerCase() === 'websocket' &&
  /\bupgrade\b/i.test(headers.get('connection') ?? '') &&
  headers.get('sec-websocket-version') === '13' &&
  /^[+/\w]{22}==$/.test(headers.get('sec-websocket-key') ?? '')

const SEPARATOR = '\x1e'

/** The engine would read a body of any length, and handle all packets in it in one go. */
function withText({ url, headers, signal }: Request, text: string): Request {
  if (text.split(SEPARATOR, LIMITS.queued_frames + 1).length > LIMITS.queued_frames)
    throw badRequest('too_many_packets', 'Too many packets at once.')
  return new Request(url, { method: 'POST', headers, body: text, signal })
}

/** Its own refusals have a body; those that have none become ours. */
function mustSayWhy(answer: Response): Response {
  if (answer.status < 400 || answer.headers.has('content-type')) return answer
  throw answer.status === 413
    ? new AppError(413, 'too_large', 'A request has too many bytes.')
    : badRequest('bad_request', 'This request does not fit here.')
}
