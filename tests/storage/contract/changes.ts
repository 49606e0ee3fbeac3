// The contract of changing messages, for every engine.
import { describe, expect } from 'bun:test'
import { conflict } from '../../../src/lib/errors'
import { newId } from '../../../src/lib/ids'
import type { MessagePatch, StoredMessage } from '../../../src/messages/store'
import { crowdedChangesContract } from './crowd'
import { membershipOf, newGroup, said, storedFrom, T1, T2, text, withStores, type Open } from './samples'
import { sinceContract } from './since'

export function changesContract(open: Open) {
  describe('changes of messages', () => {
    changeContract(open)
    editsContract(open)
    nothingContract(open)
    crowdedChangesContract(open)
    sinceContract(open)
  })
}

/** Every part that can be changed. */
const everything = (): MessagePatch & Partial<StoredMessage> => ({
  content: 'Other',
  attachments: [{ id: newId(), name: 'a.png', size: 3, media_type: 'image/png', kind: 'image' }],
  mentions: [newId(), newId()],
  mentions_all: true,
  reactions: [{ emoji: '👍🏽', user_ids: [newId(), newId()] }],
  forward: { message_id: newId(), chat_id: newId(), sender_id: newId() },
  thread: { reply_count: 2, last_reply_seq: 9, last_reply_at: T2 },
  pinned_at: T1,
  edited_at: T2,
  deleted_at: T2,
  delete_reason: 'expired',
  updated_at: T2,
})

const nothing: MessagePatch = {
  content: '',
  attachments: [],
  mentions: [],
  mentions_all: false,
  reactions: [],
  forward: null,
  thread: null,
  pinned_at: null,
  edited_at: null,
  deleted_at: null,
  delete_reason: null,
  updated_at: T1,
}

function changeContract(open: Open) {
  const it = withStores(open)

  it('changes the fields given under the next rev, and nothing else', async stores => {
    const { chats, messages } = stores
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const first = await said(stores, text(chat, ann, 'One'))
    const second = await said(stores, text(chat, ann, 'Two'))
    const patch = { content: 'Uno', edited_at: T2, updated_at: T2 }
    const changed = { ...first, ...patch, rev: 3 }
    const answer = await messages.change(chat, first.id, () => ({ ...patch, pinned_at: undefined }))
    expect(answer).toEqual({ message: changed, changed: true })
    expect(await messages.above(chat, 0, 10)).toEqual([changed, second])
    expect(await messages.byId(chat, first.id)).toEqual(changed)
    expect(await messages.head(chat)).toEqual({ last_seq: 2, rev: 3 })
    const { activity_at, updated_at } = (await membershipOf(chats, chat))!.chat
    expect([activity_at, updated_at]).toEqual([second.created_at, '2030-01-01T00:00:00.000Z'])
  })

  it('keeps every part that can be changed, and takes each away again', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = await said(stores, text(chat, ann))
    const patch = everything()
    await stores.messages.change(chat, sent.id, () => patch)
    expect(await stores.messages.byId(chat, sent.id)).toEqual({ ...sent, ...patch, rev: 2 })
    await stores.messages.change(chat, sent.id, () => nothing)
    expect(await stores.messages.byId(chat, sent.id)).toEqual({ ...sent, ...nothing, rev: 3 })
  })

  it('changes each part alone and leaves the others', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = await said(stores, text(chat, ann))
    let wanted = sent
    for (const [part, value] of Object.entries(everything())) {
      wanted = { ...wanted, [part]: value, updated_at: T2, rev: wanted.rev + 1 }
      await stores.messages.change(chat, sent.id, () => ({ [part]: value, updated_at: T2 }))
      expect(await stores.messages.byId(chat, sent.id)).toEqual(wanted)
    }
  })

  it('counts on from the change when the next message comes', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const first = text(chat, ann)
    await stores.messages.append(first)
    const pinned = await stores.messages.change(chat, first.id, () => ({ pinned_at: T2, updated_at: T2 }))
    const next = text(chat, ann)
    expect((await stores.messages.append(next))?.message).toEqual(storedFrom(next, 2, 3))
    const again = await stores.messages.append({ ...first, id: newId() })
    expect(again).toEqual({ message: pinned!.message, isNew: false })
  })
}

