// What joining by a link needs from storage: links, and requests of those who have to be let in.
import type { MemberRecord, NewMember } from './store'

/** A link to join a group by. */
export interface InviteRecord {
  /** What the link is made of: whoever knows it may join. */
  code: string
  chat_id: string
  created_by: string
  created_at: string
  /** From then on it is good for nothing; null: never. */
  expires_at: string | null
  /** How many may join, or ask to; null: as many as the group takes. */
  max_uses: number | null
  uses: number
  /** Whoever comes by it asks to be let in, instead of joining. */
  needs_approval: boolean
}

export interface JoinRequest {
  chat_id: string
  user_id: string
  created_at: string
}

/** A place in a list that is sorted by time. */
export interface ListPlace {
  created_at: string
  id: string
}

/** Why a link lets nobody in; null: it is unknown, expired by then, used up or its chat is gone. */
export type NotLetIn = 'member' | 'too_many' | null

export interface InviteStore {
  /** Stores a link unless the chat, which exists, has `max` of them: then false. Those expired by `now` make room. */
  insert(invite: InviteRecord, max: number, now: string): Promise<boolean>

  /** The link with this code, expired and used up ones too; null: unknown, or revoked. */
  byCode(code: string): Promise<InviteRecord | null>

  /** The links of a chat, newest first, ties by code descending, after `after` (`id` is the code), at most `limit`. */
  list(chatId: string, query: { after?: ListPlace; limit: number }): Promise<InviteRecord[]>

  /** False if the chat has no such link. */
  remove(chatId: string, code: string): Promise<boolean>

  /**
   * Makes a person a member by a link that is good at `now`, and counts one use of it: both or neither, and never
   * more uses than `max_uses`, however many come at once. Newcomers are as in `addMembers` of the chats.
   * `member`: is one already; `too_many`: the group would grow past `max`. Neither takes a use.
   */
  redeem(code: string, person: NewMember, now: string, max: number): Promise<MemberRecord | NotLetIn>

  /**
   * Keeps that a person asks to be let in, by a link that is good at `now`, and counts one use of it.
   * `waiting`: has asked already; `member`: is one; `too_many`: `max` wait in this chat. None of them takes a use.
   */
  ask(code: string, userId: string, now: string, max: number): Promise<JoinRequest | 'waiting' | NotLetIn>
}

/** Requests of people who are no members: of one chat each person has at most one. */
export interface JoinRequestStore {
  /** Who asked to be let into a chat, the first first, ties by id, after `after` (`id` is the person), at most `limit`. */
  list(chatId: string, query: { after?: ListPlace; limit: number }): Promise<JoinRequest[]>

  /** What a person has asked, by chat id, after `after` (a chat id), at most `limit`. */
  listOf(userId: string, query: { after?: string; limit: number }): Promise<JoinRequest[]>

  /** The request of a person to a chat, or null. */
  one(chatId: string, userId: string): Promise<JoinRequest | null>

  /** How many wait in each of these chats; those without any are left out. */
  counts(chatIds: string[]): Promise<{ chat_id: string; count: number }[]>

  /**
   * Makes the person a member and the request vanish. Of two who decide at once one does; `absent`: there is no such
   * request (any more). `too_many`: the group would grow past `max`; the request stays.
   */
  approve(chatId: string, person: NewMember, max: number): Promise<MemberRecord | 'absent' | 'too_many'>

  /** Drops a request; false if there was none. */
  remove(chatId: string, userId: string): Promise<boolean>

  /** Drops all requests of a person; answers the chats they were of. */
  removeOf(userId: string): Promise<string[]>
}
