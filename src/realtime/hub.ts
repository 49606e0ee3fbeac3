// The hub: from events to the sockets of those who may hear them.
import type { ChatEvent, Events, NatterEvent } from '../events'
import type { SocketDialect } from './dialect'
import { createHolds, NO_REV } from './hold'
import { CLOSE, LIMITS } from './limits'
import { sayBye, tell, type Socket } from './socket'
import { inOrder, isPersonal, personalFrame, revOf, type Step } from './telling'

/** Publishes to all sockets of this process that subscribed to a topic. */
export type Publish = (topic: string, frame: string) => void

const topicOf = (dialect: SocketDialect, chatId: string) => `${dialect.name}:${chatId}`
const chatOf = (topic: string) => topic.slice(topic.indexOf(':') + 1)

const SLOW_CHECK_MS = 100

export type Hub = ReturnType<typeof createHub>

/**
 * An event of a chat is made into bytes once for each dialect that is spoken, and given to the chat's topic in it,
 * to which every socket of every member is subscribed. What a turn of the event loop brings goes out at its end,
 * after the turn's answers: so a sender gets the `ack` first. A socket that catches up is on no topic: its frames wait.
 */
export function createHub(events: Events) {
  const sockets = new Set<Socket>()
  const byUser = new Map<string, Set<Socket>>()
  /** How many sockets speak each dialect. */
  const spoken = new Map<SocketDialect, number>()
  const holds = createHolds()
  let publish: Publish = () => {}
  let queue: Step[] = []

  events.subscribe(hear)
  const watch = setInterval(closeStragglers, SLOW_CHECK_MS)
  watch.unref()

  function hear(event: NatterEvent) {
    if (event.type === 'sessions_ended') endSessions(new Set(event.session_ids))
    else if (event.type === 'entered') later(() => enterChat(event.user_id, event.chat_id))
    else if (event.type === 'joined')
      later(() => tellPerson(event.user_id, { type: 'chat', chat: event.chat }))
    else if (event.type === 'gone') later(() => part(event.user_id, event.chat_id, event.ended))
    else if (isPersonal(event)) later(() => tellPerson(event.user_id, personalFrame(event)))
    else later(event)
  }

  /** In the order of the events, once the turn's answers have gone out. */
  function later(step: Step) {
    if (queue.length === 0) setImmediate(flush)
    queue.push(step)
  }

  function flush() {
    const steps = inOrder(queue)
    queue = []
    for (const step of steps) {
      if (typeof step === 'function') step()
      else send(step)
    }
  }

  function send(event: ChatEvent) {
    for (const dialect of spoken.keys()) {
      const text = dialect.showEvent(event)
      if (text === null) continue
      publish(topicOf(dialect, event.chat_id), text)
      holds.offer(dialect, { chat_id: event.chat_id, rev: revOf(event), text })
    }
  }

  function enterChat(userId: string, chatId: string) {
    for (const ws of socketsOf(userId)) {
      const { movedMeanwhile, hold, dialect } = ws.data
      movedMeanwhile?.set(chatId, true)
      if (hold) holds.add(ws, chatId)
      else if (!movedMeanwhile || !dialect.greets) subscribe(ws, chatId)
    }
  }

  function part(userId: string, chatId: string, ended: boolean) {
    for (const ws of socketsOf(userId)) {
      ws.data.movedMeanwhile?.set(chatId, !ended)
      if (ended) leave(ws, chatId)
    }
    tellPerson(userId, { type: 'chat_gone', chat_id: chatId })
  }

  function leave(ws: Socket, chatId: string) {
    ws.unsubscribe(topicOf(ws.data.dialect, chatId))
    holds.remove(ws, chatId)
    if (ws.data.hold) ws.data.hold.frames = ws.data.hold.frames.filter(({ chat_id }) => chat_id !== chatId)
  }

  /** Before `hello` nothing is told: what it would say is in the state that the client loads then. */
  function tellPerson(userId: string, frame: Record<string, unknown>) {
    for (const ws of socketsOf(userId)) {
      if (ws.data.movedMeanwhile) continue
      if (ws.data.hold) keep(ws, frame)
      else tell(ws, frame)
    }
  }

  function keep(ws: Socket, frame: Record<string, unknown>) {
    const text = ws.data.dialect.showFrame(frame)
    if (text !== null) holds.keep(ws, { chat_id: '', rev: NO_REV, text })
  }

  function endSessions(sessionIds: Set<string>) {
    for (const ws of sockets) if (sessionIds.has(ws.data.caller.session_id)) signOut(ws)
  }

  const signOut = (ws: Socket) => sayBye(ws, CLOSE.signedOut, 'Signed out, or the sign-in expired.', false)

  /** Sockets whose sign-in expired, and those whose client reads too slowly to keep up. */
  function closeStragglers() {
    const now = Date.now()
    for (const ws of sockets) {
      if (ws.data.caller.until <= now) signOut(ws)
      else if (ws.getBufferedAmount() > LIMITS.unsent_bytes)
        sayBye(ws, CLOSE.tooSlow, 'Reading too slowly.', true)
    }
  }

  const subscribe = (ws: Socket, chatId: string) => ws.subscribe(topicOf(ws.data.dialect, chatId))

  const socketsOf = (userId: string): Iterable<Socket> => byUser.get(userId) ?? []

  function unspeak(dialect: SocketDialect) {
    const others = (spoken.get(dialect) ?? 0) - 1
    if (others > 0) spoken.set(dialect, others)
    else spoken.delete(dialect)
  }

  /** The chats a person had when asked, and what came of them since. */
  function chatsNow(ws: Socket, chatIds: string[]): Set<string> {
    const chats = new Set(chatIds)
    for (const [id, joined] of ws.data.movedMeanwhile ?? []) {
      if (joined) chats.add(id)
      else chats.delete(id)
    }
    ws.data.movedMeanwhile = null
    return chats
  }

  return {
    /** Where frames go; given once the server listens. */
    attach(publisher: Publish) {
      publish = publisher
    },

    /** From now on this socket hears of chats its person joins or leaves. */
    enter(ws: Socket) {
      sockets.add(ws)
      const own = byUser.get(ws.data.caller.user_id)
      if (own) own.add(ws)
      else byUser.set(ws.data.caller.user_id, new Set([ws]))
      const { dialect, chatsBefore } = ws.data
      spoken.set(dialect, (spoken.get(dialect) ?? 0) + 1)
      for (const id of chatsBefore) subscribe(ws, id)
    },

    /** Hears the events of these chats from now on; with `holding` they wait until `release`. */
    listen(ws: Socket, chatIds: string[], holding: boolean) {
      const chats = chatsNow(ws, chatIds)
      for (const id of ws.data.chatsBefore) if (!chats.has(id)) leave(ws, id)
      if (holding) holds.begin(ws, chats)
      else for (const id of chats) subscribe(ws, id)
    },

    /** Live frames wait from now on; nothing happens where they wait already. */
    hold(ws: Socket) {
      if (ws.data.hold) return
      const topics = ws.subscriptions
      for (const topic of topics) ws.unsubscribe(topic)
      holds.begin(ws, topics.map(chatOf))
    },

    /** Sends what waited, but for what the client has been given, and goes on live. */
    release(ws: Socket, levels: Map<string, number>) {
      for (const id of holds.end(ws, levels)) subscribe(ws, id)
    },

    leave(ws: Socket) {
      holds.end(ws, new Map())
      if (!sockets.delete(ws)) return
      unspeak(ws.data.dialect)
      const own = byUser.get(ws.data.caller.user_id)
      own?.delete(ws)
      if (own?.size === 0) byUser.delete(ws.data.caller.user_id)
    },

    signOut,

    get size() {
      return sockets.size
    },

    /** Sends what waits, then closes every socket with 1012: connect again. */
    drain() {
      clearInterval(watch)
      flush()
      for (const ws of sockets) sayBye(ws, CLOSE.restarting, 'Restarting.', true)
    },
  }
}
