// The contract of files and of the messages that show them, for every engine.
import { describe, expect } from 'bun:test'
import type { FileRecord } from '../../../src/files/store'
import { newId } from '../../../src/lib/ids'
import type { NewMessage, StoredMessage } from '../../../src/messages/store'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, newGroup, said, storedFrom, T0, T1, T2, text, upTo, withStores, type Open } from './samples'

const NO_QUOTA = Number.MAX_SAFE_INTEGER

const fileOf = (user_id: string, more: Partial<FileRecord> = {}): FileRecord => ({
  id: newId(),
  user_id,
  name: 'notes.txt',
  size: 10,
  media_type: 'application/octet-stream',
  kind: 'file',
  width: null,
  height: null,
  placeholder: null,
  thumbnail_size: null,
  created_at: T0,
  ...more,
})

type Attachment = StoredMessage['attachments'][number]

const shown = (id: string, kind: Attachment['kind'] = 'file'): Attachment => ({
  id,
  name: 'a.bin',
  size: 1,
  media_type: 'application/octet-stream',
  kind,
})

async function kept({ files }: Stores, ...more: Parameters<typeof fileOf>): Promise<FileRecord> {
  const file = fileOf(...more)
  expect(await files.insert(file, NO_QUOTA)).toBeTrue()
  return file
}

export function filesContract(open: Open) {
  describe('files', () => {
    recordsContract(open)
    quotaContract(open)
    droppingContract(open)
    disowningContract(open)
  })
  describe('attachments', () => {
    showingContract(open)
    galleryContract(open)
  })
}

