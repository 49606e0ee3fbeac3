// Collecting: what nobody needs goes after a while, and nothing that somebody needs.
import { describe, expect, test } from 'bun:test'
import { createCollecting, fileKeeper } from '../../src/files/collecting'
import { newId } from '../../src/lib/ids'
import { groupChat, message, privateChat, say } from '../support/chats'
import { blobsOf, statusOf, upload, uploaded } from '../support/files'
import { jpegOf, scene } from '../support/pictures'
import { world, type World } from '../support/world'

const HOUR = 3_600_000
const sweep = (w: World, hours: number) => w.services.unshown.sweep(Date.now() + hours * HOUR)

test('a file that no message shows goes after a day, with its thumbnail; one that is shown stays', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const picture = await jpegOf(scene(400, 400))
  const [shown, lone] = [await uploaded(w, ann, picture), await uploaded(w, ann, picture)]
  const id = await privateChat(ann, bob)
  await say(ann, id, '', { attachments: [{ file_id: shown }] })
  await sweep(w, 23)
  expect([await statusOf(w, ann, lone), (await blobsOf(w)).length]).toEqual([200, 4])
  await sweep(w, 25)
  expect([await statusOf(w, ann, lone), await statusOf(w, bob, shown)]).toEqual([404, 200])
  const { size } = (await ann.api.files.get({ query: {} })).data!.items[0]!
  expect(await w.stores.files.usedBy(ann.id)).toBe(size)
  await sweep(w, 27)
  expect((await blobsOf(w)).toSorted()).toEqual([shown, `${shown}-thumb`])
  expect(await statusOf(w, bob, `${shown}?size=thumb`)).toBe(200)
})

test('so does one whose last message is deleted', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const file = await uploaded(w, ann, 'hello')
  const id = await privateChat(ann, bob)
  const { id: mid } = await say(ann, id, '', { attachments: [{ file_id: file }] })
  await sweep(w, 50)
  await sweep(w, 60)
  expect(await statusOf(w, bob, file)).toBe(200)
  await ann.api.chats({ id }).messages({ mid }).delete()
  await sweep(w, 50)
  await sweep(w, 60)
  expect([await statusOf(w, ann, file), await blobsOf(w)]).toEqual([404, []])
})

test('a message on its way while its file is taken away keeps the file', async () => {
  await using w = await world()
  const [ann, bob] = [await w.as('ann'), await w.as('bob')]
  const file = await uploaded(w, ann, 'hello')
  const id = await privateChat(ann, bob)
  const { append } = w.stores.messages
  // The sweep comes between the look at the file and the storing of the message.
  w.stores.messages.append = async message => {
    await sweep(w, 25)
    return append(message)
  }
  await say(ann, id, '', { attachments: [{ file_id: file }] })
  w.stores.messages.append = append
  await sweep(w, 27)
  expect([await statusOf(w, bob, file), await statusOf(w, ann, file)]).toEqual([200, 200])
  expect(await w.stores.files.usedBy(ann.id)).toBe(5)
})

test('bytes that no record knows of go with time; those of others, and of files, are left alone', async () => {
  await using w = await world()
  const ann = await w.as('ann')
  const [left, other] = [newId(), newId()]
  const dropped = await uploaded(w, ann, await jpegOf(scene(400, 400)))
  const file = await uploaded(w, ann, 'hello')
  await ann.api.files({ id: dropped }).delete()
  async function* bytes() {
    yield Buffer.from('left by a crash')
  }
  for (const name of [left, `${left}-raw`, `${left}-thumb`, `${other}-256`]) {
    await w.stores.blobs.write(name, bytes(), 100)
  }
  const collect = (hours: number) =>
    createCollecting(w.stores.blobs, [fileKeeper(w.stores.files)], () => Date.now() + hours * HOUR).collect()
  await collect(1)
  expect(await blobsOf(w)).toHaveLength(7)
  await collect(25)
  expect((await blobsOf(w)).toSorted()).toEqual(
    [`${other}-256`, dropped, `${dropped}-thumb`, file].toSorted(),
  )
})

describe('a person who leaves', () => {
  test('takes along what no message shows; the rest is nobody’s, and goes with its last message', async () => {
    await using w = await world()
    const [ann, bob, cy] = [await w.as('ann'), await w.as('bob'), await w.as('cy')]
    const [shown, lone] = [await uploaded(w, ann, 'one'), await uploaded(w, ann, 'two')]
    const gone = await uploaded(w, ann, 'three')
    const id = await groupChat(bob, ann)
    const { id: mid } = await say(ann, id, '', { attachments: [{ file_id: shown }] })
    await ann.api.files({ id: gone }).delete()
    expect((await ann.api.users.me.delete({})).status).toBe(200)
    expect([await statusOf(w, bob, shown), await statusOf(w, cy, shown)]).toEqual([200, 404])
    expect((await blobsOf(w)).toSorted()).toEqual([shown, gone].toSorted())
    expect((await w.stores.files.byId(shown))?.user_id).toBe('')
    expect([await w.stores.files.byId(lone), await w.stores.files.usedBy(ann.id)]).toEqual([null, 0])
    await message(bob, id, mid).delete()
    await sweep(w, 25)
    await sweep(w, 27)
    expect([await statusOf(w, bob, shown), await blobsOf(w)]).toEqual([404, []])
  })

  test('leaves none of an upload that was under way', async () => {
    await using w = await world()
    const ann = await w.as('ann')
    const { insert } = w.stores.files
    w.stores.files.insert = async (...file) => {
      expect((await ann.api.users.me.delete({})).status).toBe(200)
      return insert(...file)
    }
    expect((await upload(w, ann, 'late')).status).toBe(401)
    expect([await blobsOf(w), await w.stores.files.usedBy(ann.id)]).toEqual([[], 0])
    expect(await w.stores.files.dropped('9999', 9)).toEqual([])
    expect(await w.stores.files.between('', 'f'.repeat(24), 9)).toEqual([])
  })
})
