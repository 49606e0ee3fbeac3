// What `bun run bench` is asked to do.
import { parseArgs } from 'node:util'
import { scenariosWith } from './scenarios'

export const HELP = `bun run bench [options]

  --only PATTERN only scenarios whose name has this in it, a regular expression; those with many idle sockets run
                 only where it asks for them
  --messages N   messages that are stored before (default 1000000; at least 100000; the full run has 10000000)
  --rounds N     rounds that count, after one that warms up (default 5; at most 3 of those with a server of their own)
  --seconds N    measured seconds of each side, scenario and round (default 0.75)
  --dir PATH     where the stores live: choose the disk to measure (default: the system's place for such files).
                 Filled stores are kept there for the next run
  --save         writes tests/bench/results/ and the table of tests/bench/README.md
  --json FILE    writes all figures to this file
  --without-peer leaves the peer out, which needs Node and installs its packages at the first run
  --quick        every scenario once, for a moment: does it still run?`

/** Fewer would not fill the pages that are asked for. */
const FEWEST = 100_000

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    messages: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    dir: { type: 'string' },
    json: { type: 'string' },
    'without-peer': { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const { quick, only } = values
const messages = Number(values.messages ?? (quick ? FEWEST : 1_000_000))
const rounds = Number(values.rounds ?? (quick ? 1 : 5))
const seconds = Number(values.seconds ?? (quick ? 0.25 : 0.75))

export const chosen = scenariosWith(messages).filter(
  ({ name, isLong }) => new RegExp(only).test(name) && (only !== '' || !isLong),
)

export const options = {
  ...values,
  messages,
  rounds,
  seconds,
  isWrong: chosen.length === 0 || !(rounds >= 1) || !(seconds > 0) || !(messages >= FEWEST),
}
