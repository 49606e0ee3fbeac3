// The contract of the search index, for every engine.
import { describe, expect } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { SearchEntry, SearchQuery } from '../../../src/messages/search.store'
import type { Stores } from '../../../src/storage/stores'
import { atOnce, newGroup, said, T2, text, upTo, withStores, type Open } from './samples'

export function searchContract(open: Open) {
  describe('the search index', () => {
    findContract(open)
    filterContract(open)
    followContract(open)
  })
}

/** A chat to be filled: `add` puts the next message with these terms into the index. */
async function indexed(stores: Stores) {
  const [ann, bob] = [newId(), newId()]
  const chat = await newGroup(stores, ann, bob)
  let count = 0

  const entry = (terms: string, more: Partial<SearchEntry> = {}): SearchEntry => {
    const seq = ++count
    const words = terms.split(' ').filter(term => term !== '')
    return { id: newId(), seq, rev: seq, sender_id: ann, message_type: 'text', terms: words, ...more }
  }

  async function add(terms: string, more: Partial<SearchEntry> = {}): Promise<string> {
    const made = entry(terms, more)
    await stores.search.index(chat, made.rev, [made])
    return made.id
  }
  return { ann, bob, chat, entry, add }
}

const finding =
  ({ search }: Stores, ...chats: string[]) =>
  async (prefixes: string, more: Partial<SearchQuery> & { above?: number } = {}): Promise<string[]> => {
    const { above = 0, ...rest } = more
    const places = chats.map(id => ({ id, above }))
    const found = await search.find(places, { prefixes: prefixes.split(' '), limit: 100, ...rest })
    return found.map(({ id }) => id)
  }

function findContract(open: Open) {
  const it = withStores(open)

  it('finds what has a term for each prefix, newest first', async stores => {
    const { chat, add } = await indexed(stores)
    const find = finding(stores, chat)
    const one = await add('hello world')
    const two = await add('help work')
    const three = await add('hello')
    expect(await find('hello')).toEqual([three, one])
    expect(await find('hel')).toEqual([three, two, one])
    expect(await find('hel wor')).toEqual([two, one])
    expect(await find('hello worl')).toEqual([one])
    expect(await find('h he hel help')).toEqual([two])
    expect(await find('ello')).toEqual([])
    expect(await find('hellos')).toEqual([])
    expect(await find('hel', { limit: 2 })).toEqual([three, two])
    expect(await find('hel', { limit: 0 })).toEqual([])
  })

  it('finds once what has several terms that begin so', async stores => {
    const { chat, add } = await indexed(stores)
    const ids: string[] = []
    while (ids.length < 30) ids.unshift(await add('aa ab ac ad ae'))
    const find = finding(stores, chat)
    for (const limit of [1, 7, 29, 30, 31]) expect(await find('a', { limit })).toEqual(ids.slice(0, limit))
  })

  it('takes every sign of a prefix as itself', async stores => {
    const { chat, add } = await indexed(stores)
    const find = finding(stores, chat)
    const one = await add('abc 北京 नमस्ते 𠮷野')
    for (const odd of ['.', '.*', '^', '$', '%', '_', '\\', '[a]', '(', 'a|b', "'", '"', '\0', '*'])
      expect(await stores.search.find([{ id: chat, above: 0 }], { prefixes: [odd], limit: 9 })).toEqual([])
    for (const part of ['abc', '北', '北京', 'नम', '𠮷', '𠮷野']) expect(await find(part)).toEqual([one])
    expect(await find('京')).toEqual([])
  })

  it('looks in the chats given and in no other, and mixes them by id', async stores => {
    const [a, b, other] = [await indexed(stores), await indexed(stores), await indexed(stores)]
    const ids: string[] = []
    for (const i of upTo(20)) {
      ids.unshift(await (i % 3 === 0 ? a : b).add('word'))
      await other.add('word')
    }
    expect(await finding(stores, a.chat, b.chat)('word')).toEqual(ids)
    expect(await finding(stores, a.chat, newId())('word')).toHaveLength(6)
    expect(await finding(stores)('word')).toEqual([])
    const [first] = await stores.search.find([{ id: b.chat, above: 0 }], { prefixes: ['w'], limit: 1 })
    expect(first).toEqual({ chat_id: b.chat, id: ids[0] as string })
  })
}

