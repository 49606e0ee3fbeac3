// The heads of the chats that are written to: kept from one transaction to the next, counted up in memory, saved once
// for all that waits in the journal. With them goes what each sender has written since: their own messages are never
// unread.
import type { StoredMessage } from '../../messages/store'
import type { Sql } from './database'

export interface Head {
  last_seq: number
  rev: number
  activity_at: string
  /** The greatest id of its messages; empty where it has none. */
  last_id: string
}

/** What of a message moves a head. */
type Sent = Pick<StoredMessage, 'id' | 'sender_id' | 'created_at'>

interface CountedHead extends Head {
  id: string
  /** Messages by sender since it was saved. */
  sent: Map<string, number>
}

/** More chats than this are not kept, but for those that are not saved. */
const MAX_KEPT = 10_000

export interface Heads {
  /** The chat's head as of now; null for an unknown chat. */
  of(chatId: string): Head | null
  /** Moves the head to a message that was stored after it. */
  advance(head: Head, message: Sent): void
  /** Counts one change of a message that is there already. */
  change(head: Head): void
  /** Writes down what was counted, of all chats or of one: before others read or change them. */
  save(chatId?: string): void
  /**
   * Reads all anew from now on, or one that is saved: after a transaction that failed, and where others may have
   * changed chats.
   */
  forget(chatId?: string): void
}

/** `tellMoved` is told of each chat whose head is written down. */
export function openHeads(sql: Sql, tellMoved: (chatId: string) => void = () => {}): Heads {
  // By the last entry of the chat in messages_id.
  const read = sql.prepareInside<Head, [string]>(`
    SELECT last_seq, rev, activity_at,
      ifnull((SELECT max(id) FROM messages WHERE chat_id = chats.id), '') AS last_id
    FROM chats WHERE id = ?`)
  const write = sql.prepareInside('UPDATE chats SET last_seq = ?, rev = ?, activity_at = ? WHERE id = ?')
  const count = sql.prepareInside(
    'UPDATE members SET own_after = own_after + ? WHERE chat_id = ? AND user_id = ?',
  )
  const known = new Map<string, CountedHead>()
  const moved = new Set<CountedHead>()

  function load(id: string): Head | null {
    const head = read.get(id)
    if (head) known.set(id, { ...head, id, sent: new Map() })
    return known.get(id) ?? null
  }

  function forget(chatId?: string) {
    if (chatId !== undefined) return void known.delete(chatId)
    known.clear()
    moved.clear()
  }

  function keepMoved() {
    known.clear()
    for (const head of moved) known.set(head.id, head)
  }

  function movedIn(chatId: string): CountedHead[] {
    const head = known.get(chatId)
    return head && moved.has(head) ? [head] : []
  }

  function saveOne(head: CountedHead) {
    const { id, last_seq, rev, activity_at, sent } = head
    write.run(last_seq, rev, activity_at, id)
    tellMoved(id)
    for (const [senderId, messages] of sent) count.run(messages, id, senderId)
    sent.clear()
    moved.delete(head)
  }

  return {
    of: chatId => known.get(chatId) ?? load(chatId),
    advance(head, { id, sender_id, created_at }) {
      const { sent } = head as CountedHead
      head.last_seq++
      head.rev++
      head.activity_at = created_at
      if (id > head.last_id) head.last_id = id
      sent.set(sender_id, (sent.get(sender_id) ?? 0) + 1)
      moved.add(head as CountedHead)
    },
    change(head) {
      head.rev++
      moved.add(head as CountedHead)
    },
    save(chatId) {
      for (const head of chatId === undefined ? moved : movedIn(chatId)) saveOne(head)
      if (known.size > MAX_KEPT) keepMoved()
    },
    forget,
  }
}
