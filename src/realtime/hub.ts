// The hub: from events to the sockets of those who may hear them.
import type { ChatEvent, Events, NatterEvent } from '../events'
import { afterAnswers } from '../lib/afterwards'
import { createAcks } from './acks'
import { createFloors } from './floors'
import { createHolds, NO_REV } from './hold'
import { CLOSE } from './limits'
import { createSeats } from './seats'
import { signOut, watchStragglers } from './stragglers'
import { sayBye, type Place, type Socket, type Waiting } from './socket'
import {
  inOrder,
  isMoved,
  isOfPeople,
  isPersonal,
  personalFrame,
  revOf,
  sparedBy,
  type Step,
} from './telling'
import { chatOf, isOfChat, topicOf } from './topics'

/** All sockets of this process, by the topics that they subscribed to. */
export interface Air {
  publish(topic: string, text: string): void
  listeners(topic: string): number
}

const NOBODY: Air = { publish() {}, listeners: () => 0 }

export type Hub = ReturnType<typeof createHub>

/**
 * An event of a chat is made into bytes once for each dialect that is spoken, and given to the chat's topic in it,
 * to which every socket of every member is subscribed. What a turn of the event loop brings goes out at its end,
 * after the turn's answers: so a sender gets the `ack` first. A socket that catches up is on no topic: its frames wait.
 * Sockets of members who see the chat only from some place on have a topic of their own: it gets the same bytes,
 * but for what tells of a place before theirs, which is told to each of them in the words that they may hear. So does
 * whoever has hidden a message that changes.
 */
