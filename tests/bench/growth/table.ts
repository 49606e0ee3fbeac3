// What was measured, as a table.
import { median } from '../numbers'
import type { Sample } from './measure'

export interface Row {
  name: string
  against: string
  /** By round: in the small store, and in the large one. */
  samples: [small: Sample, large: Sample][]
}

const HEAD = `| request | against | CPU, small (µs) | CPU, large (µs) | ratio | p50 (ms) | p99 (ms) |
| --- | --- | ---: | ---: | ---: | ---: | ---: |`

export const tableOf = (rows: Row[]): string => [HEAD, ...rows.map(lineOf)].join('\n')

function lineOf({ name, against, samples }: Row): string {
  const both = (pick: (sample: Sample) => number) =>
    [0, 1].map(i => median(samples.map(pair => pick(pair[i] as Sample))))
  const [small, large] = both(sample => sample.cpu)
  const ratio = median(samples.map(([one, other]) => other.cpu / one.cpu))
  const ms = (pick: (sample: Sample) => number) =>
    both(pick)
      .map(each => each.toFixed(1))
      .join(' / ')
  const cells = [
    name,
    against,
    whole(small),
    whole(large),
    ratio.toFixed(2),
    ms(it => it.p50),
    ms(it => it.p99),
  ]
  return `| ${cells.join(' | ')} |`
}

const whole = (micros = NaN) => (micros < 10 ? micros.toFixed(1) : micros.toFixed(0))
