// What is looked for in the search index of SQLite.
import type { SearchQuery } from '../../messages/search.store'

/** Sender and type are terms too, of a form that no word has; a text, which most messages are, has none for its type. */
export const termOfSender = (id: string) => `@${id}`
export const termsOfType = (type: string | undefined) =>
  type === undefined || type === 'text' ? [] : [`#${type}`]

/** What the two ways of looking need to know. Ids are hex, the newest below and the oldest above are left out. */
export interface Search {
  /** The numbers of the chats, as JSON. */
  chats: string
  olderThan: string
  newerThan: string
  limit: number
  fits(met: Met, chatNo: number): boolean
  /** Whatever has the one term that is looked for fits. */
  isOneTerm: boolean
}

/** A message that is looked at. */
export interface Met {
  id: string
  seq: number
  terms: string
}

export interface Place {
  chat_no: number
  id: string
}

/** `floors`: the chats to look in, by number, and the places above which their messages count. */
export function searchOf(query: SearchQuery, floors: Map<number, number>): Search {
  const { prefixes, sender_id, message_type, olderThan = 'f'.repeat(24), newerThan = '', limit } = query
  const parts = prefixes.map(prefix => ` ${prefix}`)
  if (sender_id !== undefined) parts.push(` ${termOfSender(sender_id)} `)
  for (const term of termsOfType(message_type)) parts.push(` ${term} `)
  return {
    chats: JSON.stringify([...floors.keys()]),
    olderThan,
    newerThan,
    limit,
    isOneTerm:
      parts.length === 1 && message_type === undefined && [...floors.values()].every(seq => seq === 0),
    fits: ({ seq, terms }, chatNo) =>
      seq > (floors.get(chatNo) ?? 0) &&
      parts.every(part => terms.includes(part)) &&
      !(message_type === 'text' && terms.includes(' #')),
  }
}
