// Group commit: how many may wait.
import { expect, test } from 'bun:test'
import { batched } from '../../src/lib/batch'

test('beyond the bound a further item is refused with 503, and none of it is stored; all others are', async () => {
  const stored: number[] = []
  const { promise: disk, resolve: diskIsBack } = Promise.withResolvers<void>()
  const add = batched<number, number>(
    async items => {
      await disk
      stored.push(...items)
      return items
    },
    undefined,
    10,
    50,
  )
  const first = Array.from({ length: 10 }, (_, i) => add(i))
  // The first batch is on its way, and waits for the disk.
  await new Promise(resolve => setImmediate(resolve))
  const more = Array.from({ length: 60 }, (_, i) => add(10 + i))
  const outcomes = Promise.allSettled([...first, ...more])
  diskIsBack()
  const answered = await outcomes
  expect(answered.slice(0, 60).every(({ status }) => status === 'fulfilled')).toBe(true)
  for (const refused of answered.slice(60)) {
    expect(refused).toMatchObject({ reason: { status: 503, code: 'busy', retryAfter: 2 } })
  }
  expect(stored).toEqual(Array.from({ length: 60 }, (_, i) => i))
  expect(await add(99)).toBe(99)
})
