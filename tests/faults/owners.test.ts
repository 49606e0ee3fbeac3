// Owners who take each other's rights, or leave, in the same moment: each change fits the roles it found.
import { expect, test } from 'bun:test'
import { groupChat, people } from '../support/chats'
import type { Person } from '../support/people'
import { world, type World } from '../support/world'
import { doIt, possible, type Done, type Roles } from './groupmodel'

const ROUNDS = 100
const DOES = ['remove', 'remove', 'member', 'admin', 'hand over', 'leave'] as const

const anyOf = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T

async function rolesIn(w: World, id: string): Promise<Roles> {
  const [membership] = await w.stores.chats.memberships([id])
  return new Map(membership?.members.map(({ user_id, role }) => [user_id, role]))
}

async function groupOfOwners(all: Person[]): Promise<string> {
  const [ann, ...others] = all as [Person, ...Person[]]
  const id = await groupChat(ann, ...others)
  for (const target of others.slice(0, 2)) await doIt(id, 'owner', ann, target)
  await doIt(id, 'admin', ann, others[2]!)
  return id
}

test('three owners turn on each other: there is always one, and nobody acts on a role that is gone', async () => {
  await using w = await world()
  const all = await people(w, 'ann', 'bob', 'cleo', 'dan', 'eve')
  const owners = all.slice(0, 3)
  for (let round = 0; round < ROUNDS; round++) {
    const id = await groupOfOwners(all)
    const before = await rolesIn(w, id)
    // Each owner against the next, round in a circle, and one who does anything.
    const does = round % 3 === 0 ? 'remove' : anyOf(DOES)
    const doing: Promise<Done>[] = owners.map((owner, i) => doIt(id, does, owner, owners[(i + 1) % 3]!))
    doing.push(doIt(id, anyOf(DOES), all[3]!, anyOf(owners)), doIt(id, anyOf(DOES), owners[0]!, owners[1]!))
    const done = await Promise.all(doing)
    const after = await rolesIn(w, id)
    expect([...after.values()]).toContain('owner')
    expect({ round, done, after, fits: possible(before, done, after) }).toMatchObject({ fits: true })
  }
}, 300_000)
