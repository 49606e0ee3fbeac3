// What saved and scheduled messages need from storage.

/** A message that someone keeps for themself. */
export interface SavedMessage {
  user_id: string
  message_id: string
  chat_id: string
  saved_at: string
}

export interface SavedStore {
  /** Keeps a message; a repeat changes nothing (also not `saved_at`). */
  save(saved: SavedMessage): Promise<void>
  /** False if it was not kept. */
  unsave(userId: string, messageId: string): Promise<boolean>
  /** What a person keeps, saved last first, ties by message id descending, after `after`, at most `limit`. */
  list(
    userId: string,
    query: { after?: { saved_at: string; message_id: string }; limit: number },
  ): Promise<SavedMessage[]>
  /** Drops all that a person keeps who leaves. */
  removeOf(userId: string): Promise<void>
}

/** A message to be sent later. */
export interface ScheduledMessage {
  id: string
  user_id: string
  chat_id: string
  /** The message will have it. */
  client_id: string
  content: string
  reply_to: string | null
  thread_of: string | null
  send_at: string
  created_at: string
  /** Why it could not be sent at its time (an error code); null: still to be sent. */
  failed: string | null
}

export interface ScheduleStore {
  /**
   * Stores it, and answers it with `isNew`; one that has this id already is answered instead.
   * Null, and nothing is stored, where the person has `max` already.
   */
  insert(
    scheduled: ScheduledMessage,
    max: number,
  ): Promise<{ scheduled: ScheduledMessage; isNew: boolean } | null>
  byId(id: string): Promise<ScheduledMessage | null>
  /** What a person has scheduled, the next first, ties by id. */
  listOf(userId: string): Promise<ScheduledMessage[]>
  /** Changes what is given; null if it is not there any more. */
  update(
    id: string,
    patch: Partial<Pick<ScheduledMessage, 'content' | 'reply_to' | 'thread_of' | 'send_at' | 'failed'>>,
  ): Promise<ScheduledMessage | null>
  /** False if it was not there. */
  remove(id: string): Promise<boolean>
  /** Those with `send_at <= now` that have not failed, the earliest first, at most `limit`. */
  due(now: string, limit: number): Promise<ScheduledMessage[]>
  /** Drops all of a person who leaves, or of one chat of theirs. */
  removeOf(userId: string, chatId?: string): Promise<void>
}
