// Everything that has logic, put together from the stores: one place that builds things, a part after the other.
import { partsOf } from '../export/parts'
import { createExport } from '../export/service'
import { tellingDoubts } from '../messages/doubts'
import { createBus } from '../realtime/bus'
import { createCrowd } from '../realtime/crowd'
import { createHub } from '../realtime/hub'
import { createNews } from '../realtime/news'
import { PRESENCE_TIMES } from '../realtime/presence'
import { createChatParts } from './chats'
import type { Base, Deps } from './deps'
import { createFileParts } from './files'
import { createDeparture } from './leaving'
import { createMessageParts } from './messages'
import { createPeople } from './people'
import { createPushParts } from './push'

export type { Deps } from './deps'

/** Opens nothing and starts nothing. */
export function createServices(deps: Deps) {
  const report = (error: unknown) => deps.log.error({ err: error }, 'unexpected error')
  const events = createBus(report)
  const stores = { ...deps.stores, messages: tellingDoubts(deps.stores.messages, events) }
  const base: Base = { ...deps, stores, events, report }

  const people = createPeople(base)
  const chatParts = createChatParts(base, people)
  const fileParts = createFileParts(base, people, chatParts)
  const messageParts = createMessageParts(base, people, chatParts, fileParts)
  const leaving = createDeparture(base, people, chatParts, fileParts, messageParts)

  const hub = createHub(events)
  const { users, walls, presence, sessions } = people
  const { tellMs } = deps.times ?? PRESENCE_TIMES
  const news = createNews(chatParts.circles, walls, users, presence, hub, events, report, tellMs)

  const pushParts = createPushParts(base, people, chatParts)
  const parts = { ...people, ...chatParts, ...fileParts, ...messageParts, ...pushParts }
  const taken = partsOf({ ...parts, userStore: stores.users, blobs: stores.blobs })
  return {
    ...parts,
    report,
    events,
    leaving,
    hub,
    news,
    exports: createExport(sessions, taken, report),
    crowd: createCrowd(),
  }
}

export type Services = ReturnType<typeof createServices>
