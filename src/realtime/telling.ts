// Events of a turn as frames: in which order, and what clients get to see of them.
import type { ChatEvent, NatterEvent, PeopleEvent } from '../events'
import type { SocketDialect } from './dialect'
import { NO_REV } from './hold'

/** An event to be sent to a chat, or something to be done in its turn, such as leaving a topic. */
export type Step = ChatEvent | (() => void)

type MessageEvent = Extract<ChatEvent, { type: 'message' }>
const isMessage = (step: Step): step is MessageEvent => typeof step !== 'function' && step.type === 'message'

/**
 * What one turn brought, with the messages of each chat in the order of their `rev`: answers of one batch reach
 * their callers in one turn, but not always in the order of the store.
 */
export function inOrder(steps: Step[]): Step[] {
  if (isInOrder(steps)) return steps
  const byChat = Map.groupBy(steps.filter(isMessage), event => event.chat_id)
  for (const messages of byChat.values()) messages.sort((a, b) => b.message.rev - a.message.rev)
  return steps.map(step => (isMessage(step) ? (byChat.get(step.chat_id)?.pop() ?? step) : step))
}

/** Mostly: sorting costs more than looking. */
function isInOrder(steps: Step[]): boolean {
  const revs = new Map<string, number>()
  for (const step of steps) {
    if (!isMessage(step)) continue
    const { chat_id, message } = step
    if (message.rev < (revs.get(chat_id) ?? 0)) return false
    revs.set(chat_id, message.rev)
  }
  return true
}

/** What clients get to see of an event. */
export function frameOf(event: ChatEvent): Record<string, unknown> {
  if (event.type === 'message') return { type: 'message', message: event.message }
  if (event.type === 'chat') return { type: 'chat', chat: event.chat }
  return event
}

/** Who hears of an event less than all, whatever they see of the chat. */
export const sparedBy = (event: ChatEvent): string[] =>
  isMessage(event) ? (event.hidden_from ?? []).map(({ user_id }) => user_id) : []

/** The lowest place of which an event tells; Infinity: of none. */
export const lowestTold = (event: ChatEvent): number =>
  isMessage(event) ? Math.min(event.message.seq, event.message.quote?.seq ?? Infinity) : Infinity

/**
 * The words of an event in a dialect, whose full ones are `text`, for those who see the chat only after a floor, or have
 * hidden some of it: that it was, or the message without its quote. Each is made once; null: nothing is said.
 */
export function wordsAbove(
  event: ChatEvent,
  dialect: SocketDialect,
  text: string,
): (floor: number, userId: string) => string | null {
  if (!isMessage(event)) return () => text
  const { chat_id, message, hidden_from = [] } = event
  const { quote: _, ...unquoted } = message
  const once = (make: () => string | null) => {
    let made: string | null | undefined
    return () => (made === undefined ? (made = make()) : made)
  }
  const passed = once(() => dialect.showFrame({ type: 'passed', chat_id, rev: message.rev }))
  const withoutQuote = once(() => dialect.showEvent({ ...event, message: unquoted }))
  return (floor, userId) => {
    const isUnseen = (place: number) =>
      place <= floor || hidden_from.some(({ user_id, seq }) => user_id === userId && seq === place)
    if (isUnseen(message.seq)) return passed()
    return message.quote && isUnseen(message.quote.seq) ? withoutQuote() : text
  }
}

/** Up to which `rev` a frame brings its reader; `NO_REV` for one that is not about a message. */
export const revOf = (event: ChatEvent): number => (isMessage(event) ? event.message.rev : NO_REV)

type Personal = Extract<
  NatterEvent,
  { type: 'mine' | 'hidden' | 'saved' | 'scheduled' | 'join_request' | 'block' | 'signed_in' }
>

const PERSONAL = new Set<NatterEvent['type']>([
  'mine',
  'hidden',
  'saved',
  'scheduled',
  'join_request',
  'block',
  'signed_in',
])
const OF_PEOPLE = new Set<NatterEvent['type']>(['presence', 'profile', 'visibility'])

export const isPersonal = (event: NatterEvent): event is Personal => PERSONAL.has(event.type)

/** Told by the news, to each person once, whatever chats they share. */
export const isOfPeople = (event: NatterEvent): event is PeopleEvent => OF_PEOPLE.has(event.type)

/** Whether it is numbered for the person, so that every sync tells it. */
export const isMoved = ({ type }: Personal): boolean => type === 'mine' || type === 'hidden'

/** Told to the person alone, who need not be told who they are. */
export function personalFrame({ user_id, ...frame }: Personal): Record<string, unknown> {
  if (frame.type === 'mine') return { ...frame, type: 'my' }
  return frame.type === 'signed_in' ? { ...frame, type: 'session' } : frame
}
