// What can happen in a chat, and the port through which it is told.
import type { Chat, MyChat, SharedChat } from './chats/model'
import type { Session } from './auth/model'
import type { Scheduled, ScheduledState } from './messages/mine.model'
import type { Message } from './messages/model'
import type { Presence } from './users/model'

/** A message that somebody has deleted for themself. */
export interface HiddenPlace {
  user_id: string
  seq: number
}

/** Told to every member of `chat_id`. */
export type ChatEvent =
  /**
   * `isNew`: it was sent; without it one that was there has changed. `hidden_from`: who has deleted it, or the message
   * that it quotes, for themself (`seq` says which), and hears nothing of that; absent: nobody.
   */
  | { type: 'message'; chat_id: string; message: Message; isNew?: true; hidden_from?: HiddenPlace[] }
  | { type: 'read'; chat_id: string; user_id: string; seq: number }
  | { type: 'delivered'; chat_id: string; user_id: string; seq: number }
  | { type: 'typing'; chat_id: string; user_id: string; on: boolean }
  /** Name, picture, members or roles changed. */
  | { type: 'chat'; chat_id: string; chat: SharedChat }
  /** Something was stored that could not be told. */
  | { type: 'resync'; chat_id: string }

/** Told to one person, on all their sockets. */
export type PersonalEvent =
  /** I am a member from now on and hear of messages above `floor`; `joined` follows with what the chat looks like. */
  | { type: 'entered'; chat_id: string; user_id: string; floor: number }
  /** I was added to a chat, created one, or one came back to my list: from now on I hear its events. */
  | { type: 'joined'; chat_id: string; user_id: string; chat: Chat }
  /** A chat left my list. `ended`: I am no member any more and hear nothing of it from now on. */
  | { type: 'gone'; chat_id: string; user_id: string; ended: boolean }
  /** My own settings, draft or read position in a chat changed, on another device of mine. */
  | { type: 'mine'; chat_id: string; user_id: string; my: MyChat }
  /** I deleted a message for myself. */
  | { type: 'hidden'; chat_id: string; user_id: string; message_id: string; seq: number }
  /** I saved a message, or no longer do. */
  | { type: 'saved'; user_id: string; message_id: string; saved: boolean }
  /** What I have scheduled was added, changed, cancelled or sent, or could not be sent. */
  | { type: 'scheduled'; user_id: string; state: ScheduledState; scheduled: Scheduled }
  /** Somebody (`from`) asked to be let into a group of which I am an admin, or that was decided; or I did. */
  | { type: 'join_request'; chat_id: string; user_id: string; from: string; state: JoinState }
  /** I have blocked somebody, or no longer do. */
  | { type: 'block'; user_id: string; blocked_id: string; on: boolean }
  /** I signed in on another device. */
  | { type: 'signed_in'; user_id: string; session: Omit<Session, 'current'> }

/** What became of somebody's request to be let into a group. */
export type JoinState = 'asked' | 'withdrawn' | 'approved' | 'declined'

/** How one person is seen from now on. `last_seen` is given once somebody is offline. */
export interface PresenceChange {
  user_id: string
  presence: Presence
  last_seen: string | null
}

/**
 * Told to those who share a chat with the person. Each node finds out by itself who of them listens there,
 * so these events are small, however many they concern.
 */
export type PeopleEvent =
  | { type: 'presence'; changes: PresenceChange[] }
  /** What others see of a person has changed. */
  | { type: 'profile'; user_id: string }
  /** What a person tells of their presence has changed. */
  | { type: 'visibility'; user_id: string; invisible: boolean; hide_last_seen: boolean }

/** Sign-ins that ended: their tokens and sockets are good for nothing from now on. */
export type SessionEvent =
  | { type: 'sessions_ended'; session_ids: string[] }
  /** A person has deleted their account: nobody acts for them any more, whatever they signed in with. */
  | { type: 'erased'; user_id: string }

export type NatterEvent = ChatEvent | PersonalEvent | PeopleEvent | SessionEvent

/**
 * Tells everyone who listens. Events of one chat are told in the order of the calls, so a service publishes
 * right after the store's answer, with no wait between. Never throws and never waits for a listener.
 */
export interface Events {
  publish(event: NatterEvent): void
  /** Hears every event from now on; answers how to stop. What a listener throws is logged, not passed on. */
  subscribe(listener: (event: NatterEvent) => void): () => void
}
