// The heads of the chats written to in the open transaction: read once, counted up in memory, saved once.
// With them goes what each sender has written since: their own messages are never unread.
import type { Sql } from './database'

export interface Head {
  last_seq: number
  rev: number
  activity_at: string
}

interface CountedHead extends Head {
  sent: Map<string, number>
}

export interface Heads {
  /** The chat's head as of now; null for an unknown chat. */
  of(chatId: string): Head | null
  /** Moves the head to a message that was stored after it. */
  advance(head: Head, senderId: string, activityAt: string): void
  /** Counts one change of a message that is there already. */
  change(head: Head): void
  /** Writes the heads down and forgets them: before the commit, and before others read or change chats. */
  save(): void
  /** Forgets what was counted, after a transaction that failed. */
  forget(): void
}

export function openHeads(sql: Sql): Heads {
  const read = sql.prepare<Head, [string]>('SELECT last_seq, rev, activity_at FROM chats WHERE id = ?')
  const write = sql.prepare('UPDATE chats SET last_seq = ?, rev = ?, activity_at = ? WHERE id = ?')
  const count = sql.prepare('UPDATE members SET own_after = own_after + ? WHERE chat_id = ? AND user_id = ?')
  const known = new Map<string, CountedHead>()

  function load(chatId: string): Head | null {
    const head = read.get(chatId)
    if (head) known.set(chatId, { ...head, sent: new Map() })
    return known.get(chatId) ?? null
  }

  return {
    of: chatId => known.get(chatId) ?? load(chatId),
    advance(head, senderId, activityAt) {
      const { sent } = head as CountedHead
      head.last_seq++
      head.rev++
      head.activity_at = activityAt
      sent.set(senderId, (sent.get(senderId) ?? 0) + 1)
    },
    change(head) {
      head.rev++
    },
    save() {
      for (const [chatId, head] of known) {
        write.run(head.last_seq, head.rev, head.activity_at, chatId)
        for (const [senderId, messages] of head.sent) count.run(messages, chatId, senderId)
      }
      known.clear()
    },
    forget: () => known.clear(),
  }
}
