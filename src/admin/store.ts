// What administrators need from storage: service keys, and the log of their use.

/** A service key. The key itself is nowhere: only its SHA-256, so the table opens nothing when read by others. */
export interface KeyRecord {
  id: string
  name: string
  /** SHA-256 of the key, as hex digits. */
  hash: string
  created_by: string
  created_at: string
  /** Null: never used. */
  last_used_at: string | null
}

/** One use of a key. */
export interface AuditRecord {
  id: string
  at: string
  key_id: string
  /** As it was then: the entry outlives the key. */
  key_name: string
  /** For whom it acted; null: for nobody in particular, as where everybody is listed. */
  user_id: string | null
  /** Method and path, without the query; the path of the route where the address holds an email. */
  action: string
}

export interface AuditQuery {
  key_id?: string
  user_id?: string
  /** Only entries older than this one (an id; absent: from the newest). */
  below?: string
  limit: number
}

/** Every method that changes something resolves after stable storage. */
export interface AdminStore {
  insertKey(key: KeyRecord): Promise<void>

  /** The key with this hash, or null. */
  keyByHash(hash: string): Promise<KeyRecord | null>

  /** The key with this id, or null. */
  key(id: string): Promise<KeyRecord | null>

  /** Keys with an id below `below` (absent: from the newest), newest first, at most `limit`. */
  keys(query: { below?: string; limit: number }): Promise<KeyRecord[]>

  /** Removes a key; false if it was not there. Its log stays. */
  deleteKey(id: string): Promise<boolean>

  /** Adds an entry to the log, and its time to the key as its last use. */
  note(entry: AuditRecord): Promise<void>

  /** Entries, newest first, of one key or one person where named. */
  audit(query: AuditQuery): Promise<AuditRecord[]>

  /** Drops entries from before this time. Safe to repeat and to leave out. */
  dropAudit(before: string): Promise<void>
}
