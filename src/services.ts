// Everything that has logic, put together from the stores: one place that builds things.
import { createLeaving } from './auth/leaving'
import { createDevices } from './auth/devices'
import { createPasswords } from './auth/passwords'
import { createAuth } from './auth/service'
import { createSessions } from './auth/sessions'
import { createTokens } from './auth/tokens'
import { createUsage } from './auth/usage'
import { createCircles } from './chats/circle'
import { createMembers } from './chats/members'
import { createMine } from './chats/mine'
import { createOpening } from './chats/opening'
import { createRosters } from './chats/roster'
import { createChats } from './chats/service'
import { createSight } from './chats/sight'
import { createTyping } from './chats/typing'
import type { Config } from './config'
import { createChanging } from './messages/changing'
import { createChangeLog } from './messages/changes'
import { createComposer } from './messages/compose'
import { createHits } from './messages/hits'
import { createIndexing } from './messages/indexing'
import { createMentions } from './messages/mentions'
import { createPins } from './messages/pins'
import { createReactions } from './messages/reactions'
import { createReceipts } from './messages/receipts'
import { createRetention } from './messages/retention'
import { createSaved } from './messages/saved'
import { createSchedule } from './messages/schedule'
import { createSearch } from './messages/search'
import { createMessages } from './messages/service'
import { createThreads } from './messages/threads'
import { createViews } from './messages/view'
import type { Log } from './ops/log'
import { createBus } from './realtime/bus'
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
    'ACCESS_TOKEN_MINUTES' | 'REFRESH_TOKEN_DAYS' | 'CORS_ORIGINS' | 'RATE_LIMITS' | 'TRUST_PROXY'
  >
  /** Lower in tests, where hashing would be most of the time. */
  hashing?: { memoryCost: number; timeCost: number }
  /** Shorter in tests, where people come and go all the time (ms). */
  times?: { graceMs: number; tellMs: number; typingMs: number }
}

/** Opens nothing and starts nothing. */
export function createServices({ stores, secret, log, settings, hashing, times }: Deps) {
  const report = (error: unknown) => log.error({ err: error }, 'unexpected error')
  const events = createBus(report)
  const usage = createUsage(stores.auth)
  const sessions = createSessions(stores.auth, createTokens(secret), usage, events, {
    accessSeconds: settings.ACCESS_TOKEN_MINUTES * 60,
    refreshSeconds: settings.REFRESH_TOKEN_DAYS * 86_400,
  })
  const devices = createDevices(stores.auth, usage, events)
  const presence = createPresence(stores.users, events, report, times)
  const walls = createWalls(stores.blocks)
  const sight = createSight(stores.chats, stores.users, walls, presence)
  const users = createUsers(stores.users, walls, sight, events)
  const self = createSelf(stores.users, users, events)
  const blocks = createBlocks(stores.blocks, walls, users, events, stores.messages.settled)
  const auth = createAuth(stores.users, sessions, devices, createPasswords(hashing), settings.RATE_LIMITS)
  const rosters = createRosters(stores.chats)
  const chats = createChats(stores.chats, rosters, walls, events)
  events.subscribe(event => {
    if (event.type === 'message') rosters.advance(event.chat_id, event.message)
  })
  const opening = createOpening(stores.chats, chats, users)
  const members = createMembers(stores.chats, rosters, chats, users, sight, events)
  const typing = createTyping(chats, events, times?.typingMs)
  const circles = createCircles(stores.chats, rosters, walls)
  const mine = createMine(stores.chats, rosters, chats, events)

  const views = createViews(stores.messages, rosters)
  const mentions = createMentions(stores.messages, chats, rosters, users, views)
  const composer = createComposer(stores.messages, chats, mentions)
  const threads = createThreads(stores.messages, chats, views, events)
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
  const changes = createChangeLog(stores.messages, chats, views)
  const receipts = createReceipts(stores.chats, rosters, chats, messages, events)
  const saved = createSaved(stores.saved, stores.messages, messages, events)
  const schedule = createSchedule(stores.schedule, chats, messages)
  const retention = createRetention(stores.messages, stores.chats, rosters, views, events)
  const indexing = createIndexing(stores.messages, stores.search, events, report)
  const hits = createHits(stores.search, stores.messages, chats, rosters)
  const search = createSearch(hits, indexing, chats, rosters, users, views)

  const leaving = createLeaving(stores.users, auth, sessions, async userId => {
    await members.leaveAll(userId)
    await stores.schedule.removeOf(userId)
    await blocks.removeOf(userId)
  })
  const hub = createHub(events)
  const { tellMs } = times ?? PRESENCE_TIMES
  const news = createNews(circles, users, presence, hub, events, report, tellMs)
  return {
    report,
    events,
    sessions,
    usage,
    devices,
    users,
    self,
    blocks,
    auth,
    leaving,
    chats,
    opening,
    members,
    typing,
    presence,
    news,
    mine,
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
    hub,
  }
}

export type Services = ReturnType<typeof createServices>
