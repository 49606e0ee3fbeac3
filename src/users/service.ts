// Who is here: profiles as others see them, finding people, changing one's own.
import { blobsAt } from '../files/avatar.model'
import type { BlobStore } from '../files/blobs'
import { conflict, forbidden, invalid, notFound } from '../lib/errors'
import { isId } from '../lib/ids'
import { fromCursor, toCursor } from '../lib/cursors'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import { termsOf } from '../lib/terms'
import { keyOf } from './keys'
import { USERNAME_PATTERN, type EditProfile, type Me, type User, type UserCard } from './model'
import type { Taken, UserPatch, UserRecord, UserStore } from './store'

export type Users = ReturnType<typeof createUsers>

const usernamePattern = new RegExp(USERNAME_PATTERN, 'u')
/** Words that mean something else in an address or a mention. */
const RESERVED = new Set(['me', 'all', 'everyone', 'here', 'deleted_user'])

export function createUsers(store: UserStore, blobs: BlobStore) {
  /** A person by id, `@username` or `me`; deleted people by id only. */
  async function find(me: string, who: string): Promise<UserRecord> {
    const user = who.startsWith('@')
      ? await store.byUsername(who.slice(1))
      : await byId(who === 'me' ? me : who)
    if (!user) throw notFound('user')
    return user
  }

  const isAdministrator = async (me: string) => (await store.byId(me))?.role === 'admin'

  const avatarOf = async (id: string) => (await byId(id))?.avatar ?? null

  const byId = async (id: string) => (isId(id) ? store.byId(id) : null)

  return {
    /** 403 for everybody else. */
    async mustBeAdministrator(me: string): Promise<void> {
      if (!(await isAdministrator(me))) throw forbidden('administrators_only', 'That is for administrators.')
    },

    /** What the viewer may see of a person; 404 for unknown ones. */
    async profile(me: string, who: string): Promise<User> {
      const found = await find(me, who)
      return found.id === me || (await isAdministrator(me)) ? toMe(found) : toUser(found)
    },

    /** The address of a person's picture; null where none is set, or nobody has this id. */
    avatarOf,
    /** The person with this email, by the whole of it, as the one who knows it may see them; 404 otherwise. */
    async byEmail(email: string): Promise<User & { email: string | null }> {
      const found = await store.byEmail(email)
      if (!found) throw notFound('user')
      return { ...toUser(found), email: found.email }
    },

    /** People by id as others see them, deleted ones included; unknown ids are left out. */
    async several(ids: string[]): Promise<Map<string, User>> {
      const found = await store.byIds([...new Set(ids)])
      return new Map(found.map(user => [user.id, toUser(user)]))
    },

    async me(id: string): Promise<Me> {
      return toMe(await find(id, 'me'))
    },

    /**
     * The ids of people named by id, `@username` or `me`, without repeats, in order.
     * One unknown or deleted person refuses them all: 404.
     */
    async idsOf(me: string, people: string[]): Promise<string[]> {
      const found = await Promise.all(people.map(who => find(me, who)))
      if (found.some(user => user.deleted_at)) throw notFound('user')
      return [...new Set(found.map(user => user.id))]
    },

    /** The ids of people by username; unknown and deleted ones are left out. */
    async idsOfNames(names: string[]): Promise<string[]> {
      const found = await Promise.all(names.map(name => store.byUsername(name)))
      return found.flatMap(user => user?.id ?? [])
    },

    /** These people in few words, deleted ones too, by id; unknown ones are left out. */
    async cardsOf(ids: string[]): Promise<Map<string, UserCard>> {
      const found = await store.byIds([...new Set(ids)])
      return new Map(found.map(user => [user.id, toCard(user)]))
    },

    /** Those of these people who have, for each of the folded prefixes, a word of their names that begins with it. */
    named: (ids: string[], prefixes: string[]): Promise<string[]> => store.named(ids, prefixes),

    /** Anybody with a word of their names that begins with a folded prefix, in no order, at most `limit`. */
    withWord: (prefix: string, limit: number): Promise<string[]> => store.withWord(prefix, limit),

    /**
     * Everybody, or those whom `q` finds, by username; a `q` that is an email finds by the whole of it only.
     * Of `me` null (a service key) and administrators the emails are told too.
     */
    async list(
      me: string | null,
      { q, limit = 20, cursor }: PageQuery & { q?: string },
    ): Promise<{ items: User[]; next: string | null }> {
      const show = me === null || (await isAdministrator(me)) ? toMe : toUser
      if (q?.includes('@', 1)) {
        const user = await store.byEmail(q.trim())
        return { items: user ? [show(user)] : [], next: null }
      }
      const prefixes = q === undefined ? undefined : termsOf(q, 8)
      if (prefixes?.length === 0) return { items: [], next: null }
      const after = cursor === undefined ? undefined : fromCursor(cursor, 'string')[0]
      const rows = await store.list({ prefixes, after, limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(keyOf(last.username)))
      return { items: page.items.map(show), next: page.next }
    },

    /** Changes the fields given; 409 where a username or email is somebody else's. A picture that was uploaded goes with its address. */
    async edit(me: string, fields: EditProfile): Promise<Me> {
      if (Object.keys(fields).length === 0) return this.me(me)
      if (fields.username !== undefined) mustBeUsername(fields.username)
      const replaced = fields.avatar === undefined ? null : await avatarOf(me)
      await this.patch(me, fields)
      if (replaced !== fields.avatar) await blobs.remove(blobsAt(replaced))
      return this.me(me)
    },

    /** Changes stored facts of a person; refusals as in `edit`. */
    async patch(id: string, patch: UserPatch): Promise<void> {
      mustBeFree(await store.update(id, { ...patch, updated_at: nowIso() }))
    },
  }
}

/** 422 unless the name can be a username: letters and digits of any script with `.`, `_`, `-` between. */
export function mustBeUsername(username: string) {
  const key = keyOf(username)
  if (RESERVED.has(key) || isId(key)) {
    throw invalid('body/username', 'reserved', 'This username is reserved. Choose another.')
  }
  if (!usernamePattern.test(username)) {
    throw invalid(
      'body/username',
      'bad_username',
      'A username is 1 to 32 letters and digits with . _ - between them.',
    )
  }
}

export function mustBeFree(taken: Taken | null) {
  if (taken) throw conflict(`${taken}_taken`, `This ${taken} is already in use.`)
}

export function toUser(record: UserRecord): User {
  const { id, full_name, avatar, bio, status, created_at, updated_at } = record
  const shown = record.deleted_at
    ? { username: 'deleted_user', full_name: 'Deleted user', avatar: null, bio: null, status: null }
    : { username: record.username, full_name, avatar, bio, status }
  return { id, ...shown, presence: null, last_seen: null, created_at, updated_at }
}

export function toCard(record: UserRecord): UserCard {
  const { id, username, full_name, avatar } = toUser(record)
  return { id, username, full_name, avatar }
}

export const toMe = (record: UserRecord): Me => ({
  ...toUser(record),
  email: record.email,
  role: record.role,
})
