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
const TERMS_AT_ONCE = 1_000

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
  const replaceSome = openReplacement(sql)

  /** Takes up some of `rest`, which it leaves out then; true: all of it is in the index. */
  function indexSome(chatId: string, upToRev: number, rest: SearchEntry[]): boolean {
    number.run(chatId)
    const chat = place.get(chatId)
    if (!chat || upToRev <= chat.rev) return true
    indexed.grows(chatId, rest)
    replaceSome(chat.no, rest, TERMS_AT_ONCE)
    if (rest.length > 0) return false
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
      return look(
        () => behindAmong(indexed.mayBeBehind(chatIds)),
        () => chatIds,
      )
    },
  }
}

/**
 * Writes only what differs: most changes of a message leave its words as they are. At most so many terms at a time:
 * what a message has in the index is known at each step, so the next goes on from there. Takes the entries that are
 * done out of `rest`.
 */
function openReplacement(sql: Sql) {
  const former = sql.prepareInside<{ id: string; terms: string }>(`
    SELECT lower(hex(id)) AS id, terms FROM search_messages
    WHERE chat_no = ? AND id IN (SELECT unhex(value) FROM json_each(?))`)
  const keep = sql.prepareInside(
    'INSERT OR REPLACE INTO search_messages (chat_no, id, seq, terms) VALUES (?, unhex(?), ?, ?)',
  )
  const drop = sql.prepareInside('DELETE FROM search_messages WHERE chat_no = ? AND id = unhex(?)')
  // Each is a term, a space and an id, in the order of the key: one term of many messages is found in one place.
  const places = `SELECT ?, substr(value, 1, length(value) - 25), unhex(substr(value, -24)) FROM json_each(?)`
  const add = sql.prepareInside(`INSERT OR IGNORE INTO search_terms (chat_no, term, id) ${places}`)
  const remove = sql.prepareInside(`DELETE FROM search_terms WHERE (chat_no, term, id) IN (${places})`)

  function formerTerms(chatNo: number, entries: SearchEntry[]): Map<string, string[]> {
    const rows = former.all(chatNo, JSON.stringify(entries.map(({ id }) => id)))
    return new Map(rows.map(({ id, terms }) => [id, terms.trim().split(' ')]))
  }

  function keepTerms(chatNo: number, { id, seq }: SearchEntry, terms: string[]) {
    if (terms.length > 0) keep.run(chatNo, id, seq, ` ${terms.join(' ')} `)
    else drop.run(chatNo, id)
  }

  return function replaceSome(chatNo: number, rest: SearchEntry[], most: number) {
    const had = formerTerms(chatNo, rest)
    const gone: string[] = []
    const come: string[] = []
    for (let left = most; left > 0 && rest.length > 0;) {
      const entry = rest[0] as SearchEntry
      const { removed, added, kept } = changeOf(had.get(entry.id), allTermsOf(entry), left)
      left -= removed.length + added.length
      for (const term of removed) gone.push(`${term} ${entry.id}`)
      for (const term of added) come.push(`${term} ${entry.id}`)
      if (removed.length + added.length > 0) keepTerms(chatNo, entry, kept)
      if (left > 0) rest.shift()
    }
    if (gone.length > 0) remove.run(chatNo, JSON.stringify(gone))
    if (come.length > 0) add.run(chatNo, JSON.stringify(come.sort()))
  }
}

interface Change {
  removed: string[]
  added: string[]
  /** What the message has in the index then. */
  kept: string[]
}

/** From the terms that a message has to those that it is to have, at most so many of them. */
function changeOf(had: string[] | undefined, terms: string[], most: number): Change {
  // Sets of each message would cost a new one as much as all the rest.
  if (!had) return { removed: [], added: terms.slice(0, most), kept: terms.slice(0, most) }
  const [before, now] = [new Set(had), new Set(terms)]
  const removed = [...before.difference(now).values().take(most)]
  const added = [
    ...now
      .difference(before)
      .values()
      .take(most - removed.length),
  ]
  return { removed, added, kept: [...before.difference(new Set(removed)), ...added] }
}

/** Distinct, as the words of a message are, and the others look like no word. */
const allTermsOf = ({ terms, sender_id, message_type }: SearchEntry): string[] =>
  terms.length > 0 ? [...terms, termOfSender(sender_id), ...termsOfType(message_type)] : []

const nextTurn = () => new Promise<void>(resolve => setImmediate(resolve))
