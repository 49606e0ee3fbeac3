// Everything that has logic, put together from the stores: one place that builds things.
import { createKeys } from './admin/servicekeys'
import { administratorIn } from './auth/administrator'
import { createLeaving } from './auth/leaving'
import { createAttempts } from './auth/attempts'
import { createDevices } from './auth/devices'
import type { Hashing } from './auth/hashing'
import { createPasswords } from './auth/passwords'
import { createRates } from './auth/rates'
import { createAuth } from './auth/service'
import { createSessions } from './auth/sessions'
import { createTokens } from './auth/tokens'
import { createUsage } from './auth/usage'
import { createCircles } from './chats/circle'
import { createDirectory } from './chats/directory'
import { createInvites } from './chats/invites'
import { createJoining } from './chats/joining'
import { createMembers } from './chats/members'
import { createMine } from './chats/mine'
import { createOpening } from './chats/opening'
import { createRosters } from './chats/roster'
import { createChats } from './chats/service'
import { createSight } from './chats/sight'
import { createTyping } from './chats/typing'
import type { Config } from './config'
import { createAvatars } from './files/avatars'
import { avatarKeeper, createCollecting, fileKeeper } from './files/collecting'
import { createFetching } from './files/fetching'
import { createKeeping } from './files/keeping'
import { createPictures } from './files/pictures'
import { partsOf } from './export/parts'
import { createExport } from './export/service'
import { createFiles } from './files/service'
import { createUnshown } from './files/unshown'
import { createUploads } from './files/uploads'
import { createAttaching } from './messages/attaching'
import { createChanging } from './messages/changing'
import { createChangeLog } from './messages/changes'
import { createComposer } from './messages/compose'
import { createGallery } from './messages/gallery'
import { tellingDoubts } from './messages/doubts'
import { createHits } from './messages/hits'
import { createIndexing } from './messages/indexing'
import { createMentions } from './messages/mentions'
import { createPins } from './messages/pins'
import { createReactions } from './messages/reactions'
import { createReceipts } from './messages/receipts'
import { createRemoval } from './messages/removal'
import { createRetention } from './messages/retention'
import { createSaved } from './messages/saved'
import { createSchedule } from './messages/schedule'
import { createSearch } from './messages/search'
import { createMessages } from './messages/service'
import { createThreads } from './messages/threads'
import { createViews } from './messages/view'
import type { Log } from './ops/log'
import { createDeliveries } from './push/delivery'
import { createNotifying } from './push/follower'
import { createPost } from './push/post'
import { theInternet, type Outside } from './push/reach'
import { createPush } from './push/service'
import type { VapidKeys } from './push/store'
import { keeper } from './push/vapid'
import { createBus } from './realtime/bus'
import { createCrowd } from './realtime/crowd'
import { createHub } from './realtime/hub'
import { createNews } from './realtime/news'
import { createPresence, PRESENCE_TIMES } from './realtime/presence'
import type { Stores } from './storage/stores'
import { createBlocks } from './users/blocks'
import { createSelf } from './users/self'
import { createUsers } from './users/service'
import { createWalls } from './users/walls'

export interface Deps {
  stores: Stores
  secret: string
  log: Log
  version: string
  settings: Pick<
    Config,
    | 'ACCESS_TOKEN_MINUTES'
    | 'REFRESH_TOKEN_DAYS'
    | 'CORS_ORIGINS'
    | 'ALLOWED_HOSTS'
    | 'PUBLIC_URL'
    | 'RATE_LIMITS'
    | 'TRUST_PROXY'
    | 'VAPID_PUBLIC_KEY'
    | 'VAPID_PRIVATE_KEY'
    | 'VAPID_SUBJECT'
    | 'MAX_UPLOAD_MB'
    | 'USER_QUOTA_MB'
    | 'METRICS_TOKEN'
    | 'MAX_SOCKETS'
  >
  /** Another world outside for the notifications of tests. */
  outside?: Outside & { retryMs: number[] }
  /** Cheaper in tests, where hashing would be most of the time. */
  hashing?: Hashing
  /** How long an upload may be silent. Shorter in tests. */
  stallMs?: number
  /** Shorter in tests, where people come and go all the time (ms). */
  times?: { graceMs: number; tellMs: number; typingMs: number }
  /** The clock of the rate limits (ms). One that tests move. */
  now?: () => number
}

