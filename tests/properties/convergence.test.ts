// A client that drops at random moments always ends with what is there: no hole, no repeat.
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { groupChat, people, privateChat } from '../support/chats'
import type { Person } from '../support/people'
import { replicaOf } from '../support/replica'
import { anyStep, take } from '../support/steps'
import { world } from '../support/world'

const CUTS = 60
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

/** What the server would tell a new client. */
async function truth(person: Person, id: string) {
  const found = new Map<string, unknown>()
  for (let since = 0, more = true; more;) {
    const { data } = await person.api.chats({ id }).changes.get({ query: { since, limit: 100 } })
    for (const item of data!.items) found.set(item.id, comparable(item))
    since = data!.rev
    more = data!.more
  }
  return found
}

/** Without what follows from read positions, which take no rev. */
const comparable = ({ is_read: _, quote: __, ...message }: any) => message

test(`through ${CUTS} cuts (SEED=${SEED})`, async () => {
  await using w = await world()
  const members = await people(w, 'ann', 'bob', 'cleo')
  const [ann, bob] = members as [Person, Person]
  const chats = [await groupChat(...(members as [Person])), await privateChat(ann, bob)]
  const insiders = [members, [ann, bob]]
  const sent: string[][] = [[], []]
  const replica = replicaOf(w.url, ann)
  const steps = fc.sample(anyStep, { seed: SEED, numRuns: CUTS * 12 })
  const random = fc.sample(fc.double({ min: 0, max: 1, noNaN: true }), { seed: SEED, numRuns: CUTS * 3 })

  for (let cut = 0; cut < CUTS; cut++) {
    const doing = steps.slice(cut * 12, cut * 12 + 12).map(async (step, i) => {
      await Bun.sleep(i)
      const c = i % 2
      await take(step, insiders[c] as Person[], chats[c] as string, sent[c] as string[])
    })
    await Bun.sleep((random[cut * 3] as number) * 10)
    await replica.comeBack()
    await Bun.sleep((random[cut * 3 + 1] as number) * 10)
    if (cut % 7 !== 0) replica.drop()
    await Promise.all(doing)
    replica.drop()
  }

  await replica.comeBack()
  expect(replica.faults).toEqual([])
  expect(replica.chatIds().toSorted()).toEqual(chats.toSorted())
  for (const id of chats) {
    const copy = new Map([...replica.copyOf(id)].map(([mid, message]) => [mid, comparable(message)]))
    expect(copy).toEqual(await truth(ann, id))
  }
  replica.drop()
}, 120_000)
