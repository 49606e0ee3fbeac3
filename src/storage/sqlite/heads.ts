// The heads of the chats that are written to: kept from one transaction to the next, counted up in memory, saved once
// for all that waits in the journal. With them goes what each sender has written since: their own messages are never
// unread.
import type { Sql } from './database'

export interface Head {
  last_seq: number
  rev: number
  activity_at: string
}

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
  advance(head: Head, senderId: string, activityAt: string): void
  /** Counts one change of a message that is there already. */
  change(head: Head): void
  /** Writes down what was counted, of all chats or of one: before others read or change them. */
  save(chatId?: string): void
  /** Reads all anew from now on: after a transaction that failed, and where others may have changed chats. */
  forget(): void
}

/** `tellMoved` is told of each chat whose head is written down. */
export function openHeads(sql: Sql, tellMoved: (chatId: string) => void = () => {}): Heads {
  const read = sql.prepareInside<Head, [string]>('SELECT last_seq, rev, activity_at FROM chats WHERE id = ?')
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

  function forget() {
    known.clear()
    moved.clear()
  }

  function keepMoved() {
    known.clear()
    for (const head of moved) known.set(head.id, head)
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
    advance(head, senderId, activityAt) {
      const { sent } = head as CountedHead
      head.last_seq++
      head.rev++
      head.activity_at = activityAt
      sent.set(senderId, (sent.get(senderId) ?? 0) + 1)
      moved.add(head as CountedHead)
    },
    change(head) {
      head.rev++
      moved.add(head as CountedHead)
    },
    save(chatId) {
      if (chatId === undefined) for (const head of moved) saveOne(head)
      else saveOne(known.get(chatId) as CountedHead)
      if (known.size > MAX_KEPT) keepMoved()
    },
    forget,
  }
}
