// 2,000 sends and changes at once over REST and sockets: one order, whichever way it is read.
import { expect, test } from 'bun:test'
import { groupChat, message, people } from '../support/chats'
import type { Line } from '../support/line'
import type { Person } from '../support/people'
import { world } from '../support/world'

const SENDS = 1_200
const CHANGES = 800

test(`${SENDS} sends and ${CHANGES} changes by 8 members`, async () => {
  await using w = await world()
  const members = await people(w, 'ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal')
  const [ann] = members as [Person]
  const id = await groupChat(...(members as [Person]))
  const lines = await Promise.all(members.map(person => person.online()))
  const sent: string[] = []

  async function send(i: number) {
    const who = i % 8
    const content = `m${i}`
    if (i % 2) {
      const { data } = await (members[who] as Person).api
        .chats({ id })
        .messages.post({ content, client_id: content })
      sent.push(data!.id)
    } else {
      const ack = await (lines[who] as Line).ask({ type: 'send', chat_id: id, content, client_id: content })
      sent.push(ack.message.id)
    }
  }

  async function change(i: number) {
    const target = message(members[i % 8] as Person, id, sent[(i * 7) % sent.length] as string)
    if (i % 3 === 0) await target.reactions({ emoji: encodeURIComponent('👍') }).put()
    else if (i % 3 === 1) await target.patch({ content: `edited ${i}` })
    else await target.delete({}, { query: {} })
  }

  await Promise.all(Array.from({ length: 100 }, (_, i) => send(i)))
  const rest = Array.from({ length: SENDS - 100 }, (_, i) => send(i + 100))
  const changed = Array.from({ length: CHANGES }, (_, i) => change(i))
  await Promise.all([...rest, ...changed])

  const all = new Map<string, any>()
  for (let since = 0, more = true; more;) {
    const { data } = await ann.api.chats({ id }).changes.get({ query: { since, limit: 100 } })
    for (const item of data!.items) all.set(item.id, item)
    since = data!.rev
    more = data!.more
  }
  const bySeq = [...all.values()].toSorted((a, b) => a.seq - b.seq)
  expect(bySeq.map(({ seq }) => seq)).toEqual(Array.from({ length: SENDS }, (_, i) => i + 1))
  expect(new Set(bySeq.map(({ rev }) => rev)).size).toBe(SENDS)

  const forth: any[] = []
  for (let after: number | null = 0; after !== null;) {
    const { data }: { data: any } = await ann.api.chats({ id }).messages.get({ query: { after, limit: 100 } })
    forth.push(...data.items)
    after = data.after
  }
  const back: any[] = []
  for (let before: number | null = SENDS + 1; before !== null;) {
    const { data }: { data: any } = await ann.api
      .chats({ id })
      .messages.get({ query: { before, limit: 100 } })
    back.unshift(...data.items)
    before = data.before
  }
  expect(forth).toEqual(bySeq)
  expect(back).toEqual(bySeq)
  const { data: around } = await ann.api.chats({ id }).messages.get({ query: { around: 600, limit: 9 } })
  expect(around!.items as unknown[]).toEqual(bySeq.slice(595, 604))

  for (const line of lines) {
    const last = bySeq.reduce((highest, { rev }) => Math.max(highest, rev), 0)
    await line.hears('message', frame => frame.message.rev === last)
    const revs = line.of('message').map(frame => frame.message.rev)
    expect(revs).toEqual(revs.map((_, i) => i + 1))
  }
}, 120_000)
