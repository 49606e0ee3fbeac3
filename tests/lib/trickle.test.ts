import { expect, test } from 'bun:test'
import { trickle } from '../../src/lib/trickle'

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

async function passing(pass: () => Promise<void> | undefined, names: string, passed: string[]) {
  await Promise.all([...names].map(async name => (await pass(), passed.push(name))))
}

test('a few pass in each turn of the loop, in their order', async () => {
  const pass = trickle(2)
  const passed: string[] = []
  const all = passing(pass, 'abcde', passed)
  const seen: string[] = []
  for (let turn = 0; turn < 4; turn++) {
    await Promise.resolve()
    seen.push(passed.join(''))
    await nextTurn()
  }
  await all
  expect(seen).toEqual(['ab', 'abcd', 'abcde', 'abcde'])
})

test('who comes while others wait does so behind them, and a quiet turn lets the next ones in at once', async () => {
  const pass = trickle(1)
  const passed: string[] = []
  const first = passing(pass, 'ab', passed)
  await nextTurn()
  const second = passing(pass, 'c', passed)
  await Promise.all([first, second])
  expect(passed).toEqual(['a', 'b', 'c'])
  await nextTurn()
  expect(pass()).toBeUndefined()
})
