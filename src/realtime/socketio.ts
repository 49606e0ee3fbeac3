// The Socket.IO door: the frames, bounds and rules of /ws, over long polling or WebSocket.
import type { Server } from 'bun'
import { Elysia } from 'elysia'
import type { Callers } from '../auth/guard'
import { readsItself } from '../lib/body'
import type { Sessions } from '../auth/sessions'
import type { SocketReport } from './socket'
import type { Sockets } from './index'
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

  return new Elysia({ name: 'socket.io', detail: { ...readsItself, hide: true } }).all(
    '/socket.io/',
    async ({ request, server }) => {
      sockets.mustComeFromListedOrigin(request)
      const handle = await (door ??= open())
      crowd.waiting++
      return handle(request, server as Server<unknown>).finally(() => crowd.waiting--)
    },
  )
}
