// The list of people by folded username, and the search in it.
import type { UserStore } from '../../users/store'
import type { Prepared, Sql, Value } from './database'
import { USER_COLUMNS, userFrom, type UserRow } from './rows'

/** A range of user_terms: the words that begin with a prefix. */
const BEGINS = `id IN (SELECT user_id FROM user_terms WHERE term >= ? AND term < ? || char(0x10FFFF))`

export function openPeopleList(sql: Sql): UserStore['list'] {
  const statements = new Map<number, Prepared<UserRow, Value[]>>()

  function statementFor(prefixes: number) {
    const known = statements.get(prefixes)
    if (known) return known
    // Without prefixes this walks along the unique username_key.
    const statement = sql.prepare<UserRow>(`
      SELECT ${USER_COLUMNS} FROM users
      WHERE username_key > ? AND deleted_at IS NULL ${`AND ${BEGINS} `.repeat(prefixes)}
      ORDER BY username_key LIMIT ?`)
    statements.set(prefixes, statement)
    return statement
  }

  return async function list({ prefixes = [], after = '', limit }) {
    const ranges = prefixes.flatMap(prefix => [prefix, prefix])
    return statementFor(prefixes.length)
      .all(after, ...ranges, limit)
      .map(userFrom)
  }
}

export function openNames(sql: Sql): Pick<UserStore, 'named' | 'withWord'> {
  // By the index user_terms_of: a range of it per person and prefix. Words of the deleted are gone.
  const among = sql.prepare<{ id: string }>(`
    SELECT person.value AS id FROM json_each(?1) AS person WHERE NOT EXISTS (
      SELECT 1 FROM json_each(?2) AS prefix WHERE NOT EXISTS (
        SELECT 1 FROM user_terms INDEXED BY user_terms_of
        WHERE user_id = person.value AND term >= prefix.value AND term < prefix.value || char(0x10FFFF)))`)
  // Read along the key as far as the limit asks; each person has a few words.
  const anybody = sql.prepare<{ user_id: string }>(`
    SELECT DISTINCT user_id FROM user_terms WHERE term >= ?1 AND term < ?1 || char(0x10FFFF) LIMIT ?2`)

  return {
    async named(ids, prefixes) {
      return among.all(JSON.stringify(ids), JSON.stringify(prefixes)).map(({ id }) => id)
    },

    async withWord(prefix, limit) {
      return anybody.all(prefix, limit).map(({ user_id }) => user_id)
    },
  }
}
