// Who is here: profiles as others see them, finding people, changing one's own.
import type { Events } from '../events'
import { blobsAt } from '../files/avatar.model'
import type { BlobStore } from '../files/blobs'
import { forbidden, notFound } from '../lib/errors'
import { isId } from '../lib/ids'
import { fromCursor, toCursor } from '../lib/cursors'
import { nowIso, pageOf, type PageQuery } from '../lib/schema'
import { termsOf } from '../lib/terms'
import { keyOf } from './keys'
import type { EditProfile, Me, User, UserCard } from './model'
import { mustBeFree, mustBeUsername } from './names'
import type { Sightings } from './presence'
import type { UserPatch, UserRecord, UserStore } from './store'
import { toCard, toMe, toUser, toWhole } from './view'
import type { Walls } from './walls'

export type Users = ReturnType<typeof createUsers>

export function createUsers(
  store: UserStore,
  blobs: BlobStore,
  walls: Walls,
  sightings: Sightings,
  events: Events,
) {
  const byId = async (id: string) => (isId(id) ? store.byId(id) : null)

  const avatarOf = async (id: string) => (await byId(id))?.avatar ?? null

  /** A person by id, `@username` or `me`; deleted people by id only, and nobody who has blocked me. */
  async function find(me: string, who: string): Promise<UserRecord> {
    const user = await findUnhidden(me, who)
    if (user.id !== me && (await walls.from(me)).isHidden(user.id)) throw notFound('user')
    return user
  }

  async function findUnhidden(me: string, who: string): Promise<UserRecord> {
    const user = who.startsWith('@')
      ? await store.byUsername(who.slice(1))
      : await byId(who === 'me' ? me : who)
    if (!user) throw notFound('user')
    return user
  }

  /** As the viewer sees them, in order: without those who have blocked them, but for administrators. */
  async function show(viewer: UserRecord, people: UserRecord[]): Promise<User[]> {
    const shown = await withoutHidden(viewer, people)
    const seen = await sightings.of(viewer, shown)
    return shown.map(person => {
      const showWhole = person.id === viewer.id || viewer.role === 'admin'
      return (showWhole ? toWhole : toUser)(person, seen.get(person.id))
    })
  }

  async function withoutHidden(viewer: UserRecord, people: UserRecord[]): Promise<UserRecord[]> {
    if (viewer.role === 'admin') return people
    const { isHidden } = await walls.from(viewer.id)
    return people.filter(person => !isHidden(person.id))
  }

  /** One more than the limit where there are more, however many are hidden between them. */
  async function listVisible(
    viewer: UserRecord,
    { prefixes, after, limit }: { prefixes?: string[]; after?: string; limit: number },
  ): Promise<UserRecord[]> {
    const visible: UserRecord[] = []
    for (let from = after; ;) {
      const rows = await store.list({ prefixes, after: from, limit: limit + 1 })
      visible.push(...(await withoutHidden(viewer, rows)))
      const last = rows.at(-1)
      if (visible.length > limit || rows.length <= limit || !last) return visible
      from = keyOf(last.username)
    }
  }

  return {
    /** 403 for everybody else. */
    async mustBeAdministrator(me: string): Promise<void> {
      if ((await store.byId(me))?.role !== 'admin')
        throw forbidden('administrators_only', 'That is for administrators.')
    },

    /** What the viewer may see of a person; 404 for unknown ones, and for those who have blocked the viewer. */
    async profile(me: string, who: string): Promise<User> {
      const [viewer, found] = await Promise.all([findUnhidden(me, 'me'), findUnhidden(me, who)])
      const [shown] = await show(viewer, [found])
      if (!shown) throw notFound('user')
      return shown
    },

    /** Whether there is such a person, who has not deleted their account. */
    isHere: async (id: string): Promise<boolean> => (await byId(id))?.deleted_at === null,

    /** The address of a person's picture; null where none is set, or nobody has this id. */
    avatarOf,

    /**
     * The person with this email, by the whole of it, with the email that the asker knows; 404 for nobody, and for
     * those who have blocked the asker. `me` is null for a service key.
     */
    async byEmail(me: string | null, email: string): Promise<User & { email: string | null }> {
      const found = await store.byEmail(email)
      const isHidden = found && me !== null && (await walls.from(me)).isHidden(found.id)
      if (!found || isHidden) throw notFound('user')
      return { ...toUser(found), email: found.email }
    },

    /** People by id as others see them, deleted ones included; unknown ids are left out. */
    async several(ids: string[]): Promise<Map<string, User>> {
      const found = await store.byIds([...new Set(ids)])
      return new Map(found.map(user => [user.id, toUser(user)]))
    },

    async me(id: string): Promise<Me> {
      const found = await findUnhidden(id, 'me')
      const seen = await sightings.of(found, [found])
      return toMe(found, seen.get(id))
    },

    /** A person as others who share a chat are told of them, and as their own devices are. */
    async told(id: string): Promise<{ user: User; me: Me }> {
      const found = await findUnhidden(id, 'me')
      return { user: toUser(found, sightings.toSharers(found)), me: await this.me(id) }
    },

    /** Those of these people whom I may see, by id; unknown and deleted ones are left out. */
    async known(me: string, ids: string[]): Promise<Map<string, User>> {
      const [viewer, people] = await Promise.all([findUnhidden(me, 'me'), store.byIds(ids)])
      const shown = await show(
        viewer,
        people.filter(person => person.deleted_at === null),
      )
      return new Map(shown.map(user => [user.id, user]))
    },

    /**
     * The ids of people named by id, `@username` or `me`, without repeats, in order.
     * One unknown or deleted person refuses them all: 404, and so does one who has blocked me.
     */
    async idsOf(me: string, people: string[]): Promise<string[]> {
      const found = await Promise.all(people.map(who => find(me, who)))
      if (found.some(user => user.deleted_at)) throw notFound('user')
      return [...new Set(found.map(user => user.id))]
    },

    /** The ids of people by username; unknown and deleted ones, and those who have blocked me, are left out. */
    async idsOfNames(me: string, names: string[]): Promise<string[]> {
      const found = await Promise.all(names.map(name => store.byUsername(name)))
      const { isHidden } = await walls.from(me)
      return found.flatMap(user => (user && !isHidden(user.id) ? user.id : []))
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
      const viewer = me === null ? null : await findUnhidden(me, 'me')
      const shown = async (people: UserRecord[]) =>
        viewer ? show(viewer, people) : people.map(person => toWhole(person))
      if (q?.includes('@', 1)) {
        const user = await store.byEmail(q.trim())
        return { items: user ? await shown([user]) : [], next: null }
      }
      const prefixes = q === undefined ? undefined : termsOf(q, 8)
      if (prefixes?.length === 0) return { items: [], next: null }
      const after = cursor === undefined ? undefined : fromCursor(cursor, 'string')[0]
      const rows = viewer
        ? await listVisible(viewer, { prefixes, after, limit })
        : await store.list({ prefixes, after, limit: limit + 1 })
      const page = pageOf(rows, limit, last => toCursor(keyOf(last.username)))
      return { items: await shown(page.items), next: page.next }
    },

    /**
     * Changes the fields given; 409 where a username or email is somebody else's. A picture that was uploaded goes with its address.
     * A status given here stays as set.
     */
    async edit(me: string, fields: EditProfile): Promise<Me> {
      if (Object.keys(fields).length === 0) return this.me(me)
      if (fields.username !== undefined) mustBeUsername(fields.username)
      const replaced = fields.avatar === undefined ? null : await avatarOf(me)
      await this.patch(me, { ...fields, ...(fields.status !== undefined && { status_expires_at: null }) })
      if (replaced !== fields.avatar) await blobs.remove(blobsAt(replaced))
      return this.me(me)
    },

    /** Changes stored facts of a person; refusals as in `edit`. Those who share a chat hear of it. */
    async patch(id: string, patch: UserPatch): Promise<void> {
      mustBeFree(await store.update(id, { ...patch, updated_at: nowIso() }))
      events.publish({ type: 'profile', user_id: id })
    },
  }
}
