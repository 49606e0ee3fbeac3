// What a socket may do, and why it is closed.
import { Type, type TInteger } from '@sinclair/typebox'
import { SIGN_IN } from '../auth/attempts'
import { MAX_HASHES_WAITING } from '../auth/passwords'
import { RATES } from '../auth/rates'
import { MAX_INVITES, MAX_JOIN_REQUESTS } from '../chats/joining.model'
import { MAX_CIRCLE, MAX_DRAFT, MAX_MEMBERS } from '../chats/model'
import { settings, type Config } from '../config'
import { MAX_EXPORTS } from '../export/service'
import { MAX_UPLOADS_AT_ONCE } from '../files/uploads'
import { MOST_WAITING } from '../lib/batch'
import { MAX_FILE_NAME } from '../lib/filenames'
import { MAX_ATTACHMENTS, MAX_CAPTION } from '../messages/attachment.model'
import { MAX_AVATAR_BYTES } from '../files/avatar.model'
import { MAX_CHANGES, MAX_CONTENT, MAX_EDITS, MAX_MENTIONS, MAX_PINS, MAX_REACTIONS } from '../messages/model'
import { MAX_SCHEDULED } from '../messages/mine.model'
import { MAX_SUBSCRIPTIONS } from '../push/model'
import { MAX_BLOCKS } from '../users/model'

const MB = 1024 * 1024

type RateName = keyof typeof RATES

/** Of each rate what may come at once, and what comes back in a minute. */
const rateLimits = Object.fromEntries(
  Object.entries(RATES).flatMap(([name, { burst, per_minute }]) => [
    [`${name}_burst`, burst],
    [`${name}_per_minute`, per_minute],
  ]),
) as Record<`${RateName}_burst` | `${RateName}_per_minute`, number>

/** With `RATE_LIMITS=off`: 0 stands for no limit. */
const noRateLimits = {
  ...(Object.fromEntries(Object.keys(rateLimits).map(name => [name, 0])) as typeof rateLimits),
  sign_in_failures: 0,
  sign_in_failures_of_account: 0,
  sign_in_accounts: 0,
}

/** What clients may do, told in `hello`. */
export const LIMITS = {
  /** Bytes of one frame; a larger one closes the socket with 1009, one twice as large without a word. */
  frame_bytes: 64 * 1024,
  /** Characters of a message. */
  content_length: MAX_CONTENT,
  /** Frames that may wait for their turn; one more closes the socket with 4429. */
  queued_frames: 1024,
  /** Characters of them together; more closes the socket likewise. */
  queued_characters: 2 * MB,
  /** Bytes that may wait to be sent to a client that reads too slowly; then 4408. */
  unsent_bytes: 512 * 1024,
  /** Malformed frames before the socket is closed with 4400. */
  bad_frames: 20,
  /** Frames that came too fast, within 10 seconds, before the socket is closed with 4429. */
  hasty_frames: 100,
  /** Sockets of one person. */
  sockets_per_person: 50,
  /** Sockets of everybody together; a setting, or what the limit of open files leaves room for. */
  sockets: settings.MAX_SOCKETS.unset,
  /** Sockets from one address that have not signed in yet (Socket.IO), each for at most 10 seconds. */
  sockets_signing_in: 1_000,
  /** Failed sign-ins of one account from one address, within `sign_in_seconds`. */
  sign_in_failures: SIGN_IN.failures,
  /** The same from all addresses together; then each has one try. */
  sign_in_failures_of_account: SIGN_IN.ofAccount,
  /** Accounts for which sign-ins from one address may have failed. */
  sign_in_accounts: SIGN_IN.accounts,
  sign_in_seconds: SIGN_IN.seconds,
  /** Passwords of everybody that wait to be made or checked. */
  passwords_waiting: MAX_HASHES_WAITING,
  /** Writes of everybody that wait for the store. */
  writes_waiting: MOST_WAITING,
  /** Exports of everybody under way. */
  exports_at_once: MAX_EXPORTS,
  /** Uploads of one person under way. */
  uploads_at_once: MAX_UPLOADS_AT_ONCE,
  /** Different emoji on one message. */
  reactions: MAX_REACTIONS,
  /** Names after an `@` that one message looks up. */
  mentions: MAX_MENTIONS,
  /** Pinned messages of a chat. */
  pins: MAX_PINS,
  /** Times that a message may be edited. */
  edits: MAX_EDITS,
  /** Messages that one person may have scheduled. */
  scheduled: MAX_SCHEDULED,
  /** Characters of a draft. */
  draft_length: MAX_DRAFT,
  /** Messages in one page of `changes`. */
  changes: MAX_CHANGES,
  /** Members of a group. */
  members: MAX_MEMBERS,
  /** Files on one message. */
  attachments: MAX_ATTACHMENTS,
  /** Characters of the caption of a file. */
  caption_length: MAX_CAPTION,
  /** Bytes of a file that is uploaded; a setting. */
  upload_bytes: settings.MAX_UPLOAD_MB.unset * MB,
  /** Characters of the name of a file; a longer one is cut. */
  file_name_length: MAX_FILE_NAME,
  /** Bytes of the picture of a person or group. */
  avatar_bytes: MAX_AVATAR_BYTES,
  /** Devices of one person that are notified. */
  push_subscriptions: MAX_SUBSCRIPTIONS,
  /** Links to join a group by. */
  invites: MAX_INVITES,
  /** People who wait to be let into a group. */
  join_requests: MAX_JOIN_REQUESTS,
  /** Members of a group up to which presence and profiles are told live. */
  presence_members: MAX_CIRCLE,
  /** People whom one person may have blocked. */
  blocks: MAX_BLOCKS,
  ...rateLimits,
}

/** The limits of a server with these settings. */
export const limitsOf = ({
  MAX_UPLOAD_MB,
  MAX_SOCKETS,
  RATE_LIMITS,
}: Pick<Config, 'MAX_UPLOAD_MB' | 'MAX_SOCKETS' | 'RATE_LIMITS'>): typeof LIMITS => ({
  ...LIMITS,
  upload_bytes: MAX_UPLOAD_MB * MB,
  sockets: MAX_SOCKETS,
  ...(!RATE_LIMITS && noRateLimits),
})

/** The same as a schema. */
export const Limits = Type.Object(
  Object.fromEntries(Object.keys(LIMITS).map(name => [name, Type.Integer()])) as Record<
    keyof typeof LIMITS,
    TInteger
  >,
)

/** Why a socket is closed; told in `bye` before. */
export const CLOSE = {
  tooLarge: 1009,
  restarting: 1012,
  badFrames: 4400,
  signedOut: 4401,
  tooSlow: 4408,
  tooFast: 4429,
} as const
