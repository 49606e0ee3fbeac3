// The list of people by folded username, and the search in it.
import { turns } from '../../lib/turns'
import type { UserRecord, UserStore } from '../../users/store'
import type { Sql } from './database'
import { USER_COLUMNS, userFrom, type UserRow } from './rows'

/** Where so few people have a word that begins so, they are gathered and sorted. */
const FEW = 200
/** So many people at most are looked at in one piece while the list is walked along; few at first. */
const MOST_AT_ONCE = 1_000

interface Wanted {
  prefixes: string[]
  after: string
  limit: number
}

/** The words of a person: a range of the index user_terms_of for each prefix. */
const HAS_ALL = `NOT EXISTS (
  SELECT 1 FROM json_each(?2) AS prefix WHERE NOT EXISTS (
    SELECT 1 FROM user_terms INDEXED BY user_terms_of
    WHERE user_id = users.id AND term >= prefix.value AND term < prefix.value || char(0x10FFFF)))`

/**
 * Two ways, by how many people have a word. Rare: all of them, from the words. Common: along the list until enough is
 * found, which is soon. Either alone would cost the number of all people where the other is quick.
 */
export function openPeopleList(sql: Sql): UserStore['list'] {
  // Along the unique username_key.
  const page = sql.prepare<UserRow>(`
    SELECT ${USER_COLUMNS} FROM users WHERE username_key > ? AND deleted_at IS NULL ORDER BY username_key LIMIT ?`)
  const having = openHaving(sql)
  const gathered = sql.prepare<UserRow>(`
    SELECT ${USER_COLUMNS} FROM users
    WHERE id IN (SELECT value FROM json_each(?1)) AND deleted_at IS NULL AND username_key > ?3 AND ${HAS_ALL}
    ORDER BY username_key LIMIT ?4`)
  const piece = sql.prepare<{ key: string; fits: number }>(`
    SELECT username_key AS key, ${HAS_ALL} AS fits FROM users
    WHERE username_key > ?1 AND deleted_at IS NULL ORDER BY username_key LIMIT ?3`)
  const byKey = sql.prepare<UserRow>(`SELECT ${USER_COLUMNS} FROM users WHERE username_key = ?`)

  function rarest(prefixes: string[]): string[] | null {
    for (const prefix of prefixes) {
      const ids = having(prefix, FEW + 1)
      if (ids.length <= FEW) return ids
    }
    return null
  }

  /** Words that are common each, and rare together, lead through all people: others get their turns between. */
  async function walk({ prefixes, after, limit }: Wanted): Promise<UserRow[]> {
    const found: UserRow[] = []
    const nextPiece = turns()
    let from = after
    for (let size = limit; ; size = Math.min(4 * size, MOST_AT_ONCE)) {
      const people = piece.all(from, JSON.stringify(prefixes), size)
      for (const { key, fits } of people) {
        if (fits && found.length < limit) found.push(...byKey.all(key))
      }
      const last = people.at(-1)
      if (found.length === limit || people.length < size || !last) return found
      from = last.key
      await nextPiece()
    }
  }

  async function search(wanted: Wanted): Promise<UserRow[]> {
    const { prefixes, after, limit } = wanted
    const few = rarest(prefixes)
    return few ? gathered.all(JSON.stringify(few), JSON.stringify(prefixes), after, limit) : walk(wanted)
  }

  return async function list({ prefixes = [], after = '', limit }): Promise<UserRecord[]> {
    if (limit <= 0) return []
    const rows = prefixes.length === 0 ? page.all(after, limit) : await search({ prefixes, after, limit })
    return rows.map(userFrom)
  }
}

/** People with a word that begins so, up to a limit: read along the key; each person has a few words. */
function openHaving(sql: Sql) {
  const some = sql.prepare<{ user_id: string }>(`
    SELECT DISTINCT user_id FROM user_terms WHERE term >= ?1 AND term < ?1 || char(0x10FFFF) LIMIT ?2`)
  return (prefix: string, limit: number): string[] => some.all(prefix, limit).map(({ user_id }) => user_id)
}

export function openNames(sql: Sql): Pick<UserStore, 'named' | 'withWord'> {
  // By the index user_terms_of: a range of it per person and prefix. Words of the deleted are gone.
  const among = sql.prepare<{ id: string }>(`
    SELECT person.value AS id FROM json_each(?1) AS person WHERE NOT EXISTS (
      SELECT 1 FROM json_each(?2) AS prefix WHERE NOT EXISTS (
        SELECT 1 FROM user_terms INDEXED BY user_terms_of
        WHERE user_id = person.value AND term >= prefix.value AND term < prefix.value || char(0x10FFFF)))`)
  const having = openHaving(sql)

  return {
    async named(ids, prefixes) {
      return among.all(JSON.stringify(ids), JSON.stringify(prefixes)).map(({ id }) => id)
    },

    async withWord(prefix, limit) {
      return having(prefix, limit)
    },
  }
}
