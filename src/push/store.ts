// What notifications need from storage: where each device is told, and the keys by which push services know us.

/** The key pair of RFC 8292, each in URL-safe Base64. */
export interface VapidKeys {
  public_key: string
  private_key: string
}

/** One browser, of one sign-in. */
export interface PushSubscription {
  id: string
  user_id: string
  session_id: string
  /** The address at the browser's push service. Whoever knows it can reach the browser, so nobody is shown it. */
  endpoint: string
  /** The browser's public key and secret (RFC 8291), in URL-safe Base64. */
  p256dh: string
  auth: string
  device_name: string | null
  created_at: string
  /** Since when no notification has got through; null: the last one did. */
  failing_since: string | null
}

export interface PushStore {
  /** The keys that are kept; where none are, keeps these. Whoever asks gets the same, also many nodes at once. */
  keys(made: VapidKeys): Promise<VapidKeys>

  /**
   * Keeps a subscription. One with the same `endpoint` gives way: its `id` and `created_at` stay, all else is replaced.
   * Answers it as stored, or `too_many` where this person has `max` others.
   */
  put(subscription: PushSubscription, max: number): Promise<PushSubscription | 'too_many'>

  /** The one with this address, or null. */
  byEndpoint(endpoint: string): Promise<PushSubscription | null>

  /** Those of these people, by id. */
  of(userIds: string[]): Promise<PushSubscription[]>

  /** The ids of all people who have one, in no order. */
  people(): Promise<string[]>

  /** False if there is no such subscription of this person. */
  remove(userId: string, id: string): Promise<boolean>

  /** Drops those of sign-ins that ended. */
  removeOfSessions(sessionIds: string[]): Promise<void>

  /** Drops those of a person who leaves. */
  removeOf(userId: string): Promise<void>

  /** Takes note of a first failure, or that it is over (null); nothing happens for an unknown one. */
  setFailing(id: string, since: string | null): Promise<void>
}
