// Leaving for good: what each part does about it.
import { createLeaving } from '../auth/leaving'
import type { ChatParts } from './chats'
import type { Base } from './deps'
import type { FileParts } from './files'
import type { MessageParts } from './messages'
import type { People } from './people'

export function createDeparture(
  { stores, events, report }: Base,
  { auth, sessions, users, blocks }: People,
  { joining, members }: ChatParts,
  { unshown }: FileParts,
  { removal }: MessageParts,
) {
  const farewell = {
    async leaveChats(userId: string) {
      await joining.withdrawAll(userId)
      await members.leaveAll(userId)
    },
    removePicture: async (userId: string) => void (await users.edit(userId, { avatar: null })),
    removeFiles: unshown.removeOf,
    disownFiles: stores.files.disown,
    deleteMessages: removal.removeAllOf,
    async dropPrivate(userId: string) {
      await stores.schedule.removeOf(userId)
      await stores.saved.removeOf(userId)
      await stores.push.removeOf(userId)
      await blocks.removeOf(userId)
      await sessions.dropTickets(userId)
    },
  }
  return createLeaving(stores.users, stores.departures, auth, sessions, farewell, events, report)
}
