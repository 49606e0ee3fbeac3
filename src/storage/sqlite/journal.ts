// Why a send is fast: it is written down at the end of a journal, which costs next to nothing, and put in its place
// later, together with others of its chat, which share the pages of the table and its indexes that they change.
import type { NewMessage, StoredMessage } from '../../messages/store'
import { placed } from '../placed'
import type { Sql } from './database'
import { entryOf, entriesIn, type Entry } from './entries'
import type { Heads } from './heads'
import { openInsert } from './messagerows'
import { createWaiting } from './waiting'

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

  const waiting = createWaiting()
  /** What the transaction under way has to write down. */
  let entries: Entry[] = []
  /** The row that is written next, and the first one that is still there. */
  let next = 1
  let first = 1
  /** Whether all this is as the database has it. */
  let isKnown = false

  function forget() {
    waiting.clear()
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
      for (const { message, seq, rev } of entriesIn(messages)) {
        const head = heads.of(message.chat_id)
        if (!head || seq <= head.last_seq) continue
        heads.advance(head, message)
        waiting.add(placed(message, seq, rev), no)
      }
    }
    isKnown = true
  }

  function putInPlace(chatId: string) {
    const messages = waiting.take(chatId)
    for (const message of messages) insert(message)
    if (messages.length > 0) heads.save(chatId)
  }

  function putTooMuchInPlace() {
    for (const chatId of waiting.fullChatIds()) putInPlace(chatId)
    for (const chatId of waiting.chatIds()) {
      if (!waiting.isTooMuch()) break
      putInPlace(chatId)
    }
  }

  /** Lets go the rows of which nothing waits any more. */
  function trim() {
    const needed = waiting.since() ?? next
    if (needed > first) clear.run(needed)
    first = needed
  }

  /** Puts all in its place, or what waits of one chat, within the transaction under way. */
  function fold(chatId?: string) {
    recall()
    if (chatId === undefined) for (const id of waiting.chatIds()) putInPlace(id)
    else putInPlace(chatId)
    if (waiting.isEmpty()) entries = []
    trim()
  }

  return {
    recall,
    forget,
    fold,

    /** Whether nothing waits, of all chats or of one. */
    isLevel: (chatId?: string): boolean =>
      isKnown && (chatId === undefined ? waiting.isEmpty() : !waiting.has(chatId)),

    /** The message that waits to which its sender gave the same `client_id`. */
    like: waiting.like,

    /** Whether a message of this chat waits that has this id. */
    hasId: waiting.hasId,

    /** Takes a message into the transaction under way; its place is the next of its chat, and free. */
    take(message: NewMessage, seq: number, rev: number): StoredMessage {
      const stored = placed(message, seq, rev)
      entries.push(entryOf(stored))
      waiting.add(stored, next)
      return stored
    },

    /** Ends a transaction of appends: writes them down, and puts in its place what is too much. */
    store() {
      if (entries.length === 0) return
      note.run(next++, JSON.stringify(entries))
      entries = []
      if (!waiting.isTooMuch()) return
      putTooMuchInPlace()
      trim()
    },
  }
}
