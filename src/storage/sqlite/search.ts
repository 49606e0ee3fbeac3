// The search index in SQLite: the terms of messages, chat by chat, and up to which rev they are in it.
import { turns } from '../../lib/turns'
import type { SearchEntry, SearchStore } from '../../messages/search.store'
import type { Sql } from './database'
import { openFinding } from './finding'
import { termOfSender, termsOfType } from './sought'
import type { Writer } from './writer'

/** So many chats are looked at in one piece. */
const PIECE = 1_000

export function openSearch(sql: Sql, writer: Writer): SearchStore {
  const number = sql.prepare(`
    INSERT INTO search_chats (chat_id, rev) SELECT id, 0 FROM chats WHERE id = ? ON CONFLICT DO NOTHING`)
  const place = sql.prepare<{ no: number; rev: number }, [string]>(`
    SELECT no, search_chats.rev FROM search_chats JOIN chats ON chats.id = chat_id WHERE chat_id = ?`)
  const move = sql.prepare('UPDATE search_chats SET rev = ? WHERE no = ?')
  const known = sql.prepare<{ rev: number }, [string]>(`
    SELECT ifnull(search_chats.rev, 0) AS rev FROM chats LEFT JOIN search_chats ON chat_id = id WHERE id = ?`)
  const behindOfThese = sql.prepare<{ id: string }>(`
    SELECT id FROM chats LEFT JOIN search_chats ON chat_id = id
    WHERE chats.rev > ifnull(search_chats.rev, 0) AND id IN (SELECT value FROM json_each(?))`)
  // Along the key, a piece at a time: all chats together would keep everybody waiting.
  const piece = sql.prepare<{ id: string; isBehind: number }>(`
    SELECT id, chats.rev > ifnull(search_chats.rev, 0) AS isBehind
    FROM chats LEFT JOIN search_chats ON chat_id = id WHERE id > ? ORDER BY id LIMIT ${PIECE}`)
  const replace = openReplacement(sql)

  function index(chatId: string, upToRev: number, entries: SearchEntry[]) {
    number.run(chatId)
    const chat = place.get(chatId)
    if (!chat || upToRev <= chat.rev) return
    for (const entry of entries) replace(chat.no, entry)
    move.run(upToRev, chat.no)
  }

  async function behindOfAll(): Promise<string[]> {
    const found: string[] = []
    const nextPiece = turns()
    for (let after = ''; ;) {
      const chats = piece.all(after)
      for (const { id, isBehind } of chats) if (isBehind) found.push(id)
      const last = chats.at(-1)
      if (chats.length < PIECE || !last) return found
      after = last.id
      await nextPiece()
    }
  }

  return {
    index: (chatId, upToRev, entries) => writer.write(() => index(chatId, upToRev, entries)),
    find: openFinding(sql),

    async indexedRev(chatId) {
      return known.get(chatId)?.rev ?? null
    },

    async behind(chatIds) {
      if (!chatIds) return behindOfAll()
      return behindOfThese.all(JSON.stringify(chatIds)).map(({ id }) => id)
    },
  }
}

/** Writes only what differs: most changes of a message leave its words as they are. */
function openReplacement(sql: Sql) {
  const former = sql.prepare<{ terms: string }>(
    'SELECT terms FROM search_messages WHERE chat_no = ? AND id = unhex(?)',
  )
  const keep = sql.prepare(
    'INSERT OR REPLACE INTO search_messages (chat_no, id, seq, terms) VALUES (?, unhex(?), ?, ?)',
  )
  const drop = sql.prepare('DELETE FROM search_messages WHERE chat_no = ? AND id = unhex(?)')
  // In the order of the key, and added by one statement: a long message has thousands of terms.
  const add = sql.prepare(`
    INSERT INTO search_terms (chat_no, term, id) SELECT ?, value, unhex(?) FROM json_each(?)`)
  const remove = sql.prepare('DELETE FROM search_terms WHERE chat_no = ? AND term = ? AND id = unhex(?)')

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
