// `bun run bench`: Natter against its ceiling, in one run, side by side on one machine.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runClient } from './processes'
import { machine, save, summaries, tableOf, type Results } from './results'
import { scenarios, type Outcome, type Scenario, type Side } from './scenarios'
import { startNatter, startRaw } from './sides'

const HELP = `bun run bench [options]

  --rounds N     rounds that count, after one that warms up (default 5)
  --seconds N    measured seconds of each side, scenario and round (default 3)
  --only TEXT    only scenarios whose name has this in it
  --dir PATH     where the stores live: choose the disk to measure (default: the system's place for such files)
  --save         writes tests/bench/results/<date>.json
  --quick        one round of half a second: does it still run?`

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    dir: { type: 'string', default: tmpdir() },
    save: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
const seconds = Number(options.seconds ?? (options.quick ? 0.5 : 3))
const chosen = scenarios.filter(scenario => scenario.name.includes(options.only))

function measure({ load }: Scenario, side: Side): Promise<Outcome> {
  const { url, pid } = side
  return runClient({ ...load(side), url, pid, seconds, leadSeconds: Math.min(0.5, seconds / 2) })
}

/** Whoever went first in one round goes second in the next. */
async function measureBoth(scenario: Scenario, raw: Side, natter: Side, round: number) {
  if (round % 2 === 0) return { raw: await measure(scenario, raw), natter: await measure(scenario, natter) }
  const second = await measure(scenario, natter)
  return { raw: await measure(scenario, raw), natter: second }
}

async function runRounds(raw: Side, natter: Side): Promise<Results> {
  const results: Results = new Map(chosen.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const scenario of chosen) {
      const both = await measureBoth(scenario, raw, natter, round)
      if (round > 0) results.get(scenario.name)?.push(both)
      tell(round, scenario.name, both.natter.per_second / both.raw.per_second)
    }
  }
  return results
}

function tell(round: number, name: string, ratio: number) {
  const count = round === 0 ? 'warm-up' : `round ${round}/${rounds}`
  console.error(`${count}  ${name}  ${ratio.toFixed(2)}`)
}

async function main() {
  const dir = mkdtempSync(join(options.dir, 'natter-bench-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  process.on('SIGINT', () => process.exit(130))
  const sides = [await startRaw(dir), await startNatter(dir)] as const
  const results = await runRounds(...sides)
  await Promise.all(sides.map(side => side.stop()))
  const { cpu, cores, bun } = machine()
  console.log(
    `\n${tableOf(summaries(results))}\n\n${cores} cores, ${cpu}, Bun ${bun}; pairs are raw / natter`,
  )
  if (options.save) console.log(`saved ${save(results, seconds)}`)
}

if (options.help) console.log(HELP)
else if (chosen.length === 0 || !(rounds >= 1) || !(seconds > 0)) {
  console.error(HELP)
  process.exit(2)
} else await main()
