// A few thousand cases at each run, always the same ones; `bun run fuzz` goes on from there.
import { expect, test } from 'bun:test'
import { runCampaign } from './campaign'

const CASES = 3_000

test(`${CASES} cases find nothing`, async () => {
  const { findings, memory } = await runCampaign({ cases: CASES, seed: 1 })
  expect(findings).toEqual([])
  expect(memory.end).toBeLessThan(memory.warm + 100)
}, 300_000)
