// The table of contents: errors, limits, then one group of routes after the other.
import { Elysia } from 'elysia'
import { adminRoutes } from './admin'
import { authRoutes } from './auth'
import { createCallers, createGuard } from './auth/guard'
import { chatRoutes } from './chats'
import { fileRoutes } from './files'
import { avatarRoutes } from './files/avatars.routes'
import { exportRoutes } from './export'
import { joiningRoutes } from './chats/joining.routes'
import { compatRoutes } from './compat'
import { createActing } from './compat/acting'
import { histogram, SECONDS } from './lib/meters'
import { messageRoutes } from './messages'
import { changingRoutes } from './messages/changing.routes'
import { mineRoutes } from './messages/mine.routes'
import { searchRoutes } from './messages/search.routes'
import { addressReader } from './ops/address'
import { corsFor } from './ops/cors'
import { docsRoutes } from './ops/docs'
import { healthRoutes } from './ops/health'
import { metricsRoutes } from './ops/metrics'
import { createMeters } from './ops/metrics/meters'
import { pageRoutes } from './ops/pages'
import { bounds, requests, type Known } from './ops/requests'
import { createSockets, socketRoutes } from './realtime'
import { limitsOf } from './realtime/limits'
import { socketIoRoutes } from './realtime/socketio'
import { pushRoutes } from './push'
import type { Deps, Services } from './services'
import { userRoutes } from './users'

/** Bun would refuse without a word. `requests` and `readBody` count instead, and an upload counts for itself. */
const NOT_HERE = Number.MAX_SAFE_INTEGER

/** The routes. `isDraining` turns true when the process has been told to stop; `loopDelay` is what is told of the loop. */
export function createApp(
  deps: Deps,
  services: Services,
  isDraining: () => boolean = () => false,
  loopDelay = histogram(SECONDS),
) {
  const { auth, keys, sessions, devices, users, self, blocks, leaving, chats, opening, members } = services
  const { mine, avatars, hub, crowd } = services
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
    files,
    uploads,
    fetching,
    gallery,
    push,
    exports,
  } = services
  const { CORS_ORIGINS, ALLOWED_HOSTS, PUBLIC_URL, TRUST_PROXY, METRICS_TOKEN } = deps.settings
  const limits = limitsOf(deps.settings)
  const addressOf = addressReader(TRUST_PROXY)
  const meters = createMeters(services.events)
  const report = Object.assign((error: unknown) => services.report(error), { refused: meters.refused })
  const measured = { meters, stores: deps.stores, services, loopDelay, version: deps.version }
  const callerOf = createCallers(sessions, keys, services.rates, addressOf)
  const guard = createGuard(callerOf, sessions, addressOf)
  const sockets = createSockets(services, hub, callerOf, CORS_ORIGINS, addressOf, limits, report)
  const known: Known[] = []

  const api = new Elysia({ name: 'api' })
    .use(authRoutes(auth, sessions, devices, users, guard, addressOf))
    .use(userRoutes(users, avatars, self, blocks, leaving, guard))
    .use(chatRoutes(chats, avatars, opening, members, services.directory, guard))
    .use(joiningRoutes(services.invites, services.joining, PUBLIC_URL, guard))
    .use(fileRoutes(files, uploads, fetching, guard))
    .use(messageRoutes(messages, receipts, changes, threads, gallery, guard))
    .use(avatarRoutes(avatars, guard))
    .use(changingRoutes(changing, reactions, pins, guard))
    .use(mineRoutes(mine, saved, mentions, schedule, guard))
    .use(searchRoutes(search, guard))
    .use(pushRoutes(push, guard))
    .use(exportRoutes(exports, guard))
    .use(adminRoutes(keys, guard))
    .use(compatRoutes({ ...services, guard, acting: createActing(callerOf, keys), sockets, addressOf }))
    .use(socketRoutes(sockets))
    .use(socketIoRoutes(sockets, crowd, callerOf, sessions, addressOf, report))
    .use(healthRoutes(deps.stores, deps.version))
    .use(metricsRoutes(measured, METRICS_TOKEN, callerOf, keys.mustBeAdministrator))

  const app = new Elysia({
    serve: { reusePort: false, idleTimeout: 30, maxRequestBodySize: NOT_HERE },
    websocket: {
      // Larger than allowed, so that the client can be told why it is closed.
      maxPayloadLength: 2 * limits.frame_bytes,
      backpressureLimit: 4 * limits.unsent_bytes,
      closeOnBackpressureLimit: true,
      // A ping after 24 seconds of silence, the end 16 later; so people are told offline within a minute.
      idleTimeout: 40,
      // The answers of a socket go by a topic of its own.
      publishToSelf: true,
    },
  })
    .onError(({ request, error }) => callerOf.giveBackIfBusy(request, error))
    .use(requests(deps.log, addressOf, known, meters, ALLOWED_HOSTS))
    .use(corsFor(CORS_ORIGINS))
    .use(bounds(known, isDraining))
    .onStart(({ server }) => {
      addressOf.server = server
      hub.attach({
        publish(topic, text) {
          server?.publish(topic, text)
          crowd.publish(topic, text)
        },
        listeners: topic => (server?.subscriberCount(topic) ?? 0) + crowd.count(topic),
      })
    })
    .use(api)
    .use(docsRoutes(() => api, deps.version, limits))
    .use(pageRoutes())

  known.push(...app.routes)
  return app
}

/** The type of the whole API, for Eden: `treaty<App>('http://localhost:8000')`. */
export type App = ReturnType<typeof createApp>
