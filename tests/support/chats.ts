// Chats of the stories, made in one line.
import { MAX_ADDED_AT_ONCE } from '../../src/chats/model'
import type { Person } from './people'
import type { World } from './world'

export async function privateChat(one: Person, other: Person): Promise<string> {
  const { data } = await one.api.chats.post({ participants: [other.id] })
  return data!.id
}

export async function groupChat(owner: Person, ...others: Person[]): Promise<string> {
  const ids = others.map(({ id }) => id)
  const { data } = await owner.api.chats.post({
    chat_type: 'group',
    group_name: 'HQ',
    participants: ids.splice(0, MAX_ADDED_AT_ONCE),
  })
  while (ids.length > 0)
    await owner.api
      .chats({ id: data!.id })
      .members.post({ participants: ids.splice(0, MAX_ADDED_AT_ONCE) as [string] })
  return data!.id
}

export async function people(w: World, ...names: string[]): Promise<Person[]> {
  const found: Person[] = []
  for (const name of names) found.push(await w.as(name))
  return found
}

/** Says something and answers the stored message. */
export async function say(who: Person, id: string, content: string, more: object = {}) {
  const { data, error } = await who.api.chats({ id }).messages.post({ content, ...more })
  if (error) throw new Error(`${who.name} could not say it: ${JSON.stringify(error.value)}`)
  return data!
}

export const message = (who: Person, id: string, mid: string) => who.api.chats({ id }).messages({ mid })

export const history = async (who: Person, id: string) =>
  (await who.api.chats({ id }).messages.get({ query: {} })).data!.items

export const chatOf = async (who: Person, id: string) => (await who.api.chats({ id }).get()).data!
