// What an archive that is written while it is read makes of a client that leaves.
import { expect, test } from 'bun:test'
import { zipOf } from '../../src/export/archive'

test('an archive that is cut while it is being read ends without an error', async () => {
  const ends: unknown[] = []
  const gate = Promise.withResolvers<void>()
  async function* bytes() {
    yield new Uint8Array(10)
    await gate.promise
    yield new Uint8Array(10)
  }
  async function* entries() {
    yield { path: 'a.txt', bytes: bytes() }
  }
  const reader = zipOf(entries(), error => ends.push(error)).getReader()
  await reader.read()
  const underWay = Array.from({ length: 5 }, () => reader.read())
  await Bun.sleep(0)
  const cut = reader.cancel()
  gate.resolve()
  await cut
  await Promise.all(underWay)
  await Bun.sleep(0)
  expect(ends).toEqual([undefined])
})
