// Who sees a chat only from some place on, or has hidden a message of it: their sockets must not hear what tells of that.
import type { ChatEvent } from '../events'
import type { SocketDialect } from './dialect'
import type { Give } from './hold'
import type { Socket } from './socket'
import { lowestTold, sparedBy, wordsAbove } from './telling'
import { lateTopicOf, topicOf } from './topics'

/** Null: nothing. */
type WordsFor = (ws: Socket) => string | null

interface Late {
  /** From which place on they see it; 0: all but what they have hidden. */
  sockets: Map<Socket, number>
  /** No socket has a higher floor; all may be lower than this says. */
  highest: number
}

/** Sockets with a floor in a chat; chats without any, which most are, cost nothing. */
export function createFloors(give: Give) {
  const byChat = new Map<string, Late>()

  const floorOf = (ws: Socket, chatId: string): number => byChat.get(chatId)?.sockets.get(ws) ?? 0

  /** Whether it is told of the chat at all: it may be opening still, or its person may have left. */
  const hears = ({ data: { hold, dialect }, subscriptions }: Socket, chatId: string) =>
    hold ? hold.chats.has(chatId) : subscriptions.includes(topicOf(dialect, chatId))

  const isLate = (ws: Socket, chatId: string) => byChat.get(chatId)?.sockets.has(ws) === true

  function remove(ws: Socket, chatId: string) {
    const late = byChat.get(chatId)
    late?.sockets.delete(ws)
    if (late?.sockets.size === 0) byChat.delete(chatId)
    ws.data.late.delete(chatId)
  }

  function add(ws: Socket, chatId: string, floor: number) {
    const late = byChat.get(chatId) ?? { sockets: new Map(), highest: 0 }
    late.sockets.set(ws, floor)
    late.highest = Math.max(late.highest, floor)
    byChat.set(chatId, late)
    ws.data.late.add(chatId)
  }

  return {
    /** From now on this socket sees of the chat what comes after `floor`; 0: all. */
    set(ws: Socket, chatId: string, floor: number) {
      if (floor === 0) remove(ws, chatId)
      else add(ws, chatId, floor)
    },

    /** From now on this socket is told one by one what others hear by their topic, where that is less. */
    spare(ws: Socket, chatId: string) {
      if (isLate(ws, chatId) || !hears(ws, chatId)) return
      add(ws, chatId, 0)
      if (!ws.data.hold) this.subscribe(ws, chatId)
    },

    /** Hears the chat, of which it has heard nothing so far, on one of its two topics. */
    join(ws: Socket, chatId: string) {
      const { dialect } = ws.data
      ws.subscribe(isLate(ws, chatId) ? lateTopicOf(dialect, chatId) : topicOf(dialect, chatId))
    },

    /** The same where it may be on the other topic until now. */
    subscribe(ws: Socket, chatId: string) {
      const { dialect } = ws.data
      const topics = [topicOf(dialect, chatId), lateTopicOf(dialect, chatId)] as const
      const [own, other] = isLate(ws, chatId) ? topics.toReversed() : topics
      // In this order: leaving the last topic would lose what was published to it a moment ago.
      ws.subscribe(own as string)
      ws.unsubscribe(other as string)
    },

    /** Hears nothing of the chat any more. */
    leave(ws: Socket, chatId: string) {
      ws.unsubscribe(topicOf(ws.data.dialect, chatId))
      ws.unsubscribe(lateTopicOf(ws.data.dialect, chatId))
      remove(ws, chatId)
    },

    forget(ws: Socket) {
      for (const chatId of ws.data.late) remove(ws, chatId)
    },

    /**
     * Tells the late ones of a dialect of an event whose full words in it are `text`: by their topic the same bytes, or
     * each of them what they may hear. Answers what a socket that catches up may hear; undefined: the full words.
     */
    tell(
      event: ChatEvent,
      dialect: SocketDialect,
      text: string,
      publish: (topic: string, text: string) => void,
    ): WordsFor | undefined {
      const { chat_id } = event
      const late = byChat.get(chat_id)
      if (!late) return undefined
      if (lowestTold(event) > late.highest && sparedBy(event).length === 0) {
        publish(lateTopicOf(dialect, chat_id), text)
        return undefined
      }
      const words = wordsAbove(event, dialect, text)
      for (const [ws, floor] of late.sockets) {
        if (ws.data.dialect !== dialect || ws.data.hold || ws.data.closing) continue
        const said = words(floor, ws.data.caller.user_id)
        if (said !== null) give(ws, said, chat_id)
      }
      return ws => words(floorOf(ws, chat_id), ws.data.caller.user_id)
    },
  }
}
