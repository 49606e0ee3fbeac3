// Chats and their members.
import { createCircles } from '../chats/circle'
import { createDirectory } from '../chats/directory'
import { createInvites } from '../chats/invites'
import { createJoining } from '../chats/joining'
import { createMembers } from '../chats/members'
import { createMine } from '../chats/mine'
import { createRosters } from '../chats/roster'
import { createChats } from '../chats/service'
import { createTyping } from '../chats/typing'
import type { Base } from './deps'
import type { People } from './people'

export type ChatParts = ReturnType<typeof createChatParts>

export function createChatParts({ stores, events, times }: Base, { users, walls, sight }: People) {
  const rosters = createRosters(stores.chats)
  const chats = createChats(stores.chats, rosters, walls, events, stores.blobs)
  events.subscribe(event => {
    if (event.type === 'message') rosters.advance(event.chat_id, event.message)
  })
  return {
    rosters,
    chats,
    members: createMembers(stores.chats, rosters, chats, users, events),
    directory: createDirectory(chats, users, sight),
    invites: createInvites(stores.invites, chats),
    joining: createJoining(stores.invites, stores.requests, rosters, chats, users, events),
    typing: createTyping(chats, events, times?.typingMs),
    circles: createCircles(stores.chats, walls),
    mine: createMine(stores.chats, rosters, chats, events),
  }
}
