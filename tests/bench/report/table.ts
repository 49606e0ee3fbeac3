// The figures as tables: all of them on the console, the ratios in Markdown.
import type { Name } from '../sides'
import { describe } from './machine'
import type { Figure, Ratio, Report, Summary } from './summary'

/** From here on the client, not the server, may be the limit. */
const BUSY_CLIENT = 0.9
const NAMES: Name[] = ['raw', 'natter', 'peer']

export const shown = (value: number): string => {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1)
}

export const ratioText = (ratio: Ratio | null): string =>
  ratio === null ? '–' : `${shown(ratio.of_medians)} (${shown(ratio.lowest)} to ${shown(ratio.highest)})`

const triple = ({ figures }: Summary, fact: keyof Figure, names = NAMES): string => {
  const values = names.flatMap(name => (figures[name] ? [figures[name][fact]] : []))
  return values.every(value => value === null) ? '' : values.map(value => shown(value ?? NaN)).join(' / ')
}

const shares = (summary: Summary): string => {
  const values = Object.values(summary.figures).map(figure => figure?.client_share ?? 0)
  return `${triple(summary, 'client_share')}${Math.max(...values) >= BUSY_CLIENT ? ' !' : ''}`
}

const HEADS = [
  '',
  'raw',
  'natter',
  'peer',
  'natter/raw',
  'natter/peer',
  'p99 ms',
  'server µs',
  'client share',
]

const cellsOf = (summary: Summary): string[] => [
  `${summary.scenario} (${summary.unit})`,
  ...NAMES.map(name => shown(summary.figures[name]?.median ?? NaN)),
  ratioText(summary.ratios.raw),
  ratioText(summary.ratios.peer),
  triple(summary, 'p99_ms'),
  triple(summary, 'server_us'),
  shares(summary),
]

export function tableOf({ summaries, machine, messages, seconds, notes }: Report): string {
  return [
    ...aligned([HEADS, ...summaries.map(cellsOf)]).map(cells => cells.join('  ')),
    '',
    describe(machine),
    `${messages.toLocaleString('en')} messages stored before; ${seconds} s each; ratios: of medians (lowest to highest round);`,
    'of ms, KB and MB less is better; p99, server and client are raw / natter / peer, the client as share of a core;',
    '!: the client was busy, so the fastest side is understated',
    ...notes,
  ].join('\n')
}

/** For a reader: what Natter does, and how that compares. */
export function markdownOf({ summaries }: Report): string {
  const rows = summaries.map(summary => {
    const { scenario, unit, figures, ratios } = summary
    const natter = `${shown(figures.natter?.median ?? NaN)}${unit === '/s' ? '' : ' '}${unit}`
    const micros = triple(summary, 'server_us', ['natter', 'raw', 'peer'])
    return [scenario, natter, ratioText(ratios.raw), ratioText(ratios.peer), micros]
  })
  const heading = ['What', 'Natter', 'to raw', 'to the peer', 'processor µs: Natter / raw / peer']
  const [heads = [], ...lines] = aligned([heading, ...rows])
  const rule = heads.map((head, i) => (i === 0 ? '-'.repeat(head.length) : `${'-'.repeat(head.length - 1)}:`))
  return [heads, rule, ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** The first column to the left, the others to the right. */
function aligned(rows: string[][]): string[][] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0))) ?? []
  return rows.map(cells =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))),
  )
}
