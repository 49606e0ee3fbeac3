// Who is typing: told at once, ended by the server when nothing more is heard, and never stored.
import type { Events } from '../events'
import type { Chats } from './service'

export type Typing = ReturnType<typeof createTyping>

/** How long somebody is typing after they last said so. */
export const TYPING_MS = 5_000

/** Within this a repeat is not told again. */
const REPEAT_MS = 1_000

interface Entry {
  on: boolean
  /** When `on` was told last. */
  toldAt: number
  /** Ends it, or forgets it. */
  timer: Timer
  /** What it was said by: it ends with it. */
  by: object
}

/** `ms` is shorter in tests. */
export function createTyping(chats: Chats, events: Events, ms = TYPING_MS) {
  /** By person, then by chat. */
  const entries = new Map<string, Map<string, Entry>>()

  events.subscribe(event => {
    if (event.type !== 'message') return
    const { sender_id, created_at, updated_at } = event.message
    const isNew = created_at === updated_at
    if (isNew && entries.has(sender_id)) stop(sender_id, event.chat_id)
  })

  function tell(user_id: string, chat_id: string, on: boolean) {
    events.publish({ type: 'typing', chat_id, user_id, on })
  }

  function start(me: string, chatId: string, by: object) {
    const known = entries.get(me)?.get(chatId)
    const isRepeat = known !== undefined && performance.now() - known.toldAt < REPEAT_MS
    // Whoever flips to and fro is heard once a second at most.
    if (isRepeat && !known.on) return
    clearTimeout(known?.timer)
    const toldAt = isRepeat ? known.toldAt : performance.now()
    const timer = setTimeout(() => stop(me, chatId), ms)
    timer.unref()
    keep(me, chatId, { on: true, toldAt, timer, by })
    if (!isRepeat) tell(me, chatId, true)
  }

  function stop(me: string, chatId: string) {
    const known = entries.get(me)?.get(chatId)
    if (!known?.on) return
    clearTimeout(known.timer)
    const timer = setTimeout(() => forget(me, chatId), REPEAT_MS)
    timer.unref()
    keep(me, chatId, { ...known, on: false, timer })
    tell(me, chatId, false)
  }

  function keep(me: string, chatId: string, entry: Entry) {
    const mine = entries.get(me)
    if (mine) mine.set(chatId, entry)
    else entries.set(me, new Map([[chatId, entry]]))
  }

  function forget(me: string, chatId: string) {
    const mine = entries.get(me)
    mine?.delete(chatId)
    if (mine?.size === 0) entries.delete(me)
  }

  return {
    /**
     * Tells the members of a chat of mine (404 otherwise) that I am typing, or no more. It ends by itself 5 seconds
     * after the last `on`, when `by` ends, and with my next message there. A repeat within a second is not told again,
     * and where a block is between the two of a private chat nothing is.
     */
    async set(me: string, chatId: string, on: boolean, by: object): Promise<void> {
      const door = await chats.mustBeMember(me, chatId)
      if (await chats.isApart(me, door)) return
      if (on) start(me, chatId, by)
      else stop(me, chatId)
    },

    /** Ends what this socket, or whatever it was, has said. */
    end(me: string, by: object): void {
      for (const [chatId, entry] of entries.get(me) ?? []) if (entry.by === by) stop(me, chatId)
    },
  }
}
