// A client that does not read: told why, closed, and nobody else waits for it.
import { expect, test } from 'bun:test'
import { slowpoke } from '../support/slowpoke'
import { world } from '../support/world'

test('a socket that does not read is closed with a reason, and misses nothing before that', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const { data: chat } = await ann.api.chats.post({ participants: [bob.id] })
  const line = await ann.online()
  const slow = await slowpoke(w.url, bob.token)
  slow.stopReading()

  const content = 'x'.repeat(8_000)
  let sent = 0
  const isClosed = () => line.of('message').length > 0 && slow.isCut()
  for (; sent < 1_500 && !isClosed(); sent++) {
    const answer = await line.ask({ type: 'send', chat_id: chat!.id, content })
    expect(answer.type).toBe('ack')
    if (sent % 50 === 0) await Bun.sleep(60)
  }
  const { frames, code } = await slow.readToEnd()
  const heard = frames.map(frame => JSON.parse(frame))
  const seqs = heard.filter(({ type }) => type === 'message').map(({ message }) => message.seq)
  expect(seqs).toEqual(seqs.map((_, i) => i + 1))
  expect(seqs.length).toBeLessThan(sent)
  expect(heard.at(-1)).toEqual({ type: 'bye', code: 4408, retry: true, reason: expect.any(String) })
  expect(code).toBe(4408)
}, 60_000)

test('a store that fails is a 500 without its words, over both doors, and the process goes on', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const { data: chat } = await ann.api.chats.post({ participants: [ann.id] })
  const line = await ann.online()
  const { append } = w.stores.messages
  w.stores.messages.append = () => Promise.reject(new Error('E11000 in table secrets'))
  const byRest = await ann.api.chats({ id: chat!.id }).messages.post({ content: 'Hi' })
  const bySocket = await line.ask({ type: 'send', chat_id: chat!.id, content: 'Hi' })
  expect(byRest.error?.value).toMatchObject({ status: 500, code: 'internal' })
  expect(bySocket).toMatchObject({ type: 'error', status: 500, code: 'internal' })
  expect(JSON.stringify([byRest.error, bySocket])).not.toContain('secrets')
  w.stores.messages.append = append
  expect(await line.ask({ type: 'send', chat_id: chat!.id, content: 'Hi' })).toMatchObject({ type: 'ack' })
})
