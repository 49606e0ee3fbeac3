// The benchmarks still run, their figures are what they claim, and the README shows those that were kept.
import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chartOf } from './report/chart'
import { sectionOf, shownIn } from './report/save'
import type { Report } from './report/summary'
import { peerFolder } from './world/others'

const file = (...path: string[]) => Bun.file(join(import.meta.dir, ...path))

/** Without the peer where its packages are not there yet: a test installs nothing. */
const withPeer = existsSync(join(peerFolder, 'node_modules'))

async function runBench(dir: string, only: string): Promise<Report> {
  const json = join(dir, 'report.json')
  const choice = ['--quick', '--only', only, '--dir', dir, '--json', json]
  const bench = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'run.ts'), ...choice, ...(withPeer ? [] : ['--without-peer'])],
    { stdout: 'ignore', stderr: 'pipe' },
  )
  const said = await new Response(bench.stderr).text()
  expect([await bench.exited, said]).toEqual([0, said])
  return Bun.file(json).json()
}

test('a quick run: every acknowledged message is stored, on each side, and the ratios are of its figures', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'natter-bench-test-'))
  try {
    const report = await runBench(dir, 'one chat of 10$|POST, one chat|room of 100$|chat of 50 k|empty store')
    const sides = ['raw', 'natter', ...(withPeer ? ['peer'] : [])]
    expect(Object.keys(report.sends)).toEqual(sides)
    for (const { acknowledged, stored } of Object.values(report.sends)) {
      expect(acknowledged).toBeGreaterThan(0)
      expect(stored).toBe(acknowledged)
    }
    expect(report.summaries).toHaveLength(5)
    for (const { figures, ratios } of report.summaries) {
      expect(Object.keys(figures)).toEqual(expect.arrayContaining(sides))
      const [natter, raw] = [figures.natter?.median ?? NaN, figures.raw?.median ?? NaN]
      expect(ratios.raw.of_medians).toBeCloseTo(natter / raw)
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}, 120_000)

/** Until one is saved there is none. */
const shown = shownIn(await file('README.md').text())
const [, day] = /results\/([\d-]+)\.svg/.exec(shown ?? '') ?? []

test('the README has a place for a run', () => expect(shown).toBeDefined())

describe.skipIf(day === undefined)('the run that the README shows', () => {
  const read = (): Promise<Report> => file('results', `${day}.json`).json()

  test('is one that was kept', async () => {
    const rows = (text = '') =>
      text.split('\n').flatMap(line => (/[\w(]/.test(line) ? [line.split('|').map(cell => cell.trim())] : []))
    expect(rows(shown).slice(1, -1)).toEqual(rows(sectionOf(await read())))
  })

  test('is the one of its chart, which has all its scenarios', async () => {
    const kept = await read()
    const chart = await file('results', `${day}.svg`).text()
    expect(chart).toBe(chartOf(kept))
    for (const { scenario } of kept.summaries) expect(chart).toContain(scenario)
  })
})
