// People in SQLite.
import { keyOf, searchTermsOf } from '../../users/keys'
import type { Taken, UserRecord, UserStore } from '../../users/store'
import type { Fields, Sql } from './database'
import { openNames, openPeopleList } from './peoplelist'
import { given, USER_COLUMNS, userFrom, type UserRow } from './rows'
import { openSeeing } from './seeing'
import type { Writer } from './writer'

interface Keys {
  username_key: string
  email_key: string | null
}
type Keyed = UserRecord & Keys
type KeyedRow = UserRow & Keys

const ALL = `${USER_COLUMNS}, username_key, email_key`
const ALL_GIVEN = ALL.replaceAll(/\w+/g, '$$$&')

export function openUsers(sql: Sql, writer: Writer): UserStore {
  const select = (where: string) =>
    sql.prepare<UserRow, [string]>(`SELECT ${USER_COLUMNS} FROM users WHERE ${where}`)
  const byId = select('id = ?')
  const byIds = select('id IN (SELECT value FROM json_each(?))')
  const byUsername = select('username_key = ? AND deleted_at IS NULL')
  const byEmail = select('email_key = ? AND deleted_at IS NULL')

  const keyed = sql.prepare<KeyedRow, [string]>(`SELECT ${ALL} FROM users WHERE id = ?`)
  const add = sql.prepare<unknown, [Fields<Keyed>]>(`INSERT INTO users (${ALL}) VALUES (${ALL_GIVEN})`)
  const replace = sql.prepare<unknown, [Fields<Keyed>]>(
    `UPDATE users SET (${ALL}) = (${ALL_GIVEN}) WHERE id = $id`,
  )
  const takenName = sql.prepare('SELECT 1 FROM users WHERE username_key = ? AND id <> ?')
  const takenEmail = sql.prepare('SELECT 1 FROM users WHERE email_key = ? AND id <> ?')
  // The condition is that of the index users_gone.
  const free = sql.prepare(`
    UPDATE users SET username_key = 'gone:' || id
    WHERE deleted_at < ? AND deleted_at IS NOT NULL AND username_key NOT GLOB 'gone:*'`)
  const freeOne = sql.prepare(`
    UPDATE users SET username_key = 'gone:' || id WHERE username_key = ? AND deleted_at IS NOT NULL`)
  const setTerms = openTerms(sql)

  function store(user: Keyed, write: typeof add): Taken | null {
    if (takenName.get(user.username_key, user.id)) return 'username'
    if (takenEmail.get(user.email_key, user.id)) return 'email'
    write.run(user)
    setTerms(user)
    return null
  }

  function insert(user: UserRecord): Taken | null {
    return store({ ...user, username_key: keyOf(user.username), email_key: emailKeyOf(user) }, add)
  }

  function update(id: string, patch: Partial<UserRecord>): Taken | null {
    const old = keyed.get(id)
    if (!old || old.deleted_at !== null) return null
    const user = { ...old, ...userFrom(old), ...patch }
    if (patch.username !== undefined) user.username_key = keyOf(patch.username)
    return store({ ...user, email_key: emailKeyOf(user) }, replace)
  }

  function erase(id: string, at: string) {
    const old = keyed.get(id)
    // An erased row has lost its name, but not the key that keeps the name taken.
    if (!old || old.username === '') return
    const { username_key, role, created_at } = old
    const deleted_at = old.deleted_at ?? at
    store({ ...nobody, id, username_key, role, created_at, updated_at: at, deleted_at }, replace)
  }

  return {
    insert: user => writer.beside(() => insert(user)),
    update: (id, patch) => writer.beside(() => update(id, given(patch))),
    erase: (id, at) => writer.beside(() => erase(id, at)),
    freeNames: erasedBefore => writer.beside(() => void free.run(erasedBefore)),
    freeName: username => writer.beside(() => void freeOne.run(keyOf(username))),
    list: openPeopleList(sql),
    ...openNames(sql),
    ...openSeeing(sql, writer),

    async byId(id) {
      return recordOf(byId.get(id))
    },

    async byIds(ids) {
      return byIds.all(JSON.stringify(ids)).map(userFrom)
    },

    async byUsername(username) {
      return recordOf(byUsername.get(keyOf(username)))
    },

    async byEmail(email) {
      return recordOf(byEmail.get(keyOf(email)))
    },
  }
}

const recordOf = (row: UserRow | null) => row && userFrom(row)

const nobody = {
  username: '',
  email: null,
  email_key: null,
  full_name: null,
  avatar: null,
  bio: null,
  status: null,
  password_hash: null,
  gender: null,
  timezone: null,
  status_expires_at: null,
  last_seen: null,
  invisible: false,
  hide_last_seen: false,
}

const emailKeyOf = ({ email }: UserRecord) => (email === null ? null : keyOf(email))

/** Keeps the words that a person is found by; none for a person who is gone. */
function openTerms(sql: Sql) {
  const clear = sql.prepare('DELETE FROM user_terms WHERE user_id = ?')
  const add = sql.prepare('INSERT INTO user_terms (term, user_id) VALUES (?, ?)')

  return function setTerms(user: UserRecord) {
    clear.run(user.id)
    if (user.deleted_at !== null) return
    for (const term of searchTermsOf(user)) add.run(term, user.id)
  }
}
