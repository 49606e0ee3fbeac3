// Reads metrics as strictly as the format is written: Prometheus documentation, "Exposition formats", 0.0.4.
import { expect } from 'bun:test'

export interface Metrics {
  /** The value of one series; 0 where it has none yet. */
  value(name: string, labels?: Record<string, string>): number
  /** By name. */
  types: Map<string, string>
  text: string
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/y
const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|\+Inf|-Inf|NaN)$/

/** Throws at the first line that is not as it should be. */
export function readMetrics(text: string): Metrics {
  expect(text.endsWith('\n')).toBe(true)
  const types = new Map<string, string>()
  const helped = new Set<string>()
  const series = new Map<string, number>()
  let current = ''

  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      expect(name).toMatch(NAME)
      mustBeNew(helped.has(name), line)
      helped.add(name)
    } else if (kind === 'TYPE') {
      mustBeNew(types.has(name), line)
      expect(['counter', 'gauge', 'histogram']).toContain(rest)
      types.set((current = name), rest)
    } else readSample(line)
  }
  for (const [name, type] of types) {
    expect([name, helped.has(name)]).toEqual([name, true])
    if (type === 'counter') expect(name).toEndWith('_total')
    if (type === 'histogram') mustAddUp(name)
  }

  function readSample(line: string) {
    const [, name = '', labels = '', number = ''] = SAMPLE.exec(line) ?? []
    if (!NUMBER.test(number)) throw new Error(`no sample: ${line}`)
    const suffix = name.slice(current.length)
    const suffixes = types.get(current) === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    if (!name.startsWith(current) || !suffixes.includes(suffix)) throw new Error(`out of place: ${line}`)
    const key = keyOf(name, labelsOf(labels))
    mustBeNew(series.has(key), line)
    series.set(key, number === '+Inf' ? Infinity : Number(number))
  }

  /** Buckets grow, and the last of them, +Inf, holds all. */
  function mustAddUp(name: string) {
    const before = new Map<string, { le: number; count: number }>()
    for (const [key, count] of series) {
      if (!key.startsWith(`${name}_bucket{`)) continue
      const { le = '', ...labels } = JSON.parse(key.slice(`${name}_bucket`.length)) as Record<string, string>
      const others = keyOf('', labels)
      const last = before.get(others) ?? { le: -Infinity, count: 0 }
      const bound = le === '+Inf' ? Infinity : Number(le)
      if (!(bound > last.le && count >= last.count)) throw new Error(`buckets out of order: ${key}`)
      before.set(others, { le: bound, count })
    }
    for (const [others, { le, count }] of before) {
      expect([name, others, le]).toEqual([name, others, Infinity])
      expect(series.get(`${name}_count${others}`)).toBe(count)
      expect(series.has(`${name}_sum${others}`)).toBe(true)
    }
  }

  return { types, text, value: (name, labels = {}) => series.get(keyOf(name, labels)) ?? 0 }
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`no labels: ${text}`)
    mustBeNew(name in labels, text)
    labels[name] = value.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))
  }
  return labels
}

function mustBeNew(isKnown: boolean, line: string) {
  if (isKnown) throw new Error(`twice: ${line}`)
}

const keyOf = (name: string, labels: Record<string, string>) =>
  name + JSON.stringify(Object.fromEntries(Object.entries(labels).toSorted()))
