// Which devices are notified: subscribing them, and letting go of them.
import type { Events } from '../events'
import { conflict, invalid, notFound } from '../lib/errors'
import { newId } from '../lib/ids'
import { nowIso } from '../lib/schema'
import { MAX_SUBSCRIPTIONS, type Subscribe, type Subscription } from './model'
import { mustBeReachable, type Outside } from './reach'
import type { PushStore, PushSubscription, VapidKeys } from './store'

export type Push = ReturnType<typeof createPush>

/** Who asks, and by which sign-in. */
interface Who {
  user_id: string
  session_id: string
}

export function createPush(
  store: PushStore,
  keys: () => Promise<VapidKeys>,
  outside: Outside,
  events: Events,
  report: (error: unknown) => void,
) {
  /** Everybody who may have a subscription: who is not in here costs a message nothing. */
  const people = new Set<string>()

  events.subscribe(event => {
    if (event.type !== 'sessions_ended' || people.size === 0) return
    store.removeOfSessions(event.session_ids).catch(report)
  })

  return {
    /** All who may have a subscription. Nobody, until it was loaded. */
    people: people as ReadonlySet<string>,

    /** Takes up who has a subscription by what is stored: at the start, and now and then. */
    async load(): Promise<void> {
      const before = new Set(people)
      const stored = new Set(await store.people())
      for (const id of stored) people.add(id)
      // Who subscribed while this was read stays.
      for (const id of before) if (!stored.has(id)) people.delete(id)
    },

    async key(): Promise<{ public_key: string }> {
      return { public_key: (await keys()).public_key }
    },

    /**
     * Subscribes the browser of this sign-in; a repeat replaces what was kept of it. 409 beyond 20 of one person, and
     * for an address of somebody else's with other keys; 422 for one that is not a push service's, or a bad key.
     */
    async subscribe(me: Who, { endpoint, keys, device_name }: Subscribe): Promise<Subscription> {
      await mustBeKey(keys.p256dh)
      await mustBeReachable(endpoint, outside)
      await mustBeTheirs(me, endpoint, keys.auth)
      const { user_id, session_id } = me
      const subscription: PushSubscription = {
        id: newId(),
        user_id,
        session_id,
        endpoint,
        p256dh: keys.p256dh,
        auth: keys.auth,
        device_name: device_name ?? null,
        created_at: nowIso(),
        failing_since: null,
      }
      const kept = await store.put(subscription, MAX_SUBSCRIPTIONS)
      if (kept === 'too_many')
        throw conflict('too_many_subscriptions', `At most ${MAX_SUBSCRIPTIONS} devices are notified.`)
      people.add(user_id)
      return toSubscription(kept, session_id)
    },

    async list({ user_id, session_id }: Who): Promise<Subscription[]> {
      return (await store.of([user_id])).map(found => toSubscription(found, session_id))
    },

    async unsubscribe(userId: string, id: string): Promise<void> {
      if (!(await store.remove(userId, id))) throw notFound('subscription')
    },
  }

  /** A browser that somebody else signs in to has the same secret; who only knows an address does not take it over. */
  async function mustBeTheirs({ user_id }: Who, endpoint: string, auth: string) {
    const found = await store.byEndpoint(endpoint)
    if (found && found.user_id !== user_id && found.auth !== auth) {
      throw conflict('endpoint_taken', 'This address is subscribed with other keys.')
    }
  }
}

/** A point of P-256: 422 otherwise, since nothing could be encrypted for it. */
async function mustBeKey(p256dh: string) {
  const { ECDH } = await import('node:crypto')
  try {
    ECDH.convertKey(Buffer.from(p256dh, 'base64url'), 'prime256v1')
  } catch {
    throw invalid('body/keys/p256dh', 'bad_key', 'This is no public key of P-256.')
  }
}

function toSubscription(
  { id, session_id, endpoint, device_name, created_at, failing_since }: PushSubscription,
  current: string,
): Subscription {
  const service = new URL(endpoint).host
  return { id, device_name, service, created_at, failing_since, current: session_id === current }
}