const MB = 1024 * 1024
const STALL_MS = 30_000

/** Opens nothing and starts nothing. */
export function createServices({
  stores: given,
  secret,
  log,
  settings,
  hashing,
  outside,
  stallMs = STALL_MS,
  times,
  now,
}: Deps) {
  const report = (error: unknown) => log.error({ err: error }, 'unexpected error')
  const events = createBus(report)
  const stores = { ...given, messages: tellingDoubts(given.messages, events) }
  const presence = createPresence(stores.users, events, report, times)
  const walls = createWalls(stores.blocks)
  const sight = createSight(stores.chats, stores.users, walls, presence)
  const users = createUsers(stores.users, stores.blobs, walls, sight, events)
  const self = createSelf(stores.users, users, events)
  const blocks = createBlocks(stores.blocks, walls, users, events, stores.messages.settled)
  const keys = createKeys(stores.admin, users, events)
  const usage = createUsage(stores.auth)
  const lifetimes = {
    accessSeconds: settings.ACCESS_TOKEN_MINUTES * 60,
    refreshSeconds: settings.REFRESH_TOKEN_DAYS * 86_400,
  }
  const tokens = createTokens(secret)
  const sessions = createSessions(stores.auth, tokens, usage, events, lifetimes, keys.stands)
  const devices = createDevices(stores.auth, usage, events)
  const passwords = createPasswords(hashing)
  const rates = createRates(settings.RATE_LIMITS, now)
  const attempts = createAttempts(settings.RATE_LIMITS, now)
  const auth = createAuth(stores.users, sessions, devices, passwords, attempts)
  const rosters = createRosters(stores.chats)
  const chats = createChats(stores.chats, rosters, walls, events, stores.blobs)
  events.subscribe(event => {
    if (event.type === 'message') rosters.advance(event.chat_id, event.message)
  })
  const members = createMembers(stores.chats, rosters, chats, users, events)
  const directory = createDirectory(chats, users, sight)
  const invites = createInvites(stores.invites, chats)
  const joining = createJoining(stores.invites, stores.requests, rosters, chats, users, events)
  const typing = createTyping(chats, events, times?.typingMs)
  const circles = createCircles(stores.chats, walls)
  const mine = createMine(stores.chats, rosters, chats, events)

  const pictures = createPictures()
  const avatars = createAvatars(stores.blobs, pictures, stores.files, users, chats)
  const opening = createOpening(stores.chats, chats, users, avatars.forNewGroup)
  const files = createFiles(stores.files, chats)
  const uploads = createUploads(stores.files, createKeeping(stores.blobs, pictures), users.isHere, {
    maxBytes: settings.MAX_UPLOAD_MB * MB,
    quotaBytes: settings.USER_QUOTA_MB * MB,
    stallMs,
  })
  const fetching = createFetching(files, stores.blobs)
  const unshown = createUnshown(stores.files, stores.blobs)
  const collecting = createCollecting(stores.blobs, [
    avatarKeeper(stores.users, stores.chats),
    fileKeeper(stores.files),
  ])

  const views = createViews(stores.messages, chats, rosters)
  const mentions = createMentions(stores.messages, chats, rosters, users, views)
  const composer = createComposer(stores.messages, chats, mentions, createAttaching(files), views)
  const threads = createThreads(stores.messages, chats, rosters, views, events)
  const messages = createMessages(stores.messages, chats, composer, threads, views, events)
  const changing = createChanging(
    stores.messages,
    stores.chats,
    chats,
    messages,
    mentions,
    threads,
    views,
    events,
  )
  const reactions = createReactions(messages, changing)
  const pins = createPins(stores.messages, chats, changing, views)
  const gallery = createGallery(stores.messages, chats)
  const changes = createChangeLog(stores.messages, stores.epoch, chats, views)
  const receipts = createReceipts(stores.chats, rosters, chats, messages, events)
  const saved = createSaved(stores.saved, stores.messages, messages, chats, events)
  const schedule = createSchedule(stores.schedule, chats, composer, messages, events)
  const retention = createRetention(stores.messages, stores.chats, rosters, threads, views, events)
  const indexing = createIndexing(stores.messages, stores.search, threads, events, report)
  const hits = createHits(stores.search, stores.messages, chats, rosters)
  const search = createSearch(hits, indexing, chats, rosters, users, views)

  const removal = createRemoval(stores.messages, rosters, threads, views, events)
  const farewell = {
    async leaveChats(userId: string) {
      await joining.withdrawAll(userId)
      await members.leaveAll(userId)
    },
    removePicture: async (userId: string) => void (await users.edit(userId, { avatar: null })),
    removeFiles: unshown.removeOf,
    disownFiles: stores.files.disown,
    deleteMessages: removal.removeAllOf,
    async dropPrivate(userId: string) {
      await stores.schedule.removeOf(userId)
      await stores.saved.removeOf(userId)
      await stores.push.removeOf(userId)
      await blocks.removeOf(userId)
      await sessions.dropTickets(userId)
    },
  }
  const leaving = createLeaving(stores.users, stores.departures, auth, sessions, farewell, events, report)
  const hub = createHub(events)
  const { tellMs } = times ?? PRESENCE_TIMES
  const news = createNews(circles, walls, users, presence, hub, events, report, tellMs)

  const world = outside ?? theInternet
  const vapidKeys = keeper(stores.push, vapidOf(settings))
  const push = createPush(stores.push, vapidKeys, world, events, report)
  const deliveries = createDeliveries(
    stores.push,
    createPost(vapidKeys, settings.VAPID_SUBJECT, world),
    outside?.retryMs ?? [2_000, 15_000, 120_000],
    (what, facts) => log.warn(facts, what),
  )
  const exports = createExport(
    sessions,
    partsOf({
      userStore: stores.users,
      devices,
      blocks,
      chats,
      directory,
      messages,
      changing,
      saved,
      schedule,
      mentions,
      push,
      joining,
      files,
      blobs: stores.blobs,
    }),
    report,
  )
  const surroundings = { isActive: presence.isActive, stands: sessions.standsById }
  const notifying = createNotifying(
    push.people,
    stores.push,
    deliveries,
    rosters,
    stores.users,
    stores.messages,
    events,
    surroundings,
    report,
  )
  return {
    report,
    events,
    keys,
    rates,
    sessions,
    usage,
    devices,
    users,
    self,
    blocks,
    passwords,
    auth,
    ensureAdministrator: administratorIn(stores.users, sessions, passwords),
    leaving,
    chats,
    opening,
    members,
    directory,
    invites,
    joining,
    typing,
    presence,
    news,
    mine,
    pictures,
    avatars,
    files,
    uploads,
    fetching,
    unshown,
    collecting,
    gallery,
    messages,
    changing,
    reactions,
    pins,
    threads,
    changes,
    receipts,
    mentions,
    saved,
    schedule,
    retention,
    indexing,
    search,
    exports,
    push,
    deliveries,
    notifying,
    hub,
    crowd: createCrowd(),
  }
}

function vapidOf({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY }: Deps['settings']): VapidKeys | null {
  if (!VAPID_PUBLIC_KEY || !VAPID_PRIVATE_KEY) return null
  return { public_key: VAPID_PUBLIC_KEY, private_key: VAPID_PRIVATE_KEY }
}

export type Services = ReturnType<typeof createServices>
