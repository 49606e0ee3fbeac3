// The hub: from events to the sockets of those who may hear them.
import type { ChatEvent, Events, NatterEvent } from '../events'
import { createHolds, NO_REV } from './hold'
import { CLOSE, LIMITS } from './limits'
import { sayBye, type Socket } from './socket'
import { frameOf, inOrder, isOfPeople, isPersonal, personalFrame, revOf, type Step } from './telling'

/** Publishes to all sockets of this process that subscribed to a topic. */
export type Publish = (topic: string, frame: string) => void

const TOPIC = 'chat:'
export const topicOf = (chatId: string) => TOPIC + chatId
const chatOf = (topic: string) => topic.slice(TOPIC.length)

const SLOW_CHECK_MS = 100

export type Hub = ReturnType<typeof createHub>

/**
 * An event of a chat is made into bytes once and given to the chat's topic, to which every socket of every
 * member is subscribed. What a turn of the event loop brings goes out at its end, after the turn's answers:
 * so a sender gets the `ack` first. A socket that catches up is on no topic: its frames wait.
 */
export function createHub(events: Events) {
  const sockets = new Set<Socket>()
  const byUser = new Map<string, Set<Socket>>()
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
    else if (isOfPeople(event)) return
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
    const text = JSON.stringify(frameOf(event))
    publish(topicOf(event.chat_id), text)
    holds.offer({ chat_id: event.chat_id, rev: revOf(event), text })
  }

  function enterChat(userId: string, chatId: string) {
    for (const ws of socketsOf(userId)) {
      if (ws.data.movedMeanwhile) ws.data.movedMeanwhile.set(chatId, true)
      else if (ws.data.hold) holds.add(ws, chatId)
      else ws.subscribe(topicOf(chatId))
    }
  }

  function part(userId: string, chatId: string, ended: boolean) {
    for (const ws of socketsOf(userId)) {
      if (ws.data.movedMeanwhile) ws.data.movedMeanwhile.set(chatId, !ended)
      else if (ended) leave(ws, chatId)
    }
    tellPerson(userId, { type: 'chat_gone', chat_id: chatId })
  }

  function leave(ws: Socket, chatId: string) {
    ws.unsubscribe(topicOf(chatId))
    holds.remove(ws, chatId)
    if (ws.data.hold) ws.data.hold.frames = ws.data.hold.frames.filter(({ chat_id }) => chat_id !== chatId)
  }

  function tellPerson(userId: string, frame: Record<string, unknown>) {
    sayTo(userId, JSON.stringify(frame))
  }

  function sayTo(userId: string, text: string) {
    for (const ws of socketsOf(userId)) say(ws, text)
  }

  /** Before `hello` nothing is told: what it would say is in the state that the client loads then. */
  function say(ws: Socket, text: string) {
    if (ws.data.movedMeanwhile || ws.data.closing) return
    if (ws.data.hold) holds.keep(ws, { chat_id: '', rev: NO_REV, text })
    else ws.send(text)
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

  const socketsOf = (userId: string): Iterable<Socket> => byUser.get(userId) ?? []

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
    },

    /** Hears the events of these chats from now on; with `holding` they wait until `release`. */
    listen(ws: Socket, chatIds: string[], holding: boolean) {
      const chats = chatsNow(ws, chatIds)
      if (holding) holds.begin(ws, chats)
      else for (const id of chats) ws.subscribe(topicOf(id))
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
      for (const id of holds.end(ws, levels)) ws.subscribe(topicOf(id))
    },

    leave(ws: Socket) {
      holds.end(ws, new Map())
      sockets.delete(ws)
      const own = byUser.get(ws.data.caller.user_id)
      own?.delete(ws)
      if (own?.size === 0) byUser.delete(ws.data.caller.user_id)
    },

    signOut,
    /** Says the same to all sockets of a person, or to one; where live frames wait it waits too. */
    sayTo,
    say,

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
