// Token buckets: never more than a full one and what came back, whatever is asked when.
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { buckets } from '../../src/lib/bucket'
import { recent } from '../../src/lib/recent'

/** What is asked: how long after the one before (ms), by which key, and how many tokens. */
const asked = fc.array(
  fc.record({
    after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 })),
    key: fc.constantFrom('ann', 'bob'),
    cost: fc.constantFrom(1, 1, 1, 2, 5),
  }),
  { maxLength: 200 },
)
const rate = fc.record({
  burst: fc.integer({ min: 5, max: 50 }),
  per_minute: fc.constantFrom(1, 7, 60, 300, 1_200),
})
const runs = { numRuns: Number(process.env.PROPERTY_RUNS ?? 300) }

describe('a token bucket', () => {
  test('gives a key no more than burst + rate × time, in any time', () => {
    const check = (
      each: { burst: number; per_minute: number },
      asking: typeof asked extends fc.Arbitrary<infer A> ? A : never,
    ) => {
      let clock = 0
      const bucket = buckets(each, () => clock)
      const given: { at: number; key: string; cost: number }[] = []
      for (const { after, key, cost } of asking) {
        clock += after
        if (bucket.take(key, cost) === 0) given.push({ at: clock, key, cost })
      }
      for (const first of given) {
        let sum = 0
        for (const { at, key, cost } of given) {
          if (key !== first.key || at < first.at) continue
          sum += cost
          expect(sum).toBeLessThanOrEqual(each.burst + ((at - first.at) * each.per_minute) / 60_000 + 1e-3)
        }
      }
    }
    fc.assert(fc.property(rate, asked, check), runs)
  })

  test('says how long to wait: then there is enough, and a moment before there is not', () => {
    const check = (each: { burst: number; per_minute: number }, cost: number, start: number) => {
      let clock = start
      const bucket = buckets(each, () => clock)
      for (let i = 0; i < each.burst; i++) expect(bucket.take('ann')).toBe(0)
      expect(bucket.left('ann')).toBe(0)
      const wait = bucket.take('ann', cost)
      expect(wait).toBeGreaterThan(0)
      clock = start + wait - 1
      expect(bucket.take('ann', cost)).toBeGreaterThan(0)
      clock = start + wait + 1e-2
      expect(bucket.left('ann')).toBe(cost)
      expect(bucket.take('ann', cost)).toBe(0)
    }
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 5 }), fc.double({ min: 0, max: 1e9, noNaN: true }), check),
      runs,
    )
  })

  test('a refusal takes nothing, and one key nothing of another', () => {
    let clock = 0
    const bucket = buckets({ burst: 2, per_minute: 60 }, () => clock)
    expect([bucket.take('ann'), bucket.take('ann'), bucket.take('bob', 2)]).toEqual([0, 0, 0])
    for (let i = 0; i < 100; i++) expect(bucket.take('ann')).toBe(1_000)
    clock = 1_000
    expect([bucket.take('ann'), bucket.take('ann')]).toEqual([0, 1_000])
    expect(bucket.left('cy')).toBe(2)
  })

  test('remembers so many keys and no more; the one seen last is not forgotten', () => {
    const bucket = buckets({ burst: 1, per_minute: 1 }, () => 0, 100)
    bucket.take('ann')
    for (let i = 0; i < 1_000; i++) {
      bucket.take(`stranger ${i}`)
      expect(bucket.take('ann')).toBeGreaterThan(0)
    }
    expect(bucket.take('stranger 0')).toBe(0)
  })
})

describe('what was used last', () => {
  test('stays: at least half of what may be kept, and never more than may', () => {
    const check = (keys: number[]) => {
      const kept = recent<number>(10)
      const lastFirst: number[] = []
      for (const key of keys) {
        const at = lastFirst.indexOf(key)
        if (at !== -1) lastFirst.splice(at, 1)
        lastFirst.unshift(key)
        if (kept.get(`${key}`) === undefined) kept.set(`${key}`, key)
        const there = [...new Set(keys)].filter(one => kept.peek(`${one}`) === one)
        expect(there.length).toBeLessThanOrEqual(10)
        expect(there).toEqual(expect.arrayContaining(lastFirst.slice(0, 5)))
      }
    }
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 }), check), runs)
  })
})
