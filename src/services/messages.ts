// Messages: what is said, what becomes of it, and how it is found.
import { createAttaching } from '../messages/attaching'
import { createChanging } from '../messages/changing'
import { createChangeLog } from '../messages/changes'
import { createComposer } from '../messages/compose'
import { createGallery } from '../messages/gallery'
import { createHits } from '../messages/hits'
import { createIndexing } from '../messages/indexing'
import { createMentions } from '../messages/mentions'
import { createPins } from '../messages/pins'
import { createReactions } from '../messages/reactions'
import { createReceipts } from '../messages/receipts'
import { createRemoval } from '../messages/removal'
import { createRetention } from '../messages/retention'
import { createSaved } from '../messages/saved'
import { createSchedule } from '../messages/schedule'
import { createSearch } from '../messages/search'
import { createMessages } from '../messages/service'
import { createThreads } from '../messages/threads'
import { createViews } from '../messages/view'
import type { ChatParts } from './chats'
import type { Base } from './deps'
import type { FileParts } from './files'
import type { People } from './people'

export type MessageParts = ReturnType<typeof createMessageParts>

export function createMessageParts(
  { stores, events, report }: Base,
  { users }: People,
  { rosters, chats }: ChatParts,
  { files }: FileParts,
) {
  const store = stores.messages
  const views = createViews(store, chats, rosters)
  const mentions = createMentions(store, chats, rosters, users, views)
  const composer = createComposer(store, chats, mentions, createAttaching(files), views)
  const threads = createThreads(store, chats, rosters, views, events)
  const messages = createMessages(store, chats, composer, threads, views, events)
  const changing = createChanging(store, stores.chats, chats, messages, mentions, threads, views, events)
  const indexing = createIndexing(store, stores.search, threads, events, report)
  const hits = createHits(stores.search, store, chats, rosters)
  return {
    mentions,
    threads,
    messages,
    changing,
    reactions: createReactions(messages, changing),
    pins: createPins(store, chats, changing, views),
    gallery: createGallery(store, chats),
    changes: createChangeLog(store, stores.epoch, chats, views),
    receipts: createReceipts(stores.chats, rosters, chats, messages, events),
    saved: createSaved(stores.saved, store, messages, chats, events),
    schedule: createSchedule(stores.schedule, chats, composer, messages, events),
    retention: createRetention(store, stores.chats, rosters, threads, views, events),
    removal: createRemoval(store, rosters, threads, views, events),
    indexing,
    search: createSearch(hits, indexing, chats, rosters, users, views),
  }
}
