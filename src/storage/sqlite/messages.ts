// Messages in SQLite.
import type { MessageStore } from '../../messages/store'
import { openAttachments } from './attachments'
import { openChange } from './change'
import { openCatchUp } from './catchup'
import type { Sql } from './database'
import type { Heads } from './heads'
import { openHistory } from './history'
import type { Journal } from './journal'
import type { Look } from './looking'
import { openMentions } from './mentions'
import { openSenders } from './senders'
import { openSending } from './sending'
import { openThreads } from './threads'
import type { Writer } from './writer'

export function openMessages(
  sql: Sql,
  writer: Writer,
  heads: Heads,
  journal: Journal,
  look: Look,
): MessageStore {
  const { keep: keepMentions, mentionsOf } = openMentions(sql)
  const { keepAttachments, showing } = openAttachments(sql)
  const kept = { keepMentions, keepAttachments }
  return {
    ...openSending(sql, writer, heads, journal, kept),
    ...openChange(sql, writer, heads, kept),
    ...openHistory(sql),
    ...openCatchUp(sql, look),
    ...openThreads(sql),
    ...openSenders(sql),
    mentionsOf,
    showing,
    // A commit is answered in the turn that made it visible.
    settled: () => Promise.resolve(),
  }
}
