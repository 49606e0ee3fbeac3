// Who sees whom: those who share a chat, unless a block is between them.
import { sightingOf, type LivePresence, type Sighting, type Sightings } from '../users/presence'
import type { UserRecord, UserStore } from '../users/store'
import type { Walls } from '../users/walls'
import type { ChatStore } from './store'

export type Sight = ReturnType<typeof createSight>

export function createSight(store: ChatStore, users: UserStore, walls: Walls, live: LivePresence) {
  async function show(viewer: UserRecord, people: UserRecord[]): Promise<Map<string, Sighting>> {
    const { isApart } = await walls.from(viewer.id)
    const seen = people.filter(({ id }) => id === viewer.id || !isApart(id))
    return new Map(seen.map(person => [person.id, sightingOf(person, viewer, live)]))
  }

  const sight: Sightings & {
    /** The same of people who are known to share a chat with me. */
    ofMembers(me: string, userIds: string[]): Promise<Map<string, Sighting>>
  } = {
    async of(viewer, people) {
      const others = people.filter(({ id }) => id !== viewer.id).map(({ id }) => id)
      const sharers = new Set(others.length > 0 ? await store.sharersOf(viewer.id, others) : [])
      return show(
        viewer,
        people.filter(({ id }) => id === viewer.id || sharers.has(id)),
      )
    },

    toSharers: person => sightingOf(person, { id: '', hide_last_seen: false }, live),

    async ofMembers(me, userIds) {
      const people = await users.byIds([...new Set([me, ...userIds])])
      const viewer = people.find(({ id }) => id === me)
      return viewer ? show(viewer, people) : new Map()
    },
  }
  return sight
}
