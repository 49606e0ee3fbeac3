// Prometheus' text format, version 0.0.4. Source: Prometheus documentation, "Exposition formats".
import type { Histogram } from '../../lib/meters'

type Labels = Record<string, string>

export interface Sample {
  labels?: Labels
  value: number
}

interface Shape {
  labels?: Labels
  shape: Histogram
}

/** All that has one name. Seconds and bytes are what is measured in, as Prometheus advises. */
export type Family = { name: string; help: string } & (
  { type: 'counter' | 'gauge'; samples: Sample[] } | { type: 'histogram'; samples: Shape[] }
)

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export const expose = (families: Family[]): string => families.map(linesOf).join('')

function linesOf(family: Family): string {
  const { name, type, help } = family
  const head = `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`
  if (family.type === 'histogram') return head + family.samples.map(each => shapeOf(name, each)).join('')
  return head + family.samples.map(({ labels, value }) => line(name, labels, value)).join('')
}

/** Each bucket holds those before it, too. */
function shapeOf(name: string, { labels, shape }: Shape): string {
  let count = 0
  const buckets = shape.counts.map((more, i) => {
    count += more
    return line(`${name}_bucket`, { ...labels, le: numberOf(shape.bounds[i] ?? Infinity) }, count)
  })
  return buckets.join('') + line(`${name}_sum`, labels, shape.sum) + line(`${name}_count`, labels, count)
}

function line(name: string, labels: Labels = {}, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`,
  )
  const shown = pairs.length > 0 ? `{${pairs.join(',')}}` : ''
  return `${name}${shown} ${numberOf(value)}\n`
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

const numberOf = (value: number) => (value === Infinity ? '+Inf' : String(value))
