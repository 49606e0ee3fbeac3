// Which columns make a record, and how rows become records.
import type { MemberRecord } from '../../chats/store'
import type { UserRecord } from '../../users/store'

export const USER_COLUMNS = `id, username, email, full_name, avatar, bio, status, role, password_hash, gender,
  timezone, created_at, updated_at, deleted_at, status_expires_at, last_seen, invisible, hide_last_seen`

export type UserRow = Omit<UserRecord, 'invisible' | 'hide_last_seen'> & {
  invisible: number
  hide_last_seen: number
}

export const userFrom = (row: UserRow): UserRecord => ({
  ...row,
  invisible: row.invisible === 1,
  hide_last_seen: row.hide_last_seen === 1,
})

export const CHAT_COLUMNS = `id, chat_type, group_name, group_avatar, created_by, last_seq, rev, activity_at,
  retention_seconds, expired_seq, who_may_write, history_for_newcomers, created_at, updated_at`

/** What makes a member's record; a row may have more. */
export const MEMBER_COLUMNS = `chat_id, user_id, role, read_seq, delivered_seq, cleared_seq, hidden, muted_until,
  pinned, archived, draft, draft_at, notify, left_at, my_no, joined_at`

export type MemberRow = Omit<MemberRecord, 'hidden' | 'pinned' | 'archived'> & {
  hidden: number
  pinned: number
  archived: number
}

/**
 * A message after what was cleared brings a hidden chat back: this follows, so that no send has to write it.
 * Written out, since lists of chats and of members go through here: spreading costs more.
 */
export const memberFrom = (row: MemberRow, lastSeq: number): MemberRecord => ({
  chat_id: row.chat_id,
  user_id: row.user_id,
  role: row.role,
  read_seq: row.read_seq,
  delivered_seq: row.delivered_seq,
  cleared_seq: row.cleared_seq,
  hidden: row.hidden === 1 && lastSeq <= row.cleared_seq,
  muted_until: row.muted_until,
  pinned: row.pinned === 1,
  archived: row.archived === 1,
  draft: row.draft,
  draft_at: row.draft_at,
  notify: row.notify,
  left_at: row.left_at,
  my_no: row.my_no,
  joined_at: row.joined_at,
})

/** The fields of a patch that are there: one that is undefined was not given. */
export const given = <T extends object>(patch: T): T =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as T
