// Searches of the stories, in one line.
import { people } from './chats'
import type { Person } from './people'
import type { World } from './world'

export const three = async (w: World) => (await people(w, 'ann', 'bob', 'cleo')) as [Person, Person, Person]

export const search = (who: Person, q: string, query: object = {}) =>
  who.api.messages.search.get({ query: { q, ...query } })

export const hits = async (who: Person, q: string, query: object = {}) => {
  const { data, error } = await search(who, q, query)
  if (error) throw new Error(`${who.name} could not search: ${JSON.stringify(error.value)}`)
  return data!.items
}

export const found = async (who: Person, q: string, query: object = {}) =>
  (await hits(who, q, query)).map(hit => hit.message.content)

/** Each place as it is written in the message. */
export const met = async (who: Person, q: string) =>
  (await hits(who, q)).map(({ message: { content }, ranges }) =>
    ranges.map(([start, end]) => content.slice(start, end)),
  )
