// The bag of ports that an engine fills.
import type { DepartureStore } from '../auth/leaving.store'
import type { AdminStore } from '../admin/store'
import type { AuthStore } from '../auth/store'
import type { InviteStore, JoinRequestStore } from '../chats/joining.store'
import type { ChatStore } from '../chats/store'
import type { BatchMeter } from '../lib/batch'
import type { BlobStore } from '../files/blobs'
import type { FileStore } from '../files/store'
import type { EpochStore } from '../messages/epoch.store'
import type { MessageStore } from '../messages/store'
import type { SavedStore, ScheduleStore } from '../messages/mine.store'
import type { SearchStore } from '../messages/search.store'
import type { PushStore } from '../push/store'
import type { BlockStore } from '../users/blocks.store'
import type { UserStore } from '../users/store'

export interface Stores {
  /** What the start prints and `/ready` tells. */
  readonly engine: 'sqlite' | 'mongodb'
  /** How commits do that carry new and changed messages; in SQLite those that carry anything. */
  readonly commits: BatchMeter
  users: UserStore
  auth: AuthStore
  blocks: BlockStore
  chats: ChatStore
  invites: InviteStore
  requests: JoinRequestStore
  messages: MessageStore
  saved: SavedStore
  schedule: ScheduleStore
  search: SearchStore
  files: FileStore
  blobs: BlobStore
  departures: DepartureStore
  push: PushStore
  admin: AdminStore
  epoch: EpochStore
  /** Resolves when the engine answers; throws when it does not. */
  ping(): Promise<void>
  /** Finishes what is being written, then lets go of everything. */
  close(): Promise<void>
}
