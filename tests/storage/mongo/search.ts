// The search index of MongoDB under two nodes that follow the same chat.
import { describe, expect, test } from 'bun:test'
import { newId } from '../../../src/lib/ids'
import type { SearchEntry } from '../../../src/messages/search.store'
import { openMongo } from '../../../src/storage/mongo/open'
import { newGroup } from '../contract/samples'

export function mongoSearch(freshUrl: () => string) {
  describe('the search index, followed by two nodes', () => {
    test('never has the older words of a message, whoever comes late', async () => {
      const url = freshUrl()
      const [one, other] = [await openMongo(url), await openMongo(url)]
      const ann = newId()
      for (let round = 0; round < 20; round++) {
        const [chat, id] = [await newGroup(one, ann), newId()]
        const entry = (rev: number, ...terms: string[]): SearchEntry => {
          return { id, seq: 1, rev, sender_id: ann, message_type: 'text', terms }
        }
        await Promise.all([
          one.search.index(chat, 1, [entry(1, 'old')]),
          other.search.index(chat, 3, [entry(3, ...(round % 2 === 0 ? ['new'] : []))]),
          one.search.index(chat, 2, [entry(2, 'older')]),
        ])
        const find = async (prefix: string) =>
          (await one.search.find([{ id: chat, above: 0 }], { prefixes: [prefix], limit: 9 })).length
        expect([await find('old'), await find('new')]).toEqual([0, round % 2 === 0 ? 1 : 0])
        expect(await other.search.indexedRev(chat)).toBe(3)
      }
      await Promise.all([one.close(), other.close()])
    })
  })
}
