// The table of contents: errors, limits, then one group of routes after the other.
import { cors } from '@elysiajs/cors'
import { Elysia } from 'elysia'
import { authRoutes } from './auth'
import { createGuard } from './auth/guard'
import { chatRoutes } from './chats'
import { messageRoutes } from './messages'
import { changingRoutes } from './messages/changing.routes'
import { mineRoutes } from './messages/mine.routes'
import { searchRoutes } from './messages/search.routes'
import { addressReader } from './ops/address'
import { docsRoutes } from './ops/docs'
import { healthRoutes } from './ops/health'
import { pageRoutes } from './ops/pages'
import { requests, type Known } from './ops/requests'
import { socketRoutes } from './realtime'
import { LIMITS } from './realtime/limits'
import type { Deps, Services } from './services'
import { userRoutes } from './users'

/** The routes. `isDraining` turns true when the process has been told to stop. */
export function createApp(deps: Deps, services: Services, isDraining: () => boolean = () => false) {
  const { auth, sessions, devices, users, self, blocks, leaving, chats, opening, members } = services
  const { mine, hub, report } = services
  const {
    messages,
    receipts,
    changes,
    threads,
    changing,
    reactions,
    pins,
    saved,
    mentions,
    schedule,
    search,
  } = services
  const { CORS_ORIGINS, TRUST_PROXY } = deps.settings
  const guard = createGuard(sessions)
  const addressOf = addressReader(TRUST_PROXY)
  const known: Known[] = []

  const api = new Elysia({ name: 'api' })
    .use(authRoutes(auth, sessions, devices, users, guard, addressOf))
    .use(userRoutes(users, self, blocks, leaving, guard))
    .use(chatRoutes(chats, opening, members, guard))
    .use(messageRoutes(messages, receipts, changes, threads, guard))
    .use(changingRoutes(changing, reactions, pins, guard))
    .use(mineRoutes(mine, saved, mentions, schedule, guard))
    .use(searchRoutes(search, guard))
    .use(socketRoutes(services, hub, CORS_ORIGINS, report))
    .use(healthRoutes(deps.stores, deps.version))

  const app = new Elysia({
    serve: { reusePort: false, idleTimeout: 30, maxRequestBodySize: 8 * 1024 * 1024 },
    websocket: {
      // Larger than allowed, so that the client can be told why it is closed.
      maxPayloadLength: 2 * LIMITS.frame_bytes,
      backpressureLimit: 4 * LIMITS.unsent_bytes,
      closeOnBackpressureLimit: true,
      idleTimeout: 60,
    },
  })
    .use(requests(deps.log, addressOf, known, isDraining))
    .use(
      cors({
        origin: CORS_ORIGINS === '*' ? '*' : CORS_ORIGINS,
        credentials: false,
        allowedHeaders: ['authorization', 'content-type'],
        exposeHeaders: ['x-request-id', 'retry-after'],
        maxAge: 600,
      }),
    )
    .onStart(({ server }) => {
      addressOf.server = server
      hub.attach((topic, frame) => server?.publish(topic, frame))
    })
    .use(api)
    .use(docsRoutes(() => api, deps.version))
    .use(pageRoutes())

  known.push(...app.routes)
  return app
}

/** The type of the whole API, for Eden: `treaty<App>('http://localhost:8000')`. */
export type App = ReturnType<typeof createApp>
