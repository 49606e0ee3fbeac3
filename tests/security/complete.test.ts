// Every item of the checklist has its tests, whose names begin with its number, or a line that says why there are none.
import { expect, test } from 'bun:test'

const ITEMS = 58

const notApplicable: Record<number, string> = {}

/** `test('17: …')` and `test.each(…)('35: …')`; the name of a group is no test. */
const NAMED = /(?<!describe)\(\s*['"`](\d{1,2}): /g

test('each of the 58 items is tested, or told why it is not', async () => {
  const tested = new Set<number>()
  for await (const path of new Bun.Glob('*.test.ts').scan(import.meta.dir)) {
    const source = await Bun.file(`${import.meta.dir}/${path}`).text()
    for (const [, number] of source.matchAll(NAMED)) tested.add(Number(number))
  }
  const all = Array.from({ length: ITEMS }, (_, i) => i + 1)
  const missing = all.filter(item => !tested.has(item) && !notApplicable[item])
  expect(missing).toEqual([])
  expect(all.filter(item => tested.has(item) && notApplicable[item])).toEqual([])
})
