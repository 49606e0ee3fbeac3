// The list of people by folded username, and the search in it.
import type { Statement } from 'bun:sqlite'
import type { UserRecord, UserStore } from '../../users/store'
import type { Sql, Value } from './database'
import { USER_COLUMNS } from './rows'

/** A range of user_terms: the words that begin with a prefix. */
const BEGINS = `id IN (SELECT user_id FROM user_terms WHERE term >= ? AND term < ? || char(0x10FFFF))`

export function openPeopleList(sql: Sql): UserStore['list'] {
  const statements = new Map<number, Statement<UserRecord, Value[]>>()

  function statementFor(prefixes: number) {
    const known = statements.get(prefixes)
    if (known) return known
    // Without prefixes this walks along the unique username_key.
    const statement = sql.prepare<UserRecord>(`
      SELECT ${USER_COLUMNS} FROM users
      WHERE username_key > ? AND deleted_at IS NULL ${`AND ${BEGINS} `.repeat(prefixes)}
      ORDER BY username_key LIMIT ?`)
    statements.set(prefixes, statement)
    return statement
  }

  return async function list({ prefixes = [], after = '', limit }) {
    const ranges = prefixes.flatMap(prefix => [prefix, prefix])
    return statementFor(prefixes.length).all(after, ...ranges, limit)
  }
}

/** By the index user_terms_of: a range of it per person and prefix. Words of the deleted are gone. */
export function openNamed(sql: Sql): UserStore['named'] {
  const one = sql.prepare<{ id: string }>(`
    SELECT person.value AS id FROM json_each(?1) AS person WHERE NOT EXISTS (
      SELECT 1 FROM json_each(?2) AS prefix WHERE NOT EXISTS (
        SELECT 1 FROM user_terms INDEXED BY user_terms_of
        WHERE user_id = person.value AND term >= prefix.value AND term < prefix.value || char(0x10FFFF)))`)

  return async function named(ids, prefixes) {
    return one.all(JSON.stringify(ids), JSON.stringify(prefixes)).map(({ id }) => id)
  }
}
