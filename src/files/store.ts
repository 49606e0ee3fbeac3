// What files need from storage beside their bytes: who has which, and which messages show them.
import type { Kind } from './model'

/** A file as stored. Times are ISO 8601; facts that only pictures have are null for others. */
export interface FileRecord {
  id: string
  /** Empty: of somebody who has deleted their account. */
  user_id: string
  name: string
  /** Bytes, as kept; the thumbnail is not counted. */
  size: number
  media_type: string
  kind: Kind
  width: number | null
  height: number | null
  placeholder: string | null
  /** Bytes of the thumbnail; null: there is none. */
  thumbnail_size: number | null
  created_at: string
}

/** Messages of one chat that show a file: their places. */
export interface Showing {
  chat_id: string
  seqs: number[]
}

/**
 * Every method that changes something resolves after stable storage.
 * A file that is dropped is unknown to all but `dropped`, `restore`, `known` and `remove`; its bytes are still there.
 */
export interface FileStore {
  /**
   * Stores a new file. False, and nothing is stored, where the sizes of this person's files would pass `quota` bytes:
   * exact, however many are stored at once.
   */
  insert(file: FileRecord, quota: number): Promise<boolean>

  /** The sizes of this person's files, added up. */
  usedBy(userId: string): Promise<number>

  /** The file or null. */
  byId(id: string): Promise<FileRecord | null>

  /** The files found, in no order; unknown ids are left out. */
  byIds(ids: string[]): Promise<FileRecord[]>

  /** This person's files, newest first by id, below `below` (an id; absent: from the newest), at most `limit`. */
  list(userId: string, query: { below?: string; limit: number }): Promise<FileRecord[]>

  /** Which of these chats show a file, in messages that are not deleted, each with the newest 1,000 places, in no order. */
  showings(id: string, chatIds: string[]): Promise<Showing[]>

  /** Those of these files that a message shows, of whatever chat. */
  shownAmong(ids: string[]): Promise<string[]>

  /** Takes a file away and frees its bytes' room in the quota. False: unknown, or dropped already. */
  drop(id: string, at: string): Promise<boolean>

  /** Undoes `drop`, whatever the quota; nothing happens for others. */
  restore(id: string): Promise<void>

  /** Files dropped before `before`, the first of them first, at most `limit`. */
  dropped(before: string, limit: number): Promise<FileRecord[]>

  /** Forgets dropped files; others, and unknown ids, are passed over. */
  remove(ids: string[]): Promise<void>

  /**
   * Makes all files of this person nobody's (an empty `user_id`), dropped ones too, and forgets how much they had.
   * A repeat does no harm.
   */
  disown(userId: string): Promise<void>

  /** The ids of files between two ids, both left out, ascending, at most `limit`. */
  between(above: string, below: string, limit: number): Promise<string[]>

  /** Those of these ids that a file has, dropped or not. */
  known(ids: string[]): Promise<string[]>
}