function filterContract(open: Open) {
  const it = withStores(open)

  it('keeps to one sender, one type, and the places above one in each chat', async stores => {
    const { ann, bob, chat, add } = await indexed(stores)
    const find = finding(stores, chat)
    const one = await add('word')
    const two = await add('word', { sender_id: bob })
    const three = await add('word', { message_type: 'image' })
    const four = await add('word', { sender_id: bob, message_type: 'image' })
    expect(await find('word', { sender_id: bob })).toEqual([four, two])
    expect(await find('word', { sender_id: newId() })).toEqual([])
    expect(await find('word', { message_type: 'image' })).toEqual([four, three])
    expect(await find('word', { message_type: 'text' })).toEqual([two, one])
    expect(await find('word', { message_type: 'file' })).toEqual([])
    expect(await find('word', { sender_id: ann, message_type: 'image' })).toEqual([three])
    expect(await find('word', { above: 2 })).toEqual([four, three])
    expect(await find('word', { above: 4 })).toEqual([])
    const places = [
      { id: chat, above: 3 },
      { id: await newGroup(stores, ann), above: 0 },
    ]
    expect(await stores.search.find(places, { prefixes: ['word'], limit: 9 })).toEqual([
      { chat_id: chat, id: four },
    ])
  })

  it('keeps to ids between two, both left out, so that pages meet each message once', async stores => {
    const [a, b] = [await indexed(stores), await indexed(stores)]
    const ids: string[] = []
    for (const i of upTo(25)) ids.unshift(await (i % 2 === 0 ? a : b).add('word more'))
    const find = finding(stores, a.chat, b.chat)
    expect(await find('word', { olderThan: ids[4], newerThan: ids[8] })).toEqual(ids.slice(5, 8))
    expect(await find('word more', { olderThan: ids[20] })).toEqual(ids.slice(21))
    expect(await find('word', { newerThan: ids[0] })).toEqual([])
    for (const limit of [1, 4, 25]) {
      const paged: string[] = []
      for (;;) {
        const page = await find('word', { olderThan: paged.at(-1), limit })
        if (page.length === 0) break
        paged.push(...page)
      }
      expect(paged).toEqual(ids)
    }
  })
}

function followContract(open: Open) {
  const it = withStores(open)

  it('has new terms in place of the old ones, and what has none no more', async stores => {
    const { chat, entry } = await indexed(stores)
    const find = finding(stores, chat)
    const [one, two] = [entry('old word'), entry('old other')]
    await stores.search.index(chat, 2, [one, two])
    await stores.search.index(chat, 3, [{ ...one, rev: 3, terms: ['new', 'word'] }])
    expect([await find('old'), await find('new'), await find('word')]).toEqual([[two.id], [one.id], [one.id]])
    await stores.search.index(chat, 5, [
      { ...two, rev: 4, terms: [] },
      { ...one, rev: 5 },
    ])
    expect([await find('old'), await find('new'), await find('other')]).toEqual([[one.id], [], []])
    await stores.search.index(chat, 6, [{ ...one, rev: 6, terms: [] }])
    expect(await find('old')).toEqual([])
  })

  it('knows how far it has come, and never goes back', async stores => {
    const { chat, entry } = await indexed(stores)
    const find = finding(stores, chat)
    const rev = () => stores.search.indexedRev(chat)
    expect(await rev()).toBe(0)
    await stores.search.index(chat, 4, [entry('one')])
    expect(await rev()).toBe(4)
    await stores.search.index(chat, 3, [entry('two')])
    await stores.search.index(chat, 4, [entry('two')])
    expect([await rev(), await find('two')]).toEqual([4, []])
    await stores.search.index(chat, 9, [])
    expect(await rev()).toBe(9)
    expect(await stores.search.indexedRev(newId())).toBeNull()
  })

  it('knows the chats that are behind', async stores => {
    const ann = newId()
    const chats = await atOnce(4, () => newGroup(stores, ann))
    const [a = '', b = '', c = '', empty = ''] = chats
    for (const chat of [a, a, b, c]) await said(stores, text(chat, ann))
    await stores.search.index(a, 1, [])
    await stores.search.index(b, 1, [])
    const behind = async (of?: string[]) => (await stores.search.behind(of)).toSorted()
    expect(await behind()).toEqual([a, c].toSorted())
    expect(await behind([b, c, empty, newId()])).toEqual([c])
    expect(await behind([])).toEqual([])
    await stores.search.index(a, 2, [])
    await stores.search.index(c, 1, [])
    expect(await behind()).toEqual([])
    const [message] = await stores.messages.above(b, 0, 1)
    await stores.messages.change(b, message!.id, () => ({ pinned_at: T2, updated_at: T2 }))
    expect(await behind()).toEqual([b])
  })

  it('forgets a chat that is deleted, and takes nothing of one that is unknown', async stores => {
    const [gone, kept] = [await indexed(stores), await indexed(stores)]
    for (const i of upTo(20)) await gone.add(`word w${i}`)
    const left = await kept.add('word')
    await said(stores, text(gone.chat, gone.ann))
    await stores.chats.delete(gone.chat)
    expect(await stores.search.indexedRev(gone.chat)).toBeNull()
    expect(await stores.search.behind()).toEqual([])
    const find = finding(stores, gone.chat, kept.chat)
    for (let i = 0; i < 200 && (await find('word')).length > 1; i++) await Bun.sleep(10)
    expect(await find('word')).toEqual([left])
    await gone.add('word', { rev: 99 })
    await stores.search.index(newId(), 9, [gone.entry('word')])
    expect(await find('word')).toEqual([left])
    expect(await stores.search.indexedRev(gone.chat)).toBeNull()
  })
}
