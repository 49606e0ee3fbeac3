// Messages that wait to be put in their places, in memory: by chat, and by what their senders call them.
import type { NewMessage, StoredMessage } from '../../messages/store'

/** As many wait at most: who then looks at all chats waits until all are in their places. Half as many write 1.4 times the bytes. */
const MAX_WAITING = 4000
/** And so many of one chat: who reads it waits for those only, and nothing is gained by more. */
const MAX_OF_CHAT = 500
/** And so many characters of text: the longest messages take their places at some 40 times the cost of short ones. */
const MAX_CHARACTERS = 500_000

interface WaitingChat {
  messages: StoredMessage[]
  /** By `client_id`, which several senders may give alike. */
  called: Map<string, StoredMessage[]>
  /** The row of the journal with the first of them. */
  since: number
}

export type Waiting = ReturnType<typeof createWaiting>

export function createWaiting() {
  /** The chat that has waited longest comes first. */
  const chats = new Map<string, WaitingChat>()
  /** Those of which as many wait as may. */
  const full = new Set<string>()
  let count = 0
  let characters = 0

  function chatOf({ chat_id }: StoredMessage, row: number): WaitingChat {
    const known = chats.get(chat_id)
    if (known) return known
    const chat = { messages: [], called: new Map(), since: row }
    chats.set(chat_id, chat)
    return chat
  }

  return {
    /** Written down in this row of the journal. */
    add(message: StoredMessage, row: number) {
      const { messages, called } = chatOf(message, row)
      if (messages.push(message) === MAX_OF_CHAT) full.add(message.chat_id)
      const alike = called.get(message.client_id)
      if (alike) alike.push(message)
      else called.set(message.client_id, [message])
      count++
      characters += message.content.length
    },

    /** Lets go what waits of a chat, in order. */
    take(chatId: string): StoredMessage[] {
      const { messages = [] } = chats.get(chatId) ?? {}
      chats.delete(chatId)
      full.delete(chatId)
      count -= messages.length
      for (const { content } of messages) characters -= content.length
      return messages
    },

    clear() {
      chats.clear()
      full.clear()
      count = 0
      characters = 0
    },

    /** Those of which something waits, the one that has waited longest first. */
    chatIds: () => chats.keys(),

    fullChatIds: () => full.keys(),

    has: (chatId: string): boolean => chats.has(chatId),

    isEmpty: (): boolean => chats.size === 0,

    isTooMuch: (): boolean => count > MAX_WAITING || characters > MAX_CHARACTERS || full.size > 0,

    /** The row of the journal with the first message that waits. */
    since: (): number | undefined => chats.values().next().value?.since,

    /** Looked for one by one: it is asked of the few ids that come late. */
    hasId: (chatId: string, id: string): boolean =>
      chats.get(chatId)?.messages.some(message => message.id === id) ?? false,

    /** The message to which its sender gave the same `client_id`. */
    like: ({ chat_id, sender_id, client_id }: NewMessage): StoredMessage | undefined =>
      chats
        .get(chat_id)
        ?.called.get(client_id)
        ?.find(message => message.sender_id === sender_id),
  }
}
