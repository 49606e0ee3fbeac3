// Who sees a chat only from some place on: their sockets must not hear of what stands before it.
import type { Socket } from './socket'

export type Floors = ReturnType<typeof createFloors>

interface Late {
  sockets: Map<Socket, number>
  /** No socket has a higher floor; it may be lower than this says. */
  highest: number
}

/** Sockets with a floor in a chat; chats without any, which most are, cost nothing. */
export function createFloors() {
  const byChat = new Map<string, Late>()

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

    remove,

    removeAll(ws: Socket) {
      for (const chatId of ws.data.late) remove(ws, chatId)
    },

    /** The place after which this socket sees the chat; 0: it sees all. */
    of: (ws: Socket, chatId: string): number => byChat.get(chatId)?.sockets.get(ws) ?? 0,

    /** The sockets with a floor in this chat; undefined: none has one. */
    in: (chatId: string): Readonly<Late> | undefined => byChat.get(chatId),
  }
}
