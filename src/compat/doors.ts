// The services that the older APIs call.
import type { Keys } from '../admin/servicekeys'
import type { Auth } from '../auth/service'
import type { Sessions } from '../auth/sessions'
import type { Opening } from '../chats/opening'
import type { Chats } from '../chats/service'
import type { Messages } from '../messages/service'
import type { Users } from '../users/service'

export interface Doors {
  keys: Keys
  sessions: Sessions
  auth: Auth
  users: Users
  chats: Chats
  opening: Opening
  messages: Messages
}