function recordsContract(open: Open) {
  const it = withStores(open)

  it('are given back as stored', async stores => {
    const [ann, bob] = [newId(), newId()]
    const picture = {
      kind: 'image',
      media_type: 'image/png',
      width: 3,
      height: 4,
      thumbnail_size: 5,
    } as const
    const one = await kept(stores, ann, {
      ...picture,
      placeholder: 'data:x',
      name: 'é"\\ 👩‍👩‍👧.png',
      size: 2 ** 33,
    })
    const two = await kept(stores, bob)
    expect(await stores.files.byId(one.id)).toEqual(one)
    expect(await stores.files.byId(two.id)).toEqual(two)
    expect(await stores.files.byId(newId())).toBeNull()
    const found = await stores.files.byIds([two.id, newId(), one.id])
    expect(found.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([one, two])
    expect(await stores.files.byIds([])).toEqual([])
  })

  it('are listed of one person, newest first, in pages', async stores => {
    const [ann, bob] = [newId(), newId()]
    const mine: string[] = []
    for (let i = 0; i < 7; i++) mine.unshift((await kept(stores, ann)).id)
    await kept(stores, bob)
    for (const limit of [1, 3, 7, 20]) {
      const paged: string[] = []
      for (;;) {
        const page = await stores.files.list(ann, { below: paged.at(-1), limit })
        if (page.length === 0) break
        paged.push(...page.map(({ id }) => id))
      }
      expect(paged).toEqual(mine)
    }
    expect(await stores.files.list(newId(), { limit: 9 })).toEqual([])
  })

  it('are walked through by id, both ends left out', async stores => {
    const ids = (await atOnce(9, () => kept(stores, newId()))).map(({ id }) => id).toSorted()
    expect(await stores.files.between('', 'f'.repeat(24), 100)).toEqual(ids)
    expect(await stores.files.between(ids[1]!, ids[5]!, 100)).toEqual(ids.slice(2, 5))
    expect(await stores.files.between('', 'f'.repeat(24), 4)).toEqual(ids.slice(0, 4))
  })
}

function quotaContract(open: Open) {
  const it = withStores(open)

  it('are stored up to the quota of their person, and not a byte beyond', async stores => {
    const [ann, bob] = [newId(), newId()]
    const { files } = stores
    expect(await files.usedBy(ann)).toBe(0)
    expect(await files.insert(fileOf(ann, { size: 60 }), 100)).toBeTrue()
    const refused = fileOf(ann, { size: 41 })
    expect(await files.insert(refused, 100)).toBeFalse()
    expect([await files.byId(refused.id), await files.usedBy(ann)]).toEqual([null, 60])
    expect(await files.insert(fileOf(ann, { size: 40 }), 100)).toBeTrue()
    expect(await files.insert(fileOf(ann, { size: 0 }), 100)).toBeTrue()
    expect(await files.insert(fileOf(bob, { size: 100 }), 100)).toBeTrue()
    expect([await files.usedBy(ann), await files.usedBy(bob)]).toEqual([100, 100])
  })

  it('are counted exactly, however many are stored at once', async ({ files }) => {
    const [ann, bob] = [newId(), newId()]
    const answers = await atOnce(60, i => files.insert(fileOf(i % 2 ? ann : bob, { size: 10 }), 100))
    expect(answers.filter(isStored => isStored)).toHaveLength(20)
    expect([await files.usedBy(ann), await files.usedBy(bob)]).toEqual([100, 100])
    expect(await files.list(ann, { limit: 100 })).toHaveLength(10)
  })
}

function disowningContract(open: Open) {
  const it = withStores(open)

  it('are nobody’s once their person has left, dropped ones too, and are still there', async stores => {
    const { files } = stores
    const [ann, bob] = [newId(), newId()]
    const [one, two, other] = [await kept(stores, ann), await kept(stores, ann), await kept(stores, bob)]
    await files.drop(two.id, T1)
    await files.disown(ann)
    await files.disown(ann)
    await files.disown(newId())
    expect(await files.byId(one.id)).toEqual({ ...one, user_id: '' })
    expect(await files.dropped(T2, 9)).toEqual([{ ...two, user_id: '' }])
    expect([await files.list(ann, { limit: 9 }), await files.usedBy(ann)]).toEqual([[], 0])
    expect([await files.byId(other.id), await files.usedBy(bob)]).toEqual([other, 10])
    expect(await files.between('', 'f'.repeat(24), 9)).toEqual([one.id, other.id].toSorted())
    await files.restore(two.id)
    await files.drop(one.id, T1)
    expect([await files.byId(one.id), (await files.byId(two.id))?.id]).toEqual([null, two.id])
    expect([await files.usedBy(ann), await files.usedBy(bob)]).toEqual([0, 10])
  })

  it('are nobody’s, however many they were', async stores => {
    const ann = newId()
    const some = await atOnce(210, () => kept(stores, ann))
    await stores.files.disown(ann)
    const found = await stores.files.byIds(some.map(({ id }) => id))
    expect(new Set(found.map(({ user_id }) => user_id))).toEqual(new Set(['']))
  })
}

function droppingContract(open: Open) {
  const it = withStores(open)

  it('are unknown once dropped, and their room is free', async stores => {
    const { files } = stores
    const ann = newId()
    const [file, other] = [await kept(stores, ann), await kept(stores, ann)]
    expect(await files.drop(file.id, T1)).toBeTrue()
    expect([await files.drop(file.id, T2), await files.drop(newId(), T1)]).toEqual([false, false])
    expect(await files.byId(file.id)).toBeNull()
    expect(await files.byIds([file.id, other.id])).toEqual([other])
    expect(await files.list(ann, { limit: 9 })).toEqual([other])
    expect(await files.between('', 'f'.repeat(24), 9)).toEqual([other.id])
    expect(await files.usedBy(ann)).toBe(10)
    expect((await files.known([file.id, other.id, newId()])).toSorted()).toEqual(
      [file.id, other.id].toSorted(),
    )
  })

  it('come back by restore, and go for good by remove, which passes over others', async stores => {
    const { files } = stores
    const ann = newId()
    const [one, two, three] = await atOnce(3, () => kept(stores, ann))
    for (const { id } of [one!, two!]) await files.drop(id, T1)
    await files.restore(one!.id)
    await files.restore(three!.id)
    await files.restore(newId())
    expect([await files.byId(one!.id), await files.usedBy(ann)]).toEqual([one!, 20])
    await files.remove([one!.id, two!.id, newId()])
    await files.remove([])
    expect((await files.known([one!.id, two!.id, three!.id])).toSorted()).toEqual(
      [one!.id, three!.id].toSorted(),
    )
    expect(await files.drop(two!.id, T1)).toBeFalse()
    expect(await files.usedBy(ann)).toBe(20)
  })

  it('are listed by when they were dropped', async stores => {
    const { files } = stores
    const [one, two, three] = await atOnce(3, () => kept(stores, newId()))
    await files.drop(two!.id, T0)
    await files.drop(one!.id, T1)
    await files.drop(three!.id, T2)
    expect(await files.dropped(T0, 9)).toEqual([])
    expect(await files.dropped(T2, 9)).toEqual([two!, one!])
    expect(await files.dropped(T2, 1)).toEqual([two!])
  })
}

/** A chat of Ann's, and what shows in it. */
async function annsChat(stores: Stores) {
  const ann = newId()
  const chat = await newGroup(stores, ann)
  const show = (attachments: Attachment[], more: Partial<NewMessage> = {}) =>
    said(stores, text(chat, ann, '', { attachments, message_type: 'file', ...more }))
  const change = (message: StoredMessage, patch: object) =>
    stores.messages.change(chat, message.id, () => ({ ...patch, updated_at: T2 }))
  return { ann, chat, show, change }
}

function showingContract(open: Open) {
  const it = withStores(open)

  it('are kept with the message, in their order', async stores => {
    const { ann, chat } = await annsChat(stores)
    const attachments = [
      { ...shown(newId(), 'image'), width: 3, height: 4, placeholder: 'data:x', caption: '👩‍👩‍👧' },
      { ...shown(newId(), 'audio'), duration: 4.25, waveform: [1, 2, 3] },
    ]
    const sent = text(chat, ann, '', { attachments, message_type: 'image' })
    expect(await said(stores, sent)).toEqual(storedFrom(sent, 1))
    expect(await stores.messages.byId(chat, sent.id)).toEqual(storedFrom(sent, 1))
    const again = await stores.messages.append({ ...sent, id: newId() })
    expect(again).toEqual({ message: storedFrom(sent, 1), isNew: false })
  })

  it('tell which chats show a file, and where, newest place first', async stores => {
    const { files } = stores
    const [one, two] = [await annsChat(stores), await annsChat(stores)]
    const [a, b] = [newId(), newId()]
    await one.show([shown(a), shown(b)])
    await one.show([shown(b)])
    await one.show([shown(a)])
    await two.show([shown(a)])
    const places = async (id: string, ...chats: string[]) =>
      (await files.showings(id, chats)).toSorted((x, y) => y.seqs.length - x.seqs.length)
    expect(await places(a, one.chat, two.chat)).toEqual([
      { chat_id: one.chat, seqs: [3, 1] },
      { chat_id: two.chat, seqs: [1] },
    ])
    expect(await places(b, one.chat, two.chat, newId())).toEqual([{ chat_id: one.chat, seqs: [2, 1] }])
    expect([await places(a, newId()), await places(a), await places(newId(), one.chat)]).toEqual([[], [], []])
    expect((await files.shownAmong([a, newId(), b])).toSorted()).toEqual([a, b].toSorted())
    expect(await files.shownAmong([])).toEqual([])
  })

  it('follow changes, deletions and refusals', async stores => {
    const { chat, show, change } = await annsChat(stores)
    const { files, messages } = stores
    const [a, b] = [newId(), newId()]
    const message = await show([shown(a), shown(b)])
    const seen = () => files.shownAmong([a, b])
    await change(message, { content: 'Look', edited_at: T2 })
    expect(await seen()).toEqual([a, b])
    await change(message, { attachments: [shown(b)] })
    expect(await seen()).toEqual([b])
    const refuse = () => {
      throw new Error('No.')
    }
    await expect(messages.change(chat, message.id, refuse)).rejects.toThrow('No.')
    expect(await seen()).toEqual([b])
    await change(message, { content: '', attachments: [], deleted_at: T2 })
    expect([await seen(), await files.showings(b, [chat])]).toEqual([[], []])
  })

  it('stay as they were where a repeat is refused', async stores => {
    const { chat, show } = await annsChat(stores)
    const [a, b] = [newId(), newId()]
    await show([shown(a)], { client_id: 'c1' })
    const { ann } = await annsChat(stores)
    await stores.messages.append(text(chat, ann, '', { attachments: [shown(b)] }))
    const first = (await stores.messages.byId(chat, (await stores.messages.above(chat, 0, 1))[0]!.id))!
    const again = { ...text(chat, first.sender_id, '', { attachments: [shown(b)] }), client_id: 'c1' }
    expect((await stores.messages.append(again))?.isNew).toBeFalse()
    expect((await stores.files.showings(b, [chat]))[0]?.seqs).toEqual([2])
  })

  it('go with their chat', async stores => {
    const { chat, show } = await annsChat(stores)
    const ids = upTo(30).map(() => newId())
    for (const id of ids) await show([shown(id)])
    await stores.chats.delete(chat)
    while ((await stores.files.shownAmong(ids)).length > 0) await Bun.sleep(5)
    expect(await stores.files.showings(ids[0]!, [chat])).toEqual([])
  })

  it('leave no gap, and keep the order, among messages without any', async stores => {
    const ann = newId()
    const chat = await newGroup(stores, ann)
    const sent = upTo(60).map(i =>
      text(chat, ann, `${i}`, i % 3 === 0 ? { attachments: [shown(newId())] } : {}),
    )
    const answers = await Promise.all(sent.map(message => stores.messages.append(message)))
    expect(answers.map(answer => answer?.message)).toEqual(sent.map((each, i) => storedFrom(each, i + 1)))
    expect(await stores.messages.head(chat)).toEqual({ last_seq: 60, rev: 60 })
  })
}

function galleryContract(open: Open) {
  const it = withStores(open)

  it('are found by chat and kind, newest message first', async stores => {
    const { chat, show } = await annsChat(stores)
    const other = await annsChat(stores)
    await other.show([shown(newId(), 'image')])
    await show([shown(newId(), 'image'), shown(newId(), 'image'), shown(newId())])
    await show([shown(newId())])
    await said(stores, text(chat, newId(), 'Words'))
    await show([shown(newId(), 'video'), shown(newId(), 'image')])
    const seqs = async (kinds: Attachment['kind'][], below = Infinity, floor = 0, limit = 9) =>
      (await stores.messages.showing(chat, kinds, { below, floor, limit })).map(({ seq }) => seq)
    expect(await seqs(['image', 'video', 'audio', 'file'])).toEqual([4, 2, 1])
    expect(await seqs(['image'])).toEqual([4, 1])
    expect(await seqs(['file'])).toEqual([2, 1])
    expect(await seqs(['audio'])).toEqual([])
    expect(await seqs(['image', 'file'], 4)).toEqual([2, 1])
    expect(await seqs(['image', 'file'], Infinity, 1)).toEqual([4, 2])
    expect(await seqs(['image', 'file'], Infinity, 0, 2)).toEqual([4, 2])
    const [message] = await stores.messages.showing(chat, ['video'], { below: Infinity, floor: 0, limit: 1 })
    expect(message).toEqual((await stores.messages.byId(chat, message!.id))!)
  })
}
