// What blocking people needs from storage.

/** One person has blocked another. */
export interface BlockRecord {
  user_id: string
  blocked_id: string
  blocked_at: string
}

export interface BlockStore {
  /**
   * Stores a block; `already`: it was there, and keeps its time. `too_many`: the person has `max` of them,
   * and nothing was stored. Several at once may pass `max` by what they add.
   */
  block(block: BlockRecord, max: number): Promise<'blocked' | 'already' | 'too_many'>

  /** Takes a block back; false if it was not there. */
  unblock(userId: string, blockedId: string): Promise<boolean>

  /** Whom a person has blocked, newest first, ties by id descending, from the first one after `after`, at most `limit`. */
  list(
    userId: string,
    query: { after?: { blocked_at: string; blocked_id: string }; limit: number },
  ): Promise<BlockRecord[]>

  /** All whom a person has blocked, and all who have blocked them, each in no order. */
  around(userId: string): Promise<{ blocked: string[]; blockedBy: string[] }>

  /** Drops all blocks of a person and against them; a repeat changes nothing. */
  removeOf(userId: string): Promise<void>
}
