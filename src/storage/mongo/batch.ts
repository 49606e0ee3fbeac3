// What the writer of messages holds in its hands: the writes that came together, and where their chats stand.
import type { Edit, MessagePatch, MessageStore, NewMessage, StoredMessage } from '../../messages/store'
import type { MessageDoc } from './collections'
import type { News } from './heads'

interface Written<Answer> {
  chatId: string
  /** Null as long as there is nothing to answer with: the chat or the message is unknown. */
  answer: Answer | null
  /** What this write alone is rejected with. */
  refusal?: { error: unknown }
}

export interface Append extends Written<NonNullable<Awaited<ReturnType<MessageStore['append']>>>> {
  kind: 'append'
  message: NewMessage
}

export interface Change extends Written<NonNullable<Awaited<ReturnType<MessageStore['change']>>>> {
  kind: 'change'
  id: string
  edit(message: StoredMessage, edits: Edit[]): MessagePatch | null
}

export type Write = Append | Change

export interface Batch extends News {
  /** The messages to change, as they are now. */
  docs: Map<string, MessageDoc>
}

export const distinctChats = (writes: Write[]): string[] => [...new Set(writes.map(write => write.chatId))]

export interface Round {
  appends: Append[]
  changes: Change[]
}

/**
 * Appends and changes in turns, so that each chat's writes keep their order and those of all chats share
 * as few round trips as that allows: a chat's appends go into one round with the changes that follow them.
 */
export function roundsOf(writes: Write[]): Round[] {
  const rounds: Round[] = []
  const latest = new Map<string, { round: number; kind: Write['kind'] }>()
  for (const write of writes) {
    const { chatId, kind } = write
    const before = latest.get(chatId) ?? { round: 0, kind: 'append' }
    const round = before.kind === 'change' && kind === 'append' ? before.round + 1 : before.round
    latest.set(chatId, { round, kind })
    const { appends, changes } = (rounds[round] ??= { appends: [], changes: [] })
    if (kind === 'append') appends.push(write)
    else changes.push(write)
  }
  return rounds
}
