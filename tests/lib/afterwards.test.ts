// What is told after answers: in the same turn, however long the way from a result to its answer.
import { expect, test } from 'bun:test'
import { afterAnswers } from '../../src/lib/afterwards'
import { batched } from '../../src/lib/batch'

test('what answers bring about is told after the last of them, and before anything else gets a turn', async () => {
  const happened: string[] = []
  const add = batched<number, number>(items => items)

  async function answer(no: number) {
    await add(no)
    if (no === 1) setImmediate(() => happened.push('next turn'))
    afterAnswers(() => happened.push(`told of ${no}`))
    for (let steps = 0; steps < 20; steps++) await Promise.resolve()
    happened.push(`answered ${no}`)
  }

  await Promise.all([1, 2].map(answer))
  await new Promise(resolve => setTimeout(resolve, 1))
  expect(happened).toEqual(['answered 1', 'answered 2', 'told of 1', 'told of 2', 'next turn'])
})

test('what no answer brings about is told in the next turn', async () => {
  const happened: string[] = []
  afterAnswers(() => happened.push('told'))
  await Promise.resolve()
  happened.push('said')
  await new Promise(resolve => setTimeout(resolve, 1))
  expect(happened).toEqual(['said', 'told'])
})
