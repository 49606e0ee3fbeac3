// Messages in SQLite.
import type { MessageStore } from '../../messages/store'
import { openChange } from './change'
import { openCatchUp } from './catchup'
import type { Sql } from './database'
import type { Heads } from './heads'
import { openHistory } from './history'
import { openMentions } from './mentions'
import { openSenders } from './senders'
import { openSending } from './sending'
import { openThreads } from './threads'
import type { Writer } from './writer'

export function openMessages(sql: Sql, writer: Writer, heads: Heads): MessageStore {
  const { keep, mentionsOf } = openMentions(sql)
  return {
    ...openSending(sql, writer, heads, keep),
    ...openChange(sql, writer, heads, keep),
    ...openHistory(sql),
    ...openCatchUp(sql),
    ...openThreads(sql),
    ...openSenders(sql),
    mentionsOf,
    // A commit is answered in the turn that made it visible.
    settled: () => Promise.resolve(),
  }
}
