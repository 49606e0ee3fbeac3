// The topics of chats, and who sees a chat only from some place on: their sockets must not hear what tells of before.
import type { ChatEvent } from '../events'
import type { Socket } from './socket'
import { lowestTold, wordsAbove } from './telling'

const TOPIC = 'chat:'
export const topicOf = (chatId: string) => TOPIC + chatId

/** Of those who see the chat only from some place on; as long as `TOPIC`. */
const lateTopicOf = (chatId: string) => `late:${chatId}`

export const chatOf = (topic: string) => topic.slice(TOPIC.length)

type WordsFor = (ws: Socket) => string

interface Late {
  sockets: Map<Socket, number>
  /** No socket has a higher floor; all may be lower than this says. */
  highest: number
}

/** Sockets with a floor in a chat; chats without any, which most are, cost nothing. */
export function createFloors() {
  const byChat = new Map<string, Late>()

  const floorOf = (ws: Socket, chatId: string): number => byChat.get(chatId)?.sockets.get(ws) ?? 0

  function remove(ws: Socket, chatId: string) {
    const late = byChat.get(chatId)
    late?.sockets.delete(ws)
    if (late?.sockets.size === 0) byChat.delete(chatId)
    ws.data.late.delete(chatId)
  }

  return {
    /** From now on this socket sees of the chat what comes after `floor`; 0: all. */
    set(ws: Socket, chatId: string, floor: number) {
      if (floor === 0) return remove(ws, chatId)
      const late = byChat.get(chatId) ?? { sockets: new Map(), highest: 0 }
      late.sockets.set(ws, floor)
      late.highest = Math.max(late.highest, floor)
      byChat.set(chatId, late)
      ws.data.late.add(chatId)
    },

    /** Hears the chat on one of its two topics. */
    subscribe(ws: Socket, chatId: string) {
      const isLate = floorOf(ws, chatId) > 0
      ws.unsubscribe(isLate ? topicOf(chatId) : lateTopicOf(chatId))
      ws.subscribe(isLate ? lateTopicOf(chatId) : topicOf(chatId))
    },

    /** Hears nothing of the chat any more. */
    leave(ws: Socket, chatId: string) {
      ws.unsubscribe(topicOf(chatId))
      ws.unsubscribe(lateTopicOf(chatId))
      remove(ws, chatId)
    },

    forget(ws: Socket) {
      for (const chatId of ws.data.late) remove(ws, chatId)
    },

    /**
     * Tells the late ones of an event whose full words are `text`: by their topic the same bytes, or each of them
     * what they may hear. Answers what a socket that catches up may hear; undefined: the full words.
     */
    tell(
      event: ChatEvent,
      text: string,
      publish: (topic: string, text: string) => void,
    ): WordsFor | undefined {
      const { chat_id } = event
      const late = byChat.get(chat_id)
      if (!late) return undefined
      if (lowestTold(event) > late.highest) {
        publish(lateTopicOf(chat_id), text)
        return undefined
      }
      const words = wordsAbove(event, text)
      for (const [ws, floor] of late.sockets) if (!ws.data.hold && !ws.data.closing) ws.send(words(floor))
      return ws => words(floorOf(ws, chat_id))
    },
  }
}