function editsContract(open: Open) {
  const it = withStores(open)

  it('gives the message as it is and its former texts, and keeps the ones given', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = await said(stores, text(chat, ann, 'Text 0'))
    const wanted = []
    for (const i of [1, 2, 3]) {
      const answer = await stores.messages.change(chat, sent.id, (message, edits) => {
        expect(message).toMatchObject({ content: `Text ${i - 1}`, rev: i })
        const former = [...edits, { content: message.content, edited_at: T1 }]
        return { content: `Text ${i}`, edited_at: T2, updated_at: T2, edits: former }
      })
      wanted.push({ content: `Text ${i - 1}`, edited_at: T1 })
      expect(Object.keys(answer?.message ?? {})).not.toContain('edits')
      expect(await stores.messages.edits(chat, sent.id)).toEqual(wanted)
    }
    await stores.messages.change(chat, sent.id, () => ({ pinned_at: T2, updated_at: T2 }))
    expect(await stores.messages.edits(chat, sent.id)).toEqual(wanted)
    await stores.messages.change(chat, sent.id, () => ({ updated_at: T2, edits: [] }))
    expect(await stores.messages.edits(chat, sent.id)).toEqual([])
  })

  it('knows no former texts of messages that are unknown or were never edited', async stores => {
    const ann = newId()
    const [chat, other] = [await newGroup(stores, ann), await newGroup(stores, ann)]
    const sent = await said(stores, text(chat, ann))
    expect(await stores.messages.edits(chat, sent.id)).toEqual([])
    expect(await stores.messages.edits(chat, newId())).toEqual([])
    const edits = [{ content: 'Old', edited_at: T1 }]
    await stores.messages.change(chat, sent.id, () => ({ updated_at: T2, edits }))
    expect(await stores.messages.edits(other, sent.id)).toEqual([])
  })
}

function nothingContract(open: Open) {
  const it = withStores(open)

  it('leaves all as it is for null, and takes no rev', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = await said(stores, text(chat, ann))
    expect(await stores.messages.change(chat, sent.id, () => null)).toEqual({ message: sent, changed: false })
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 1, rev: 1 })
    expect(await stores.messages.byId(chat, sent.id)).toEqual(sent)
  })

  it('rejects with just the error that was thrown, and changes nothing', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = await said(stores, text(chat, ann))
    const refusal = conflict('too_many', 'Enough.')
    const refuse = () => {
      throw refusal
    }
    const pin = () => ({ pinned_at: T2, updated_at: T2 })
    const answers = await Promise.allSettled([
      stores.messages.append(text(chat, ann)),
      stores.messages.change(chat, sent.id, refuse),
      stores.messages.change(chat, sent.id, pin),
      stores.messages.change(chat, sent.id, refuse),
      stores.messages.append(text(chat, ann)),
    ])
    for (const refused of [answers[1], answers[3]]) {
      expect(refused?.status).toBe('rejected')
      expect((refused as PromiseRejectedResult).reason).toBe(refusal)
    }
    expect(answers[2]).toMatchObject({ value: { changed: true, message: { pinned_at: T2 } } })
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 3, rev: 4 })
  })

  it('answers null without asking where the message is not in this chat', async stores => {
    const ann = newId()
    const [chat, other, gone] = [await newGroup(stores), await newGroup(stores), await newGroup(stores)]
    const [sent, lost] = [await said(stores, text(chat, ann)), await said(stores, text(gone, ann))]
    await stores.chats.delete(gone)
    const mustNotAsk = () => {
      throw new Error('This message is unknown.')
    }
    expect(await stores.messages.change(other, sent.id, mustNotAsk)).toBeNull()
    expect(await stores.messages.change(chat, newId(), mustNotAsk)).toBeNull()
    expect(await stores.messages.change(newId(), sent.id, mustNotAsk)).toBeNull()
    expect(await stores.messages.change(gone, lost.id, mustNotAsk)).toBeNull()
    expect(await stores.messages.head(other)).toEqual({ last_seq: 0, rev: 0 })
  })
}
