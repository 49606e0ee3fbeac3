// One notification after the other to the devices, again where a push service asks for patience.
import type { Notice } from './model'
import type { Post } from './post'
import type { PushStore, PushSubscription } from './store'

/** So many at once on their way, and so many that may wait or be tried again: what comes beyond is dropped. */
const AT_ONCE = 16
const MOST_WAITING = 10_000

/** A device that nothing has reached for this long is let go. */
const FAILING_MS = 7 * 86_400_000

export interface Delivery {
  subscription: PushSubscription
  notice: Notice
  urgent: boolean
  /** Asked right before each try: read elsewhere, muted or signed out meanwhile, and it is not sent. */
  isStillWanted(isRepeat: boolean): Promise<boolean>
}

export interface Counts {
  sent: number
  /** No longer wanted when their turn came. */
  skipped: number
  /** Given up, or refused by the push service. */
  failed: number
  /** Too many at once. */
  dropped: number
  waiting: number
}

export type Deliveries = ReturnType<typeof createDeliveries>

/** `retryMs`: how long to wait before each further try. */
export function createDeliveries(
  store: PushStore,
  post: Post,
  retryMs: number[],
  warn: (what: string, facts: object) => void,
) {
  const counts: Counts = { sent: 0, skipped: 0, failed: 0, dropped: 0, waiting: 0 }
  const queue: { delivery: Delivery; tries: number }[] = []
  const timers = new Set<Timer>()
  let running = 0
  let stopped = false

  function enqueue(delivery: Delivery, tries: number) {
    queue.push({ delivery, tries })
    if (running < AT_ONCE) void work()
  }

  async function work() {
    running++
    for (let next = queue.shift(); next && !stopped; next = queue.shift()) {
      const { delivery, tries } = next
      const waits = await attempt(delivery, tries).catch(async error => void (await fail(delivery, error)))
      if (waits) later(delivery, tries + 1, waits.ms)
      else counts.waiting--
    }
    running--
  }

  function later(delivery: Delivery, tries: number, ms: number) {
    const timer = setTimeout(() => {
      timers.delete(timer)
      enqueue(delivery, tries)
    }, ms).unref()
    timers.add(timer)
  }

  /** Answers how long to wait before it is tried again, or nothing when it is over. */
  async function attempt(delivery: Delivery, tries: number): Promise<{ ms: number } | undefined> {
    const { subscription, notice, urgent, isStillWanted } = delivery
    if (!(await isStillWanted(tries > 0))) {
      counts.skipped++
      return undefined
    }
    const outcome = await post(subscription, notice, urgent)
    const wait = retryMs[tries]
    if (outcome.is === 'later' && wait !== undefined) return { ms: Math.max(wait, outcome.afterMs) }
    if (outcome.is === 'sent') await sent(subscription)
    else if (outcome.is === 'gone') await store.remove(subscription.user_id, subscription.id)
    else await fail(delivery, outcome.is)
    return undefined
  }

  async function sent({ id, failing_since }: PushSubscription) {
    counts.sent++
    if (failing_since !== null) await store.setFailing(id, null)
  }

  async function fail({ subscription }: Delivery, reason: unknown) {
    counts.failed++
    const { id, user_id, endpoint, failing_since } = subscription
    warn('notification failed', { subscription: id, service: new URL(endpoint).host, reason })
    const now = Date.now()
    if (failing_since === null) await store.setFailing(id, new Date(now).toISOString()).catch(() => {})
    else if (now - Date.parse(failing_since) > FAILING_MS) await store.remove(user_id, id).catch(() => {})
  }

  return {
    counts: counts as Readonly<Counts>,

    add(delivery: Delivery) {
      if (counts.waiting >= MOST_WAITING) return void counts.dropped++
      counts.waiting++
      enqueue(delivery, 0)
    },

    stop() {
      stopped = true
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
