// The contract of the messages port, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import {
  membershipOf,
  atOnce,
  newGroup,
  oddTexts,
  storedFrom,
  T0,
  T1,
  T2,
  text,
  upTo,
  withStores,
  type Open,
} from './samples'
import { historyContract } from './history'

export function messagesContract(open: Open) {
  describe('messages', () => {
    appendContract(open)
    repetitionContract(open)
    crowdContract(open)
    historyContract(open)
  })
}

function appendContract(open: Open) {
  const it = withStores(open)

  it('is found by who sent it where, and under which client_id', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const stored = await stores.messages.append(text(chat, ann, 'One', { client_id: 'c1' }))
    expect(await stores.messages.sent(chat, ann, 'c1')).toEqual(stored!.message)
    expect(await stores.messages.sent(chat, bob, 'c1')).toBeNull()
    expect(await stores.messages.sent(newId(), ann, 'c1')).toBeNull()
    expect(await stores.messages.sent(chat, ann, 'c2')).toBeNull()
  })

  it('gives the first message 1 and the next one 2', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const first = text(chat, ann, 'One')
    const second = text(chat, bob, 'Two', { receiver_id: ann, message_type: 'image' })
    expect(await stores.messages.append(first)).toEqual({ message: storedFrom(first, 1), isNew: true })
    expect(await stores.messages.append(second)).toEqual({ message: storedFrom(second, 2), isNew: true })
    expect(await stores.messages.above(chat, 0, 10)).toEqual([storedFrom(first, 1), storedFrom(second, 2)])
  })

  it('moves the head and the activity of the chat', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    await stores.messages.append(text(chat, ann, 'One', { created_at: T1 }))
    await stores.messages.append(text(chat, ann, 'Two', { created_at: T2 }))
    const membership = await membershipOf(stores.chats, chat)
    expect(membership?.chat).toMatchObject({ last_seq: 2, rev: 2, activity_at: T2, updated_at: T0 })
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 2, rev: 2 })
  })

  it('answers null for a chat that is unknown', async ({ messages }) => {
    const nowhere = newId()
    expect(await messages.append(text(nowhere, newId()))).toBeNull()
    expect(await messages.above(nowhere, 0, 10)).toEqual([])
    expect(await messages.head(nowhere)).toEqual({ last_seq: 0, rev: 0 })
  })

  it('answers null for a chat that was deleted', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = text(chat, ann)
    await stores.messages.append(sent)
    await stores.chats.delete(chat)
    expect(await stores.messages.append(text(chat, ann))).toBeNull()
    expect(await stores.messages.append(sent)).toBeNull()
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 0, rev: 0 })
  })

  for (const [what, content] of Object.entries(oddTexts)) {
    it(`gives back ${what} as sent`, async stores => {
      const ann = newId()
      const chat = await newGroup(stores, ann)
      const sent = text(chat, ann, content, { client_id: content.slice(0, 20) })
      await stores.messages.append(sent)
      expect(await stores.messages.byId(chat, sent.id)).toEqual(storedFrom(sent, 1))
      const again = await stores.messages.append({ ...text(chat, ann), client_id: sent.client_id })
      expect(again).toEqual({ message: storedFrom(sent, 1), isNew: false })
    })
  }
}

function repetitionContract(open: Open) {
  const it = withStores(open)

  it('answers the first message when the same client_id comes again', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const first = text(chat, ann, 'First')
    await stores.messages.append(first)
    await stores.messages.append(text(chat, ann, 'Between'))
    const again = await stores.messages.append(text(chat, ann, 'Again', { client_id: first.client_id }))
    expect(again).toEqual({ message: storedFrom(first, 1), isNew: false })
    const next = await stores.messages.append(text(chat, ann, 'Next'))
    expect(next?.message).toMatchObject({ seq: 3, rev: 3 })
  })

  it('takes the same client_id of another sender or in another chat for another message', async stores => {
    const [ann, bob] = [newId(), newId()]
    const chat = await newGroup(stores, ann, bob)
    const other = await newGroup(stores, ann, bob)
    const client_id = 'a1'
    const answers = await Promise.all([
      stores.messages.append(text(chat, ann, 'x', { client_id })),
      stores.messages.append(text(chat, bob, 'x', { client_id })),
      stores.messages.append(text(chat, ann, 'x', { client_id: 'A1' })),
      stores.messages.append(text(other, ann, 'x', { client_id })),
    ])
    expect(answers.map(answer => answer?.isNew)).toEqual([true, true, true, true])
  })

  it('makes one message of 50 sends with the same client_id at once', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const answers = await atOnce(50, () =>
      stores.messages.append(text(chat, ann, 'Once', { client_id: 'a1' })),
    )
    expect(answers.filter(answer => answer?.isNew)).toHaveLength(1)
    expect(new Set(answers.map(answer => answer?.message.id)).size).toBe(1)
    expect(new Set(answers.map(answer => answer?.message.seq))).toEqual(new Set([1]))
    expect(await stores.messages.above(chat, 0, 100)).toHaveLength(1)
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 1, rev: 1 })
  })

  it('leaves no gap where repeated and new messages come at once', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    await atOnce(60, i => stores.messages.append(text(chat, ann, `${i}`, { client_id: `c${i % 20}` })))
    const kept = await stores.messages.above(chat, 0, 100)
    expect(kept.map(message => message.seq)).toEqual(upTo(20))
    expect(await stores.messages.append(text(chat, ann))).toMatchObject({ message: { seq: 21, rev: 21 } })
  })
}

function crowdContract(open: Open) {
  const it = withStores(open)

  it('stores 200 messages of several people in the order of the calls, without a gap', async stores => {
    const people = Array.from({ length: 5 }, () => newId())
    const chat = await newGroup(stores, ...people)
    const sent = upTo(200).map(i => text(chat, people[i % 5] ?? '', `Message ${i}`))
    const answers = await Promise.all(sent.map(message => stores.messages.append(message)))
    expect(answers.map(answer => answer?.message)).toEqual(
      sent.map((message, i) => storedFrom(message, i + 1)),
    )
    expect(answers.every(answer => answer?.isNew)).toBeTrue()
    expect(await stores.messages.above(chat, 0, 300)).toEqual(
      sent.map((message, i) => storedFrom(message, i + 1)),
    )
    expect((await membershipOf(stores.chats, chat))?.chat).toMatchObject({ last_seq: 200, rev: 200 })
  })

  it('counts each of 10 chats by itself while all are written to', async stores => {
    const ann = newId()
    const chats = await atOnce(10, () => newGroup(stores, ann))
    await atOnce(200, i => stores.messages.append(text(chats[i % 10] ?? '', ann, `${i}`)))
    for (const [place, chat] of chats.entries()) {
      const kept = await stores.messages.above(chat, 0, 100)
      expect(kept.map(message => message.seq)).toEqual(upTo(20))
      expect(kept.map(message => message.rev)).toEqual(upTo(20))
      expect(kept.map(message => message.content)).toEqual(upTo(20).map(i => `${(i - 1) * 10 + place}`))
    }
  })

  it('stores what comes to a living chat beside a chat that is unknown', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const answers = await atOnce(20, i => stores.messages.append(text(i % 2 ? chat : newId(), ann)))
    expect(answers.filter(answer => answer === null)).toHaveLength(10)
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 10, rev: 10 })
  })
}
