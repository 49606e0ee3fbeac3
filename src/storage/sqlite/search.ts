// The search index in SQLite: the terms of messages, chat by chat, and up to which rev they are in it.
import { turns } from '../../lib/turns'
import type { SearchEntry, SearchStore } from '../../messages/search.store'
import type { Sql } from './database'
import { openFinding } from './finding'
import { openIndexed, type Indexed } from './indexed'
import type { Look } from './looking'
import { termOfSender, termsOfType } from './sought'
import type { Writer } from './writer'

/** So many chats are looked at in one piece. */
const PIECE = 1_000
/** A long message has thousands of terms, and each is a place of its own in a large tree: others get turns between. */
const TERMS_AT_ONCE = 500

export function openSearch(
  sql: Sql,
  writer: Writer,
  indexed: Indexed = openIndexed(sql),
  look: Look = read => read(),
): SearchStore {
  const number = sql.prepareInside(`
    INSERT INTO search_chats (chat_id, rev) SELECT id, 0 FROM chats WHERE id = ? ON CONFLICT DO NOTHING`)
  const place = sql.prepareInside<{ no: number; rev: number }, [string]>(`
    SELECT no, search_chats.rev FROM search_chats JOIN chats ON chats.id = chat_id WHERE chat_id = ?`)
  const move = sql.prepareInside('UPDATE search_chats SET rev = ? WHERE no = ?')
  const known = sql.prepareInside<{ rev: number }, [string]>(`
    SELECT ifnull(search_chats.rev, 0) AS rev FROM chats LEFT JOIN search_chats ON chat_id = id WHERE id = ?`)
  const behindOfThese = sql.prepareInside<{ id: string }>(`
    SELECT id FROM chats LEFT JOIN search_chats ON chat_id = id
    WHERE chats.rev > ifnull(search_chats.rev, 0) AND id IN (SELECT value FROM json_each(?))`)
  // Along the key, a piece at a time: all chats together would keep everybody waiting.
  const piece = sql.prepare<{ id: string; isBehind: number }>(`
    SELECT id, chats.rev > ifnull(search_chats.rev, 0) AS isBehind
    FROM chats LEFT JOIN search_chats ON chat_id = id WHERE id > ? ORDER BY id LIMIT ${PIECE}`)
  const replace = openReplacement(sql)

  /** Takes up some of `rest`, which it leaves out then; true: all of it is in the index. */
  function indexSome(chatId: string, upToRev: number, rest: SearchEntry[]): boolean {
    number.run(chatId)
    const chat = place.get(chatId)
    if (!chat || upToRev <= chat.rev) return true
    indexed.grows(chatId, rest)
    for (let most = TERMS_AT_ONCE; rest.length > 0; rest.shift()) {
      most -= replace(chat.no, rest[0] as SearchEntry, most)
      if (most <= 0) return false
    }
    move.run(upToRev, chat.no)
    return true
  }

  function behindAmong(chatIds: string[]): string[] {
    if (chatIds.length === 0) return []
    const behind = new Set(behindOfThese.all(JSON.stringify(chatIds)).map(({ id }) => id))
    for (const id of chatIds) if (!behind.has(id)) indexed.isLevel(id)
    return [...behind]
  }

  async function behindOfAll(): Promise<string[]> {
    const found: string[] = []
    const nextPiece = turns()
    for (let after = ''; ;) {
      const chats = piece.all(after)
      for (const { id, isBehind } of chats) if (isBehind) found.push(id)
      const last = chats.at(-1)
      if (chats.length < PIECE || !last) {
        indexed.startsWith(found)
        return found
      }
      after = last.id
      await nextPiece()
    }
  }

  return {
    async index(chatId, upToRev, entries) {
      const rest = [...entries]
      while (!(await writer.beside(() => indexSome(chatId, upToRev, rest)))) await nextTurn()
    },

    find: openFinding(sql, indexed),

    async indexedRev(chatId) {
      return known.get(chatId)?.rev ?? null
    },

    async behind(chatIds) {
      if (!chatIds) return behindOfAll()
      return look(() => behindAmong(indexed.mayBeBehind(chatIds)))
    },
  }
}

/**
 * Writes only what differs: most changes of a message leave its words as they are. At most so many terms at a time:
 * what a message has in the index is known at each step, so the next goes on from there. Answers how many it took;
 * as many as it may: there is more.
 */
function openReplacement(sql: Sql) {
  const former = sql.prepareInside<{ terms: string }>(
    'SELECT terms FROM search_messages WHERE chat_no = ? AND id = unhex(?)',
  )
  const keep = sql.prepareInside(
    'INSERT OR REPLACE INTO search_messages (chat_no, id, seq, terms) VALUES (?, unhex(?), ?, ?)',
  )
  const drop = sql.prepareInside('DELETE FROM search_messages WHERE chat_no = ? AND id = unhex(?)')
  const add = sql.prepareInside(`
    INSERT INTO search_terms (chat_no, term, id) SELECT ?, value, unhex(?) FROM json_each(?)`)
  const remove = sql.prepareInside(`
    DELETE FROM search_terms
    WHERE chat_no = ? AND id = unhex(?) AND term IN (SELECT value FROM json_each(?))`)

  return function replace(chatNo: number, entry: SearchEntry, most: number): number {
    const { id, seq } = entry
    const before = new Set(former.get(chatNo, id)?.terms.trim().split(' '))
    const now = new Set(allTermsOf(entry))
    if (before.size === now.size && before.isSubsetOf(now)) return 0
    const removed = someOf(before.difference(now), most)
    const added = someOf(now.difference(before), most - removed.length)
    remove.run(chatNo, id, JSON.stringify(removed))
    add.run(chatNo, id, JSON.stringify(added))
    const kept = before.difference(new Set(removed)).union(new Set(added))
    if (kept.size > 0) keep.run(chatNo, id, seq, ` ${[...kept].join(' ')} `)
    else drop.run(chatNo, id)
    return removed.length + added.length
  }
}

/** In the order of the key. */
const someOf = (terms: Set<string>, most: number): string[] => [...terms.values().take(most)].sort()

const allTermsOf = ({ terms, sender_id, message_type }: SearchEntry): string[] =>
  terms.length > 0 ? [...terms, termOfSender(sender_id), ...termsOfType(message_type)] : []

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
