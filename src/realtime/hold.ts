// Live frames that wait while a socket catches up, so that there is no hole between what it missed and what comes.
import type { SocketDialect } from './dialect'
import { CLOSE } from './limits'
import { sayBye, tell, type Socket, type Waiting } from './socket'

/** More than this and frames are dropped; the client then asks `changes` of the chats concerned. */
const MAX_WAITING = 2_000

/** Not about a message: passed on whatever the client has been given. */
export const NO_REV = Infinity

export type Holds = ReturnType<typeof createHolds>

/** Sends a frame of a chat (none: '') to one socket. */
export type Give = (ws: Socket, text: string, chatId: string) => void

export function createHolds(give: Give) {
  /** Who waits for frames of a chat. */
  const waitingFor = new Map<string, Set<Socket>>()

  function add(ws: Socket, chatId: string) {
    ws.data.hold?.chats.add(chatId)
    const sockets = waitingFor.get(chatId)
    if (sockets) sockets.add(ws)
    else waitingFor.set(chatId, new Set([ws]))
  }

  function remove(ws: Socket, chatId: string) {
    ws.data.hold?.chats.delete(chatId)
    const sockets = waitingFor.get(chatId)
    sockets?.delete(ws)
    if (sockets?.size === 0) waitingFor.delete(chatId)
  }

  function keep(ws: Socket, frame: Waiting) {
    const { hold } = ws.data
    if (!hold) return
    if (hold.frames.length < MAX_WAITING) return void hold.frames.push(frame)
    for (const { chat_id } of [...hold.frames, frame]) if (chat_id) hold.dropped.add(chat_id)
    // What is told to a person alone, or of a chat as a whole, cannot be asked for again.
    hold.frames = [...hold.frames, frame].filter(({ chat_id, shows }) => chat_id === '' || shows)
    if (hold.frames.length >= MAX_WAITING) sayBye(ws, CLOSE.tooSlow, 'Waiting for a sync too long.', true)
  }

  return {
    begin(ws: Socket, chatIds: Iterable<string>) {
      ws.data.hold = { chats: new Set(), frames: [], dropped: new Set() }
      for (const id of chatIds) add(ws, id)
    },

    add,
    remove,
    keep,

    /** Keeps a frame of a chat for all who wait for it in this dialect, in the words that each may hear. */
    offer(dialect: SocketDialect, frame: Waiting, textFor: (ws: Socket) => string | null = () => frame.text) {
      for (const ws of waitingFor.get(frame.chat_id) ?? []) {
        const text = ws.data.dialect === dialect ? textFor(ws) : null
        if (text !== null) keep(ws, { ...frame, text })
      }
    },

    /** Drops what waits of the person's own: it is about to be read and told as it is by then. */
    dropMine({ data: { hold } }: Socket) {
      if (hold) hold.frames = hold.frames.filter(({ isMine }) => !isMine)
    },

    /**
     * Brings frames that show chats up to date, since what was told meanwhile may be newer: of each chat the last one
     * stays, with the words that `read` has for it then (null: none any more). Goes on until none is left that is older.
     */
    async renew({ data }: Socket, read: (chatId: string) => Promise<string | null>) {
      for (const { hold } = data; hold && hold === data.hold;) {
        const chatId = hold.frames.find(({ shows }) => shows)?.shows
        const last = hold.frames.findLast(({ shows }) => shows && shows === chatId)
        if (!chatId || !last) return
        hold.frames = hold.frames.filter(frame => frame === last || frame.shows !== chatId)
        last.shows = undefined
        const text = await read(chatId)
        if (text === null) hold.frames = hold.frames.filter(frame => frame !== last)
        else last.text = text
      }
    },

    /**
     * Sends what waited, but for messages that the client was given already (`levels`: up to which `rev`, by chat),
     * and answers the chats that were waited for.
     */
    end(ws: Socket, levels: Map<string, number>): string[] {
      const { hold } = ws.data
      const chatIds = [...(hold?.chats ?? [])]
      for (const id of chatIds) remove(ws, id)
      ws.data.hold = null
      for (const { chat_id, rev, text } of hold?.frames ?? [])
        if (rev > (levels.get(chat_id) ?? -1)) give(ws, text, chat_id)
      for (const chat_id of hold?.dropped ?? []) tell(ws, { type: 'resync', chat_id })
      return chatIds
    },
  }
}
