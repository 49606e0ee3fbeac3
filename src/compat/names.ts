// Words for what the older APIs know by words alone: people, groups, and messages that only show a file.
import { previewOf } from '../messages/attachment.model'
import type { Message } from '../messages/model'
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

/** What a message says; where it only shows files, what they are called. */
export const wordsOf = ({ content, attachments }: Pick<Message, 'content' | 'attachments'>): string =>
  content || previewOf('', attachments)

/** A group that nobody has named is named after its people, as far as a name goes. */
export const groupNameOf = (names: string[]): string =>
  names.join(', ').slice(0, 100).toWellFormed() || 'Group'
