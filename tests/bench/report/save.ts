// Keeps a run: its figures and its chart by date, and both chart and table in the README beside.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartOf } from './chart'
import { describe } from './machine'
import type { Report } from './summary'
import { markdownOf } from './table'

const dir = join(import.meta.dir, '../results')
const readme = join(import.meta.dir, '../README.md')

/** Between these the README shows a run. */
const SHOWN = /(<!-- bench -->\n)[\s\S]*?(<!-- \/bench -->)/

export const shownIn = (text: string): string | undefined => SHOWN.exec(text)?.[0]

/** What the README shows of a run. */
export function sectionOf(report: Report): string {
  const chart = `![Bars for Natter, its ceiling and the peer](results/${dayOf(report)}.svg)`
  const whence = `A run of ${dayOf(report)}: ${describe(report.machine)}.`
  return `${whence}\n\n${chart}\n\n${markdownOf(report)}`
}

const dayOf = ({ date }: Report) => date.slice(0, 10)

/** Replaces an earlier run of the same day; answers the path of the figures. */
export function save(report: Report): string {
  const file = join(dir, `${dayOf(report)}.json`)
  mkdirSync(dir, { recursive: true })
  writeFileSync(file, `${JSON.stringify(report)}\n`)
  writeFileSync(join(dir, `${dayOf(report)}.svg`), chartOf(report))
  const text = readFileSync(readme, 'utf8')
  writeFileSync(
    readme,
    text.replace(SHOWN, (_, begin, end) => `${begin}\n${sectionOf(report)}\n\n${end}`),
  )
  return file
}
