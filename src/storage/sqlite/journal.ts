// Why a send is fast: it is written down at the end of a journal, which costs next to nothing, and put in its place
// later, together with others of its chat, which share the pages of the table and its indexes that they change.
import type { NewMessage, StoredMessage } from '../../messages/store'
import { placed } from '../placed'
import type { Sql } from './database'
import type { Heads } from './heads'
import { openInsert } from './messagerows'

/** As many wait at most: whoever reads first, after that many sends, waits until they are in their places. */
const MAX_WAITING = 2000
/** And so many characters of text: the longest messages take their places at some 40 times the cost of short ones. */
const MAX_CHARACTERS = 500_000

/** A message and its place: `seq` and `rev`. */
type Entry = [message: NewMessage, seq: number, rev: number]

interface Waiting {
  messages: StoredMessage[]
  /** The row of the journal with the first of them. */
  since: number
}

export type Journal = ReturnType<typeof openJournal>

/**
 * The journal is a table of the same database: what is committed there is as safe as any other commit. Each row is one
 * commit. A chat's messages are put in their places together with the chat's head, in one transaction, so whatever is
 * above the `last_seq` of its chat waits, and nothing else does. Nobody sees the difference: see `looking.ts`.
 */
export function openJournal(sql: Sql, heads: Heads) {
  const note = sql.prepareInside('INSERT INTO journal (no, messages) VALUES (?, ?)')
  const notes = sql.prepareInside<{ no: number; messages: string }>(
    'SELECT no, messages FROM journal ORDER BY no',
  )
  const clear = sql.prepareInside('DELETE FROM journal WHERE no < ?')
  const insert = openInsert(sql)

  /** By chat; the chat that has waited longest comes first. */
  const waiting = new Map<string, Waiting>()
  /** What waits, by id and by what its sender calls it. */
  const byName = new Map<string, StoredMessage>()
  let count = 0
  let characters = 0
  /** What the transaction under way has to write down. */
  let entries: Entry[] = []
  /** The row that is written next, and the first one that is still there. */
  let next = 1
  let first = 1
  /** Whether all this is as the database has it. */
  let isKnown = false

  function wait(message: StoredMessage, row: number) {
    const others = waiting.get(message.chat_id)
    if (others) others.messages.push(message)
    else waiting.set(message.chat_id, { messages: [message], since: row })
    byName.set(message.id, message).set(nameOf(message), message)
    count++
    characters += message.content.length
  }

  const isTooMuch = () => count > MAX_WAITING || characters > MAX_CHARACTERS

  function forget() {
    waiting.clear()
    byName.clear()
    count = 0
    characters = 0
    entries = []
    isKnown = false
    heads.forget()
  }

  /** After a start, and after a transaction that failed: what waits, on which the heads count on. */
  function recall() {
    if (isKnown) return
    forget()
    const rows = notes.all()
    first = rows[0]?.no ?? next
    for (const { no, messages } of rows) {
      next = no + 1
      for (const [message, seq, rev] of JSON.parse(messages) as Entry[]) {
        const head = heads.of(message.chat_id)
        if (!head || seq <= head.last_seq) continue
        heads.advance(head, message.sender_id, message.created_at)
        wait(placed(message, seq, rev), no)
      }
    }
    isKnown = true
  }

  function putInPlace(chatId: string) {
    const { messages = [] } = waiting.get(chatId) ?? {}
    waiting.delete(chatId)
    count -= messages.length
    for (const message of messages) {
      insert(message)
      characters -= message.content.length
      byName.delete(message.id)
      byName.delete(nameOf(message))
    }
    if (messages.length > 0) heads.save(chatId)
  }

  function putTooMuchInPlace() {
    for (const chatId of waiting.keys()) {
      if (!isTooMuch()) break
      putInPlace(chatId)
    }
  }

  /** Lets go the rows of which nothing waits any more. */
  function trim() {
    const [oldest] = waiting.values()
    const needed = oldest?.since ?? next
    if (needed > first) clear.run(needed)
    first = needed
  }

  /** Puts all in its place, or what waits of one chat, within the transaction under way. */
  function fold(chatId?: string) {
    recall()
    if (chatId === undefined) for (const id of waiting.keys()) putInPlace(id)
    else putInPlace(chatId)
    if (waiting.size === 0) entries = []
    trim()
  }

  return {
    recall,
    forget,
    fold,

    /** Whether nothing waits, of all chats or of one. */
    isLevel: (chatId?: string): boolean =>
      isKnown && (chatId === undefined ? count === 0 : !waiting.has(chatId)),

    /** The message that waits under this id, or that its sender gave the same `client_id`. */
    like: (message: NewMessage): StoredMessage | undefined =>
      byName.get(nameOf(message)) ?? byName.get(message.id),

    /** Takes a message into the transaction under way; its place is the next of its chat, and free. */
    take(message: NewMessage, seq: number, rev: number): StoredMessage {
      const stored = placed(message, seq, rev)
      entries.push([message, seq, rev])
      wait(stored, next)
      return stored
    },

    /** Ends a transaction of appends: writes them down, and puts in its place what is too much. */
    store() {
      if (entries.length === 0) return
      note.run(next++, JSON.stringify(entries))
      entries = []
      if (!isTooMuch()) return
      putTooMuchInPlace()
      trim()
    },
  }
}

const nameOf = ({ chat_id, sender_id, client_id }: NewMessage) => `${chat_id} ${sender_id} ${client_id}`
