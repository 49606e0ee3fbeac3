// Events of a turn as frames: in which order, and what clients get to see of them.
import type { ChatEvent, NatterEvent } from '../events'
import { textOf } from '../messages/wire'
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
  if (steps.length < 2) return steps
  const byChat = Map.groupBy(steps.filter(isMessage), event => event.chat_id)
  for (const messages of byChat.values()) messages.sort((a, b) => b.message.rev - a.message.rev)
  return steps.map(step => (isMessage(step) ? (byChat.get(step.chat_id)?.pop() ?? step) : step))
}

/** What clients get to see of an event. */
export function frameOf(event: ChatEvent): string {
  if (event.type === 'message') return `{"type":"message","message":${textOf(event.message)}}`
  return JSON.stringify(event.type === 'chat' ? { type: 'chat', chat: event.chat } : event)
}

/** The lowest place of which an event tells; Infinity: of none. */
export const lowestTold = (event: ChatEvent): number =>
  isMessage(event) ? Math.min(event.message.seq, event.message.quote?.seq ?? Infinity) : Infinity

/**
 * The words of an event, whose full ones are `text`, for those who see the chat only after a floor: that it was, or
 * the message without its quote. Each is made once.
 */
export function wordsAbove(event: ChatEvent, text: string): (floor: number) => string {
  if (!isMessage(event)) return () => text
  const { chat_id, message } = event
  let passed: string | undefined
  let unquoted: string | undefined
  const { quote: _, ...rest } = message
  return floor => {
    if (message.seq <= floor)
      return (passed ??= JSON.stringify({ type: 'passed', chat_id, rev: message.rev }))
    if (lowestTold(event) <= floor) return (unquoted ??= JSON.stringify({ type: 'message', message: rest }))
    return text
  }
}

/** Up to which `rev` a frame brings its reader; `NO_REV` for one that is not about a message. */
export const revOf = (event: ChatEvent): number => (isMessage(event) ? event.message.rev : NO_REV)

type Personal = Extract<NatterEvent, { type: 'mine' | 'hidden' | 'saved' | 'join_request' }>

export const isPersonal = (event: NatterEvent): event is Personal =>
  event.type === 'mine' || event.type === 'hidden' || event.type === 'saved' || event.type === 'join_request'

/** Told to the person alone, who need not be told who they are. */
export function personalFrame({ user_id, ...frame }: Personal): Record<string, unknown> {
  return frame.type === 'mine' ? { ...frame, type: 'my' } : frame
}
