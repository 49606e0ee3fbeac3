// From rounds to a table, and to a file that later runs can be laid beside.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type as system } from 'node:os'
import { join } from 'node:path'
import { median } from './numbers'
import type { Outcome } from './scenarios'

/** What both sides did in one round of a scenario. */
export interface Round {
  raw: Outcome
  natter: Outcome
}

export type Results = Map<string, Round[]>

type Fact = keyof Outcome

const medianOf = (rounds: Round[], side: keyof Round, fact: Fact): number | null => {
  const values = rounds.flatMap(round => round[side][fact] ?? [])
  return values.length > 0 ? median(values) : null
}

function summarise(scenario: string, rounds: Round[]) {
  const both = (fact: Fact) => ({
    raw: medianOf(rounds, 'raw', fact) ?? NaN,
    natter: medianOf(rounds, 'natter', fact) ?? NaN,
  })
  const rate = both('per_second')
  const ratios = rounds.map(({ raw, natter }) => natter.per_second / raw.per_second)
  return {
    scenario,
    per_second: rate,
    ratio: { of_medians: rate.natter / rate.raw, lowest: Math.min(...ratios), highest: Math.max(...ratios) },
    p50_ms: both('p50_ms'),
    p99_ms: both('p99_ms'),
    server_us: both('server_us'),
    client_share: both('client_share'),
  }
}

type Summary = ReturnType<typeof summarise>

export const summaries = (results: Results): Summary[] =>
  [...results].map(([scenario, rounds]) => summarise(scenario, rounds))

const HEADS = ['', 'raw', 'natter', 'ratio (spread)', 'p50 ms', 'p99 ms', 'server µs', 'client share']

export function tableOf(rows: Summary[]): string {
  const lines = [HEADS, ...rows.map(cellsOf)]
  const widths = HEADS.map((_, column) => Math.max(...lines.map(cells => cells[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map(cells => cells.map(pad).join('  ')).join('\n')
}

function cellsOf({
  scenario,
  per_second,
  ratio,
  p50_ms,
  p99_ms,
  server_us,
  client_share,
}: Summary): string[] {
  const pair = (digits: number, { raw, natter }: Summary['p50_ms']) =>
    `${raw.toFixed(digits)} / ${natter.toFixed(digits)}`
  const { of_medians, lowest, highest } = ratio
  return [
    scenario,
    Math.round(per_second.raw).toLocaleString('en'),
    Math.round(per_second.natter).toLocaleString('en'),
    `${of_medians.toFixed(2)} (${lowest.toFixed(2)}..${highest.toFixed(2)})`,
    pair(2, p50_ms),
    pair(2, p99_ms),
    pair(per_second.raw > 50_000 ? 2 : 1, server_us),
    pair(2, client_share),
  ]
}

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 2 ** 30),
  system: `${system()} ${release()}`,
  bun: Bun.version,
})

/** Writes `results/<date>.json` and answers its path. */
export function save(results: Results, seconds: number): string {
  const dir = join(import.meta.dir, 'results')
  const date = new Date().toISOString()
  const file = join(dir, `${date.slice(0, 10)}.json`)
  mkdirSync(dir, { recursive: true })
  const facts = {
    date,
    machine: machine(),
    seconds,
    summaries: summaries(results),
    rounds: Object.fromEntries(results),
  }
  writeFileSync(file, `${JSON.stringify(facts, null, 2)}\n`)
  return file
}
