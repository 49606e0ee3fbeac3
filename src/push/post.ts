// One notification on its way: encrypted for its device, signed by us, posted to its push service.
import { placeOf, type Outside } from './reach'
import type { Notice } from './model'
import type { PushSubscription, VapidKeys } from './store'

/** How a push service answered: taken; the device is no more; again later (after so many ms); never like this. */
export type Outcome = { is: 'sent' | 'gone' | 'refused' } | { is: 'later'; afterMs: number }

/** What a push service keeps for a device that is away, and for how long: a day. */
const TTL_SECONDS = 86_400
const TIMEOUT_MS = 10_000
/** A service that wants more time is asked again after this much. */
const LONGEST_WAIT_MS = 60_000

export type Post = ReturnType<typeof createPost>

export function createPost(keys: () => Promise<VapidKeys>, subject: string, outside: Outside) {
  /** RFC 8291 (encryption), RFC 8292 (who we are), RFC 8030 (the rest). One that is newer replaces the one waiting. */
  async function requestFor({ endpoint, p256dh, auth }: PushSubscription, notice: Notice, urgent: boolean) {
    // Loaded by the first notification, since most starts need it never.
    const { default: webpush } = await import('web-push')
    const { public_key, private_key } = await keys()
    return webpush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, JSON.stringify(notice), {
      vapidDetails: { subject, publicKey: public_key, privateKey: private_key },
      TTL: TTL_SECONDS,
      urgency: urgent ? 'high' : 'normal',
      topic: notice.chat_id,
    })
  }

  /** Resolves in 15 seconds at most. */
  return async function post(
    subscription: PushSubscription,
    notice: Notice,
    urgent: boolean,
  ): Promise<Outcome> {
    const url = new URL(subscription.endpoint)
    const address = await placeOf(url, outside)
    if (address === null) return { is: 'refused' }
    const { headers, body } = await requestFor(subscription, notice, urgent)
    const { host, hostname } = url
    url.hostname = address.includes(':') ? `[${address}]` : address
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { ...(headers as Record<string, string>), host },
        body: body as Buffer<ArrayBuffer>,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        tls: { serverName: hostname, ...(outside.ca && { ca: outside.ca }) },
      } as RequestInit)
      // What it says is of no interest and may be endless.
      await answer.body?.cancel()
      return outcomeOf(answer)
    } catch {
      return { is: 'later', afterMs: 0 }
    }
  }
}

function outcomeOf({ status, headers }: Response): Outcome {
  if (status >= 200 && status < 300) return { is: 'sent' }
  if (status === 404 || status === 410) return { is: 'gone' }
  if (status !== 429 && status < 500) return { is: 'refused' }
  const seconds = Number(headers.get('retry-after') ?? 0)
  return { is: 'later', afterMs: Math.min(Math.max(0, seconds || 0) * 1000, LONGEST_WAIT_MS) }
}
