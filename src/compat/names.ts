// Names for what the older APIs name by people.
import type { Users } from '../users/service'

/** Usernames by id, each read once: made anew for each request. */
export function naming(users: Users): (id: string) => Promise<string> {
  const known = new Map<string, Promise<string>>()
  const read = async (id: string) => (await users.several([id])).get(id)?.username ?? 'deleted_user'
  return id => {
    const name = known.get(id) ?? read(id)
    known.set(id, name)
    return name
  }
}

/** A group that nobody has named is named after its people, as far as a name goes. */
export const groupNameOf = (names: string[]): string =>
  names.join(', ').slice(0, 100).toWellFormed() || 'Group'
