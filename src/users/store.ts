// What people need from storage.

/** A person as stored. Times are ISO 8601; absent facts are null. */
export interface UserRecord {
  id: string
  username: string
  email: string | null
  full_name: string | null
  avatar: string | null
  bio: string | null
  status: string | null
  /** When the status ends; null: it stays as set. */
  status_expires_at: string | null
  /** When the last socket left, or nearly now while one is open; null: never seen. */
  last_seen: string | null
  /** Seen as offline by everybody, with the `last_seen` of the moment when this began. */
  invisible: boolean
  /** Tells nobody when they were last seen, and is told of nobody. */
  hide_last_seen: boolean
  role: 'user' | 'admin'
  /** argon2id in PHC form; null for an account without a password. */
  password_hash: string | null
  gender: string | null
  timezone: string | null
  created_at: string
  updated_at: string
  /** Set once the account is deleted; the row stays so that messages keep a sender. */
  deleted_at: string | null
}

export type UserPatch = Partial<Omit<UserRecord, 'id' | 'created_at'>>

/** Which unique fact of a person is taken by somebody else. */
export type Taken = 'username' | 'email'

export interface UserStore {
  /**
   * Stores a new person. Usernames and emails are unique by their folded form (`keyOf`).
   * Answers null when stored, or what is taken; then nothing was stored.
   */
  insert(user: UserRecord): Promise<Taken | null>

  /** Changes the fields given. Answers null when done (also for an unknown or deleted person, who stays as is), or what is taken. */
  update(id: string, patch: UserPatch): Promise<Taken | null>

  /** The person, deleted ones included, or null. */
  byId(id: string): Promise<UserRecord | null>

  /**
   * Moves `last_seen` of several people forward, never back. Unknown and deleted ones are passed over,
   * and so are those who are invisible.
   */
  seen(sightings: { id: string; at: string }[]): Promise<void>

  /**
   * Empties at most `limit` statuses that ended by `now`, the earliest first; `updated_at` becomes `now`.
   * Answers whose they were. One that was set anew meanwhile stays.
   */
  endStatuses(now: string, limit: number): Promise<string[]>

  /** The people found, deleted ones included, in no order; unknown ids are left out. */
  byIds(ids: string[]): Promise<UserRecord[]>

  /** By username, without regard to case; deleted people are never found. */
  byUsername(username: string): Promise<UserRecord | null>

  /** By whole email, without regard to case; deleted people are never found. */
  byEmail(email: string): Promise<UserRecord | null>

  /**
   * People who are not deleted, ordered by folded username, from the first one after `after`
   * (a folded username; absent: from the start), at most `limit`.
   * With `prefixes` only those for whom each prefix begins one of the folded words of username or full name.
   */
  list(query: { prefixes?: string[]; after?: string; limit: number }): Promise<UserRecord[]>

  /**
   * Those of these people (at most 1,000 ids) who are not deleted and for whom each prefix begins one of the folded
   * words of username or full name, in no order.
   */
  named(ids: string[], prefixes: string[]): Promise<string[]>

  /**
   * People who are not deleted with a folded word of username or full name that begins with this prefix, each once,
   * in no order, at most `limit`. It costs the limit, however many there are.
   */
  withWord(prefix: string, limit: number): Promise<string[]>

  /**
   * Empties a deleted person's row: names, email, texts, password, presence and search terms go, `deleted_at` is set.
   * The folded username stays taken until `freeNames`. A repeat changes nothing.
   */
  erase(id: string, at: string): Promise<void>

  /** Forgets the folded usernames of people erased before this time, for others to take. */
  freeNames(erasedBefore: string): Promise<void>

  /** Forgets this username where somebody who was erased had it, whenever that was; nothing happens for others. */
  freeName(username: string): Promise<void>
}
