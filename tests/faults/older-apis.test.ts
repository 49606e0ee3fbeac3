// What strangers and large accounts could do to everybody else through the older APIs and Socket.IO.
import { expect, test } from 'bun:test'
import { wholeHistory, wholeTimeline } from '../../src/compat/whole'
import { people, privateChat } from '../support/chats'
import type { Person } from '../support/people'
import { call } from '../support/raw'
import { newHome, start } from '../support/server'
import { world } from '../support/world'

/** How often somebody else had a turn while this was done. */
async function turnsDuring(job: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let isOver = false
  const count = () => void (isOver || (turns++, setImmediate(count)))
  setImmediate(count)
  await job().finally(() => (isOver = true))
  return turns
}

test('a long history or list is written page by page, with turns for others between', async () => {
  await using w = await world()
  const [ann, bob] = (await people(w, 'ann', 'bob')) as [Person, Person]
  const chat = await privateChat(ann, bob)
  const PAGES = 20
  await Promise.all(
    Array.from({ length: PAGES * 100 }, (_, i) =>
      w.services.messages.send(ann.id, chat, { content: `message ${i}` }),
    ),
  )
  const { chats, messages } = w.services
  for (const read of [
    () => wholeHistory(messages, bob.id, chat),
    () => wholeTimeline(chats, messages, bob.id),
  ]) {
    let items = 0
    const turns = await turnsDuring(async () => {
      for await (const { seq } of read()) expect(seq).toBe(++items)
    })
    expect(items).toBe(PAGES * 100)
    expect(turns).toBeGreaterThanOrEqual(PAGES)
  }
}, 60_000)

test('an event nested 60,000 deep costs nobody else their time', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const address = '/socket.io/?EIO=4&transport=polling'
  const { sid } = JSON.parse((await call(w.url, 'GET', address)).body.slice(1))
  const say = (body: string) => call(w.url, 'POST', `${address}&sid=${sid}`, { body })
  const hear = async () => (await call(w.url, 'GET', `${address}&sid=${sid}`)).body as string
  await say(`40${JSON.stringify({ token: ann.token })}`)
  for (let heard = ''; !heard.includes('"hello"');) heard += await hear()
  const used = process.cpuUsage()
  await say(`42["send",${'['.repeat(60_000)}${']'.repeat(60_000)}]`)
  expect(await hear()).toContain('"too_deep"')
  const { user, system } = process.cpuUsage(used)
  expect((user + system) / 1_000).toBeLessThan(800)
}, 20_000)

test('a token that is no header is refused, and fills no log', async () => {
  await using home = await newHome()
  const server = await start(home)
  const address = '/socket.io/?EIO=4&transport=polling'
  for (const auth of [{ token: 'a\nb' }, { token: 'ä☃' }, { token: 'x', acting_user: 'a\r\nb' }]) {
    const { sid } = JSON.parse((await call(server.url, 'GET', address)).body.slice(1))
    await call(server.url, 'POST', `${address}&sid=${sid}`, { body: `40${JSON.stringify(auth)}` })
    const { body } = await call(server.url, 'GET', `${address}&sid=${sid}`)
    expect(body).toStartWith('44{"message":"Sign in first')
  }
  server.process.kill('SIGTERM')
  expect(await server.process.exited).toBe(0)
  expect(server.printed()).not.toContain('"level":50')
}, 30_000)
