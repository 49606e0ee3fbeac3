// Which chats the search index may be behind with is known without asking the database about each: whatever moves is.
import { expect, test } from 'bun:test'
import { newId } from '../../src/lib/ids'
import { openSqlite } from '../../src/storage/sqlite/open'
import { group, T2, text } from './contract/samples'

test('a chat is behind from each change on until it is indexed, before and after all chats were looked at', async () => {
  const { chats, messages, search, close } = await openSqlite(null)
  const ann = newId()
  const ids = await Promise.all([1, 2, 3].map(async () => (await chats.createGroup(...group([ann]))).id))
  const [one = '', other = ''] = ids
  const behind = async () => (await search.behind(ids)).toSorted()
  const level = async (chatId: string) => search.index(chatId, (await messages.head(chatId)).rev, [])

  expect(await behind()).toEqual([])
  await messages.append(text(one, ann))
  expect(await behind()).toEqual([one])
  expect(await search.behind()).toEqual([one])
  for (let round = 0; round < 3; round++) {
    const sent = await messages.append(text(other, ann))
    expect(await behind()).toEqual([one, other].toSorted())
    await level(one)
    expect(await behind()).toEqual([other])
    await level(other)
    expect([await behind(), await behind()]).toEqual([[], []])
    await messages.change(other, sent?.message.id ?? '', () => ({ content: 'x', updated_at: T2 }))
    expect(await behind()).toEqual([other])
    await level(other)
    await messages.append(text(one, ann))
  }
  await close()
})
