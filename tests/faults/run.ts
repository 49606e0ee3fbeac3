// `bun run faults`: the fault matrix against real processes. Exits with 1 where a row fails.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Outcome, Row } from './row'
import { rows } from './rows'

const HELP = `bun run faults [options]

  --only F1,F3   only these rows (F3 also takes F3a …)
  --short        fewer cycles, under three minutes
  --store NAME   sqlite (default) or mongodb, for the rows that are about neither
  --save         writes tests/faults/results/latest.<store>.json

A row whose tools are missing is skipped with the reason; with REQUIRE_FAULTS=1 it fails.`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    short: { type: 'boolean', default: false },
    store: { type: 'string', default: 'sqlite' },
    save: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

interface Line extends Partial<Outcome> {
  row: string
  does: string
  is: 'passed' | 'failed' | 'skipped' | 'does not apply'
  seconds: number
}

const amount = (short: number, full: number) => (options.short ? short : full)
const wanted = options.only.split(',').filter(Boolean)
const isChosen = ({ id }: Row) =>
  wanted.length === 0 || wanted.some(name => id === name || id.replace(/[a-z]$/, '') === name)

async function runRow(row: Row): Promise<Line> {
  const begun = performance.now()
  const line = (is: Line['is'], more: Outcome): Line => ({
    row: row.id,
    does: row.does,
    is,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    ...more,
  })
  const told = await outcomeOf(row, line)
  console.error(`${told.row}  ${told.is}  ${told.seconds} s  ${told.figures}`)
  return told
}

async function outcomeOf(row: Row, line: (is: Line['is'], more: Outcome) => Line): Promise<Line> {
  if (row.never || !row.run) return line('does not apply', { figures: row.never ?? '' })
  if (row.store === 'sqlite' && options.store === 'mongodb')
    return line('does not apply', { figures: 'about the embedded store' })
  const missing = row.missing?.() ?? null
  if (missing !== null)
    return line(process.env.REQUIRE_FAULTS === '1' ? 'failed' : 'skipped', { figures: missing })
  try {
    return line('passed', await row.run(amount))
  } catch (error) {
    return line('failed', { figures: error instanceof Error ? error.message : String(error) })
  }
}

async function runAll(chosen: Row[]): Promise<Line[]> {
  const lines = new Map<Row, Line>()
  const runLane = async (rows: Row[]) => {
    for (const row of rows) lines.set(row, await runRow(row))
  }
  const lanes = Map.groupBy(chosen, ({ lane = '' }) => lane)
  await Promise.all([...lanes.values()].map(runLane))
  return chosen.map(row => lines.get(row) as Line)
}

const shown = ({ verdict }: Line) =>
  verdict ? `${verdict.lost} / ${verdict.repeated} / ${verdict.gaps} / ${verdict.order}` : ''

function tableOf(lines: Line[]): string {
  const head = ['Row', 'What was done', 'Result', 'Figures', 'Lost / repeated / gaps / order']
  const cells = lines.map(line => [line.row, line.does, line.is, line.figures ?? '', shown(line)])
  return [head, head.map(() => '---'), ...cells].map(row => `| ${row.join(' | ')} |`).join('\n')
}

function save(lines: Line[]): string {
  const dir = join(import.meta.dir, 'results')
  mkdirSync(dir, { recursive: true })
  const file = join(dir, `latest.${options.store}.json`)
  const { bun } = process.versions
  writeFileSync(file, JSON.stringify({ store: options.store, bun, rows: lines }, null, 2) + '\n')
  return file
}

async function main() {
  if (options.store === 'mongodb') process.env.TEST_STORE = 'mongodb'
  const lines = await runAll(rows.filter(isChosen))
  const count = (is: Line['is']) => lines.filter(line => line.is === is).length
  console.log(`\n${tableOf(lines)}\n`)
  if (options.save) console.log(`saved ${save(lines)}\n`)
  console.log(` ${count('passed')} pass\n ${count('skipped')} skip\n ${count('failed')} fail`)
  process.exit(count('failed') > 0 ? 1 : 0)
}

if (options.help) console.log(HELP)
else if (!['sqlite', 'mongodb'].includes(options.store) || !rows.some(isChosen)) {
  console.error(HELP)
  process.exit(2)
} else await main()
