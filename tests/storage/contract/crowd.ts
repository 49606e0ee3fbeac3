// The contract of many changes at once: a part of the changes suite.
import { expect } from 'bun:test'
import { conflict } from '../../../src/lib/errors'
import { newId } from '../../../src/lib/ids'
import type { MessageStore, StoredMessage } from '../../../src/messages/store'
import { atOnce, newGroup, said, T2, text, upTo, withStores, type Open } from './samples'

const react = (messages: MessageStore, { chat_id, id }: StoredMessage, who: string) =>
  messages.change(chat_id, id, ({ reactions }) => {
    const user_ids = [...(reactions[0]?.user_ids ?? []), who]
    return { reactions: [{ emoji: '👍', user_ids }], updated_at: T2 }
  })

const ascending = (numbers: (number | undefined)[]) => numbers.map(Number).toSorted((a, b) => a - b)

export function crowdedChangesContract(open: Open) {
  const it = withStores(open)

  it('loses none of 50 changes of one message at once', async stores => {
    const people = Array.from({ length: 50 }, () => newId())
    const chat = await newGroup(stores, ...people)
    const sent = await said(stores, text(chat, people[0] ?? ''))
    const answers = await Promise.all(people.map(who => react(stores.messages, sent, who)))
    expect(answers.every(answer => answer?.changed)).toBeTrue()
    expect(ascending(answers.map(answer => answer?.message.rev))).toEqual(upTo(51).slice(1))
    const kept = await stores.messages.byId(chat, sent.id)
    expect(kept?.reactions[0]?.user_ids.toSorted()).toEqual(people.toSorted())
    expect(kept?.rev).toBe(51)
    for (const answer of answers) {
      expect(answer?.message.reactions[0]?.user_ids).toHaveLength(answer!.message.rev - 1)
    }
  })

  it('counts every change and every message of a chat once, in whatever mixture', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const first = await atOnce(10, () => said(stores, text(chat, ann)))
    const answers = await atOnce(150, async i =>
      i % 3 === 0
        ? stores.messages.append(text(chat, ann, `${i}`))
        : react(stores.messages, first[i % 10]!, newId()),
    )
    expect(ascending(answers.map(answer => answer?.message.rev))).toEqual(upTo(160).slice(10))
    const kept = await stores.messages.above(chat, 0, 300)
    expect(kept.map(message => message.seq)).toEqual(upTo(60))
    expect(new Set(kept.map(message => message.rev)).size).toBe(60)
    expect(kept.reduce((sum, message) => sum + (message.reactions[0]?.user_ids.length ?? 0), 0)).toBe(100)
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 60, rev: 160 })
  })

  it('takes no rev for what was refused, left, repeated or not found in between', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = await said(stores, text(chat, ann))
    const refuse = () => {
      throw conflict('no', 'No.')
    }
    const ways = [
      () => stores.messages.append(text(chat, ann)),
      () => react(stores.messages, sent, newId()),
      () => stores.messages.change(chat, sent.id, refuse).catch(() => null),
      () => stores.messages.change(chat, sent.id, () => null).then(() => null),
      () => stores.messages.append(text(chat, ann, 'Again', { client_id: sent.client_id })).then(() => null),
      () => stores.messages.change(chat, newId(), refuse),
    ]
    const answers = await atOnce(120, async i => ways[i % 6]!())
    const taken = answers.flatMap(answer => answer?.message.rev ?? [])
    expect(ascending(taken)).toEqual(upTo(41).slice(1))
    expect((await stores.messages.above(chat, 0, 99)).map(message => message.seq)).toEqual(upTo(21))
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 21, rev: 41 })
  })

  it('counts each of several chats by itself', async stores => {
    const ann = newId()
    const chats = await atOnce(5, () => newGroup(stores, ann))
    const sent = await Promise.all(chats.map(chat => said(stores, text(chat, ann))))
    await atOnce(100, i => react(stores.messages, sent[i % 5]!, newId()))
    for (const chat of chats) expect(await stores.messages.head(chat)).toEqual({ last_seq: 1, rev: 21 })
  })
}
