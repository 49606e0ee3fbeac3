// The list of people by folded username, and the search in it.
import type { Statement } from 'bun:sqlite'
import type { UserStore } from '../../users/store'
import type { Sql, Value } from './database'
import { USER_COLUMNS, userFrom, type UserRow } from './rows'

/** A range of user_terms: the words that begin with a prefix. */
const BEGINS = `id IN (SELECT user_id FROM user_terms WHERE term >= ? AND term < ? || char(0x10FFFF))`

export function openPeopleList(sql: Sql): UserStore['list'] {
  const statements = new Map<number, Statement<UserRow, Value[]>>()

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
