// What deleting an account needs from storage: that it is finished, whatever happens on the way.

/** What becomes of the messages of somebody who leaves: they stay as those of a deleted user, or go too. */
export type Messages = 'keep' | 'delete'

/** An account that is being deleted. */
export interface Departure {
  user_id: string
  messages: Messages
  begun_at: string
}

export interface DepartureStore {
  /** Takes note; a repeat changes nothing, but that `delete` takes the place of `keep`. */
  begin(departure: Departure): Promise<void>

  /** All that have not ended, in no order. */
  unfinished(): Promise<Departure[]>

  /** Everything is done; a repeat does no harm. */
  end(userId: string): Promise<void>
}