export function createHub(events: Events) {
  const seats = createSeats()
  const stragglers = watchStragglers(seats.all)
  const delivered = { chats: 0, people: 0 }
  const give = (ws: Socket, text: string, chatId: string) => {
    if (chatId === '') delivered.people++
    else delivered.chats++
    ws.send(text)
  }
  const holds = createHolds(give)
  const floors = createFloors(give)
  let air = NOBODY
  const publish = (topic: string, text: string) => {
    delivered.chats += air.listeners(topic)
    air.publish(topic, text)
  }
  const acks = createAcks(topic => air.listeners(topic))
  let queue: Step[] = []

  events.subscribe(hear)

  function hear(event: NatterEvent) {
    if (event.type === 'sessions_ended') endSessions(new Set(event.session_ids))
    else if (event.type === 'erased') for (const ws of seats.of(event.user_id)) signOut(ws)
    else if (event.type === 'entered') later(() => enterChat(event.user_id, event.chat_id, event.floor))
    else if (event.type === 'joined')
      later(() => tellPerson(event.user_id, { type: 'chat', chat: event.chat }, { shows: event.chat_id }))
    else if (event.type === 'gone') later(() => part(event.user_id, event.chat_id, event.ended))
    else if (isOfPeople(event)) return
    else if (isPersonal(event))
      later(() => tellPerson(event.user_id, personalFrame(event), { isMine: isMoved(event) }))
    else tellChat(event)
  }

  function tellChat(event: ChatEvent) {
    for (const dialect of seats.dialects()) acks.expect(topicOf(dialect, event.chat_id))
    later(event)
  }

  /** In the order of the events, once the turn's answers have gone out. */
  function later(step: Step) {
    if (queue.length === 0) afterAnswers(flush)
    queue.push(step)
  }

  function flush() {
    const steps = inOrder(queue)
    queue = []
    acks.told()
    for (const step of steps) {
      if (typeof step === 'function') step()
      else send(step)
    }
  }

  function send(event: ChatEvent) {
    const { chat_id } = event
    for (const userId of sparedBy(event)) for (const ws of seats.of(userId)) floors.spare(ws, chat_id)
    for (const dialect of seats.dialects()) {
      const text = dialect.showEvent(event)
      if (text === null) continue
      publish(topicOf(dialect, chat_id), text)
      const shows = event.type === 'chat' ? chat_id : undefined
      const frame = { chat_id, rev: revOf(event), text, shows }
      holds.offer(dialect, frame, floors.tell(event, dialect, text, publish))
    }
  }

  function enterChat(userId: string, chatId: string, floor: number) {
    for (const ws of seats.of(userId)) {
      const { movedMeanwhile, hold, dialect } = ws.data
      movedMeanwhile?.set(chatId, floor)
      if (movedMeanwhile && dialect.greets) continue
      floors.set(ws, chatId, floor)
      if (hold) holds.add(ws, chatId)
      else floors.subscribe(ws, chatId)
    }
  }

  function part(userId: string, chatId: string, ended: boolean) {
    for (const ws of ended ? seats.of(userId) : []) {
      ws.data.movedMeanwhile?.set(chatId, null)
      leave(ws, chatId)
    }
    tellPerson(userId, { type: 'chat_gone', chat_id: chatId })
  }

  function leave(ws: Socket, chatId: string) {
    floors.leave(ws, chatId)
    holds.remove(ws, chatId)
    if (ws.data.hold) ws.data.hold.frames = ws.data.hold.frames.filter(({ chat_id }) => chat_id !== chatId)
  }

  function tellPerson(userId: string, frame: Record<string, unknown>, more: Partial<Waiting> = {}) {
    const text = JSON.stringify(frame)
    for (const ws of seats.of(userId)) say(ws, frame.type as string, text, more)
  }

  function sayTo(userId: string, type: string, text: string) {
    for (const ws of seats.of(userId)) say(ws, type, text)
  }

  /** Before `hello` nothing is told: what it would say is in the state that the client loads then. */
  function say(ws: Socket, type: string, frame: string, more: Partial<Waiting> = {}) {
    if (ws.data.movedMeanwhile || ws.data.closing) return
    const text = ws.data.dialect.showText(type, frame)
    if (text === null) return
    if (ws.data.hold) holds.keep(ws, { chat_id: '', rev: NO_REV, text, ...more })
    else give(ws, text, '')
  }

  function endSessions(sessionIds: Set<string>) {
    for (const ws of seats.all) if (sessionIds.has(ws.data.caller.session_id)) signOut(ws)
  }

  /** The chats a person had when asked, and what came of them since; from which place on they see each. */
  function chatsNow(ws: Socket, places: Place[]): string[] {
    const { movedMeanwhile } = ws.data
    ws.data.movedMeanwhile = null
    const seen = movedMeanwhile?.size ? withMoves(places, movedMeanwhile) : places
    for (const { id, cleared_seq } of seen) if (cleared_seq > 0) floors.set(ws, id, cleared_seq)
    return seen.map(({ id }) => id)
  }

  /** One that hears of its chats before it is greeted may have left some meanwhile, or see them from elsewhere on. */
  function listenOn(ws: Socket, chats: string[]) {
    const now = new Set(chats)
    for (const { id } of ws.data.placesBefore) if (!now.has(id)) leave(ws, id)
    ws.data.placesBefore = []
    for (const id of chats) floors.subscribe(ws, id)
  }

  return {
    /** Where frames go; given once the server listens. */
    attach(given: Air) {
      air = given
    },

    acknowledge: acks.acknowledge,

    /** From now on this socket hears of chats its person joins or leaves. */
    enter(ws: Socket) {
      seats.take(ws)
      for (const { id, cleared_seq } of ws.data.placesBefore) {
        floors.set(ws, id, cleared_seq)
        floors.join(ws, id)
      }
    },

    /** Hears the events of these chats from now on; with `holding` they wait until `release`. */
    listen(ws: Socket, places: Place[], holding: boolean) {
      const chats = chatsNow(ws, places)
      if (!ws.data.dialect.greets) listenOn(ws, chats)
      else if (holding) holds.begin(ws, chats)
      else for (const id of chats) floors.join(ws, id)
    },

    /** Live frames wait from now on; nothing happens where they wait already. */
    hold(ws: Socket) {
      if (ws.data.hold) return
      const topics = ws.subscriptions.filter(isOfChat)
      for (const topic of topics) ws.unsubscribe(topic)
      holds.begin(ws, topics.map(chatOf))
    },

    dropMine: holds.dropMine,
    renew: holds.renew,

    /** Sends what waited, but for what the client has been given, and goes on live. */
    release(ws: Socket, levels: Map<string, number>) {
      for (const id of holds.end(ws, levels)) floors.join(ws, id)
    },

    leave(ws: Socket) {
      holds.end(ws, new Map())
      floors.forget(ws)
      seats.leave(ws)
    },

    signOut,

    /** Says the same to all sockets of a person, or to one: a frame of /ws as text, and its type. Where live frames wait it waits too. */
    sayTo,
    say,

    get size() {
      return seats.all.size
    },

    /** Frames given to sockets so far: of what happens in chats, and of what is told to people one by one. */
    delivered: delivered as Readonly<typeof delivered>,

    /** The open sockets: looked at one by one, so for whoever asks now and then. */
    open: (): Iterable<Socket> => seats.all,
    /** How many sockets this person has here. */
    sizeOf: (userId: string): number => seats.of(userId).length,

    /** Sends what waits, then closes every socket with 1012: connect again. */
    drain() {
      stragglers.stop()
      flush()
      for (const ws of seats.all) sayBye(ws, CLOSE.restarting, 'Restarting.', true)
    },
  }
}

function withMoves(places: Place[], moved: Map<string, number | null>): Place[] {
  const seenFrom = new Map<string, number | null>(places.map(({ id, cleared_seq }) => [id, cleared_seq]))
  for (const [id, floor] of moved) seenFrom.set(id, floor)
  return [...seenFrom].flatMap(([id, floor]) => (floor === null ? [] : { id, cleared_seq: floor }))
}
