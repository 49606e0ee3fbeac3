// Notifications of devices that are not online.
import { createDeliveries } from '../push/delivery'
import { createNotifying } from '../push/follower'
import { createPost } from '../push/post'
import { theInternet } from '../push/reach'
import { createPush } from '../push/service'
import type { VapidKeys } from '../push/store'
import { keeper } from '../push/vapid'
import type { ChatParts } from './chats'
import type { Base, Deps } from './deps'
import type { People } from './people'

const RETRY_MS = [2_000, 15_000, 120_000]

export function createPushParts(
  { stores, settings, outside, log, events, report }: Base,
  { presence, sessions }: People,
  { rosters }: ChatParts,
) {
  const world = outside ?? theInternet
  const keys = keeper(stores.push, vapidOf(settings))
  const push = createPush(stores.push, keys, world, events, report)
  const deliveries = createDeliveries(
    stores.push,
    createPost(keys, settings.VAPID_SUBJECT, world),
    outside?.retryMs ?? RETRY_MS,
    (what, facts) => log.warn(facts, what),
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
  return { push, deliveries, notifying }
}

function vapidOf({ VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY }: Deps['settings']): VapidKeys | null {
  if (!VAPID_PUBLIC_KEY || !VAPID_PRIVATE_KEY) return null
  return { public_key: VAPID_PUBLIC_KEY, private_key: VAPID_PRIVATE_KEY }
}
