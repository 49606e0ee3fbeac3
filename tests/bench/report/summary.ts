// Medians, and the ratios of the rounds.
import type { Outcome } from '../jobs'
import { median } from '../numbers'
import type { Scenario } from '../scenarios'
import type { Name } from '../sides'
import type { Machine } from './machine'

/** What all sides did in one round of a scenario. */
export type Round = Partial<Record<Name, Outcome>>

export type Results = { scenario: Scenario; warmUp: Round[]; rounds: Round[] }[]

/** Of Natter to another side: by medians, and of the lowest and the highest round. */
export interface Ratio {
  of_medians: number
  lowest: number
  highest: number
}

export interface Figure {
  median: number
  lowest: number
  highest: number
  p50_ms: number | null
  p99_ms: number | null
  client_share: number | null
  server_us: number | null
}

export interface Summary {
  scenario: string
  unit: Scenario['unit']
  figures: Partial<Record<Name, Figure>>
  ratios: { raw: Ratio; peer: Ratio | null }
}

export interface Report {
  date: string
  machine: Machine
  seconds: number
  messages: number
  notes: string[]
  sends: Record<string, { acknowledged: number; stored: number }>
  summaries: Summary[]
  rounds: { scenario: string; rounds: Round[] }[]
}

export const summarise = (results: Results): Summary[] =>
  results.map(({ scenario: { name, unit }, rounds }) => ({
    scenario: name,
    unit,
    figures: {
      raw: figureOf(rounds, 'raw'),
      natter: figureOf(rounds, 'natter'),
      peer: rounds[0]?.peer && figureOf(rounds, 'peer'),
    },
    ratios: { raw: ratioTo(rounds, 'raw'), peer: rounds[0]?.peer ? ratioTo(rounds, 'peer') : null },
  }))

const valuesOf = (rounds: Round[], name: Name, fact: keyof Outcome) =>
  rounds.flatMap(round => round[name]?.[fact] ?? [])

function figureOf(rounds: Round[], name: Name): Figure {
  const values = valuesOf(rounds, name, 'value')
  const medianOf = (fact: keyof Outcome) => {
    const found = valuesOf(rounds, name, fact)
    return found.length > 0 ? median(found) : null
  }
  return {
    median: median(values),
    lowest: Math.min(...values),
    highest: Math.max(...values),
    p50_ms: medianOf('p50_ms'),
    p99_ms: medianOf('p99_ms'),
    client_share: medianOf('client_share'),
    server_us: medianOf('server_us'),
  }
}

function ratioTo(rounds: Round[], name: Name): Ratio {
  const [ours, theirs] = [valuesOf(rounds, 'natter', 'value'), valuesOf(rounds, name, 'value')]
  const ratios = ours.map((value, i) => value / (theirs[i] ?? NaN))
  return {
    of_medians: median(ours) / median(theirs),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  }
}
