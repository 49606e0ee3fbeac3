// What the older APIs are made of: the services, who may ask, and how sockets come in.
import type { Guard } from '../auth/guard'
import type { Auth } from '../auth/service'
import type { Opening } from '../chats/opening'
import type { Chats } from '../chats/service'
import type { Messages } from '../messages/service'
import type { Sockets } from '../realtime'
import type { Users } from '../users/service'
import type { Acting } from './acting'

export interface Doors {
  auth: Auth
  users: Users
  chats: Chats
  opening: Opening
  messages: Messages
  guard: Guard
  acting: Acting
  sockets: Sockets
  /** Where a request comes from. */
  addressOf: (request: Request) => string
}
