// What most tests of rights begin with: a group of Alice's with Bob in it, a message, a file, and Mallory outside.
import { groupChat, people, say } from './chats'
import { uploaded } from './files'
import type { Person } from './people'
import type { World } from './world'

export interface C1 {
  alice: Person
  bob: Person
  mallory: Person
  /** The group. */
  c1: string
  /** A message of Alice's in it, and the file that it shows. */
  message: string
  file: string
}

export async function settle(w: World): Promise<C1> {
  const [alice, bob, mallory] = (await people(w, 'alice', 'bob', 'mallory')) as [Person, Person, Person]
  const c1 = await groupChat(alice, bob)
  const file = await uploaded(w, alice, 'the plan', 'plan.txt')
  const { id } = await say(alice, c1, 'a secret', { attachments: [{ file_id: file }] })
  return { alice, bob, mallory, c1, message: id, file }
}
