// Pinned messages of a chat, the one pinned last first.
import { isAllowed } from '../chats/roles'
import type { Chats, Door } from '../chats/service'
import { conflict, forbidden } from '../lib/errors'
import { lanes } from '../lib/lanes'
import { nowIso } from '../lib/schema'
import { mustStand, type Changing, type Target } from './changing'
import { MAX_PINS, type Message } from './model'
import type { MessageStore } from './store'
import type { Views } from './view'

export type Pins = ReturnType<typeof createPins>

/** Counted and pinned in the chat's lane: nodes that pin in the same moment can pass the limit by one each. */
export function createPins(store: MessageStore, chats: Chats, changing: Changing, views: Views) {
  const inLane = lanes()

  async function pinOne(me: string, goal: Target): Promise<Message> {
    const pinned = await store.pins(goal.message.chat_id)
    return changing.change(me, goal, message => {
      mustStand(message)
      if (message.pinned_at) return null
      if (pinned.length >= MAX_PINS)
        throw conflict('too_many_pins', `A chat has at most ${MAX_PINS} pinned messages.`)
      const now = nowIso()
      return { pinned_at: now, updated_at: now }
    })
  }

  return {
    /** By any member of a private chat, by admins of a group (403). A repeat changes nothing; 409 beyond 50. */
    async pin(me: string, chatId: string, id: string): Promise<Message> {
      const goal = await changing.target(me, chatId, id)
      mustBeAllowedToPin(goal.door)
      return inLane(chatId, () => pinOne(me, goal))
    },

    async unpin(me: string, chatId: string, id: string): Promise<Message> {
      const goal = await changing.target(me, chatId, id)
      mustBeAllowedToPin(goal.door)
      return changing.change(me, goal, message =>
        message.pinned_at ? { pinned_at: null, updated_at: nowIso() } : null,
      )
    },

    async list(me: string, chatId: string): Promise<Message[]> {
      const { roster, my } = await chats.mustBeMember(me, chatId)
      const hidden = await chats.hiddenFrom(me, chatId)
      const pinned = await store.pins(chatId)
      return views.show(
        me,
        roster,
        pinned.filter(({ seq }) => seq > my.cleared_seq && !hidden.has(seq)),
      )
    },
  }
}

function mustBeAllowedToPin({ roster, my }: Door) {
  if (roster.chat.chat_type === 'group' && !isAllowed('pin', my.role)) {
    throw forbidden('role_needed', 'In this group that takes the role admin.')
  }
}
