// The search index in SQLite: the terms of messages, chat by chat, and up to which rev they are in it.
import type { SearchEntry, SearchStore } from '../../messages/search.store'
import type { Sql } from './database'
import { openFinding } from './finding'
import { termOfSender, termsOfType } from './sought'
import type { Writer } from './writer'

export function openSearch(sql: Sql, writer: Writer): SearchStore {
  const number = sql.prepareInside(`
    INSERT INTO search_chats (chat_id, rev) SELECT id, 0 FROM chats WHERE id = ? ON CONFLICT DO NOTHING`)
  const place = sql.prepareInside<{ no: number; rev: number }, [string]>(`
    SELECT no, search_chats.rev FROM search_chats JOIN chats ON chats.id = chat_id WHERE chat_id = ?`)
  const move = sql.prepareInside('UPDATE search_chats SET rev = ? WHERE no = ?')
  const known = sql.prepareInside<{ rev: number }, [string]>(`
    SELECT ifnull(search_chats.rev, 0) AS rev FROM chats LEFT JOIN search_chats ON chat_id = id WHERE id = ?`)
  const behind = (which: string) =>
    sql.prepare<{ id: string }>(`
      SELECT id FROM chats LEFT JOIN search_chats ON chat_id = id
      WHERE chats.rev > ifnull(search_chats.rev, 0) ${which}`)
  const behindOfAll = behind('')
  const behindOfThese = behind('AND id IN (SELECT value FROM json_each(?))')
  const replace = openReplacement(sql)

  function index(chatId: string, upToRev: number, entries: SearchEntry[]) {
    number.run(chatId)
    const chat = place.get(chatId)
    if (!chat || upToRev <= chat.rev) return
    for (const entry of entries) replace(chat.no, entry)
    move.run(upToRev, chat.no)
  }

  return {
    index: (chatId, upToRev, entries) => writer.beside(() => index(chatId, upToRev, entries)),
    find: openFinding(sql),

    async indexedRev(chatId) {
      return known.get(chatId)?.rev ?? null
    },

    async behind(chatIds) {
      const rows = chatIds ? behindOfThese.all(JSON.stringify(chatIds)) : behindOfAll.all()
      return rows.map(({ id }) => id)
    },
  }
}

/** Writes only what differs: most changes of a message leave its words as they are. */
function openReplacement(sql: Sql) {
  const former = sql.prepareInside<{ terms: string }>(
    'SELECT terms FROM search_messages WHERE chat_no = ? AND id = unhex(?)',
  )
  const keep = sql.prepareInside(
    'INSERT OR REPLACE INTO search_messages (chat_no, id, seq, terms) VALUES (?, unhex(?), ?, ?)',
  )
  const drop = sql.prepareInside('DELETE FROM search_messages WHERE chat_no = ? AND id = unhex(?)')
  // In the order of the key, and added by one statement: a long message has thousands of terms.
  const add = sql.prepareInside(`
    INSERT INTO search_terms (chat_no, term, id) SELECT ?, value, unhex(?) FROM json_each(?)`)
  const remove = sql.prepareInside(
    'DELETE FROM search_terms WHERE chat_no = ? AND term = ? AND id = unhex(?)',
  )

  return function replace(chatNo: number, entry: SearchEntry) {
    const { id, seq } = entry
    const before = new Set(former.get(chatNo, id)?.terms.trim().split(' '))
    const now = new Set(allTermsOf(entry))
    if (before.size === now.size && before.isSubsetOf(now)) return
    for (const term of inOrder(before.difference(now))) remove.run(chatNo, term, id)
    add.run(chatNo, id, JSON.stringify(inOrder(now.difference(before))))
    if (now.size > 0) keep.run(chatNo, id, seq, ` ${[...now].join(' ')} `)
    else drop.run(chatNo, id)
  }
}

const inOrder = (terms: Set<string>) => [...terms].sort()

const allTermsOf = ({ terms, sender_id, message_type }: SearchEntry): string[] =>
  terms.length > 0 ? [...terms, termOfSender(sender_id), ...termsOfType(message_type)] : []
