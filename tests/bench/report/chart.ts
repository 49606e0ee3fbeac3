// The figures as a picture: for each scenario a bar per side, with the lowest and the highest round.
import type { Name } from '../sides'
import { describe } from './machine'
import type { Figure, Report, Summary } from './summary'
import { shown } from './table'

const WIDTH = 980
const LEFT = 445
const RIGHT = 110
const BAR = 11
const GAP = 15
const TOP = 74
const NAMES: Name[] = ['natter', 'raw', 'peer']

const style = `
  svg { font: 12px system-ui, sans-serif; }
  .ground { fill: #fff } text { fill: #24292f } .faint { fill: #57606a } .spread { stroke: #24292f }
  .natter { fill: #0969da } .raw { fill: #afb8c1 } .peer { fill: #d4a72c }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .faint { fill: #8d96a0 } .spread { stroke: #e6edf3 }
    .natter { fill: #4493f8 } .raw { fill: #6e7681 } .peer { fill: #bb8009 }
  }`

/** Each scenario has a scale of its own, since they have different units. */
export function chartOf(report: Report): string {
  const sides = NAMES.filter(name => report.summaries.some(({ figures }) => figures[name]))
  const height = (sides.length * BAR + GAP) * report.summaries.length + TOP + 10
  const groups = report.summaries.map((summary, i) =>
    group(summary, sides, TOP + i * (sides.length * BAR + GAP)),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>Natter beside its ceiling and a peer</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    ...sides.map((name, i) => legend(name, 20 + i * 250)),
    text(20, 44, 'faint', describe(report.machine)),
    text(20, 60, 'faint', `Each group has its own scale; * less is better. ${report.date.slice(0, 10)}`),
    ...groups,
    '</svg>',
    '',
  ].join('\n')
}

const LEGENDS: Record<Name, string> = {
  natter: 'Natter',
  raw: 'raw: Bun and SQLite, no rules',
  peer: 'Express, Socket.IO, better-sqlite3',
}

const legend = (name: Name, x: number) =>
  `<rect class="${name}" x="${x}" y="14" width="${BAR}" height="${BAR}"/>${text(x + 16, 24, '', LEGENDS[name])}`

function group({ scenario, unit, figures }: Summary, sides: Name[], y: number): string {
  const most = Math.max(...sides.map(name => figures[name]?.highest ?? 0))
  const scale = (WIDTH - LEFT - RIGHT) / most
  const label = `${scenario} (${unit})${unit === '/s' ? '' : ' *'}`
  const middle = y + (sides.length * BAR) / 2 + 4
  const bars = sides.flatMap((name, i) => {
    const figure = figures[name]
    return figure ? [bar(name, figure, scale, y + i * BAR)] : []
  })
  return [`<text x="${LEFT - 8}" y="${middle}" text-anchor="end">${escaped(label)}</text>`, ...bars].join(
    '\n',
  )
}

function bar(name: Name, { median, lowest, highest }: Figure, scale: number, y: number): string {
  const at = (value: number) => (LEFT + Math.max(0, value) * scale).toFixed(1)
  const middle = y + (BAR - 1) / 2
  return (
    `<rect class="${name}" x="${LEFT}" y="${y}" width="${(Math.max(0, median) * scale).toFixed(1)}" height="${BAR - 1}"/>` +
    `<path class="spread" d="M${at(lowest)} ${middle}H${at(highest)}"/>` +
    `<text class="faint" font-size="10" x="${Number(at(highest)) + 5}" y="${y + 9}">${shown(median)}</text>`
  )
}

const text = (x: number, y: number, kind: string, words: string) =>
  `<text class="${kind}" x="${x}" y="${y}">${escaped(words)}</text>`

const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
