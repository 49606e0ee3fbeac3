// `bun run growth`: what each request costs in a small store and in a large one, side by side.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ask, measure, type Sample } from './measure'
import { requests, type Request } from './requests'
import { startSide, startTime, storeOf, type Side } from './sides'
import { LARGE, QUICK, SMALL, type Size } from './sizes'
import { tableOf, type Row } from './table'
import { beginExport, comeBack } from './whole'

const HELP = `bun run growth [options]

  --rounds N     rounds that count, after one that warms up (default 5)
  --ms N         measured milliseconds of each side, request and round (default 400)
  --only TEXT    only requests whose name has this in it
  --dir PATH     where the stores live; the large one takes 5 GB (default: the system's place for such files)
  --kept PATH    stores that an earlier run kept there, or that this one is to keep
  --quick        a smaller large store and one short round: within a minute`

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string' },
    ms: { type: 'string' },
    only: { type: 'string', default: '' },
    dir: { type: 'string', default: tmpdir() },
    kept: { type: 'string' },
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
const ms = Number(options.ms ?? (options.quick ? 100 : 400))
const chosen = requests.filter(({ name }) => name.includes(options.only))

type Pair<T> = [small: T, large: T]

/** Whoever went first in one round goes second in the next. */
async function onBoth<T>(
  sides: Pair<Side>,
  round: number,
  run: (side: Side) => Promise<T>,
): Promise<Pair<T>> {
  const [small, large] = sides
  if (round % 2 === 0) return [await run(small), await run(large)]
  const second = await run(large)
  return [await run(small), second]
}

async function rowOf(sides: Pair<Side>, name: string, against: string, run: (side: Side) => Promise<Sample>) {
  const samples: Pair<Sample>[] = []
  for (let round = 0; round <= rounds; round++) {
    const both = await onBoth(sides, round, run)
    if (round > 0) samples.push(both)
  }
  const row = { name, against, samples }
  console.error(tableOf([row]).split('\n').at(-1))
  return row
}

/** A place within a list, for requests that go on from there. */
async function findPlace(side: Side, path: string, as: string) {
  const { next } = await ask(side.url, side.tokens.get(as) as string, { path })
  side.cursors.set(path, next)
}

async function measureRequest(sides: Pair<Side>, request: Request): Promise<Row> {
  const { name, against, as, into } = request
  if (into) for (const side of sides) await findPlace(side, into(side.size), as)
  let nth = 0
  return rowOf(sides, name, against, ({ size, url, pid, tokens, cursors }) =>
    measure(pid, ms, () => ask(url, tokens.get(as) as string, request.ask(size, nth++, cursors))),
  )
}

const single = ({ cpu, ms }: { cpu: number; ms: number }): Sample => ({ cpu, p50: ms, p99: ms })

async function measureWhole(sides: Pair<Side>): Promise<Row[]> {
  const back = (side: Side) => comeBack(side).then(single)
  const first = (side: Side) => beginExport(side).then(single)
  return [
    await rowOf(sides, 'sync after a week, each message', 'messages missed', back),
    await rowOf(sides, 'export, first bytes', 'messages of mine', first),
  ]
}

/** The time is all there is. */
async function measureStarts(dirs: Pair<string>): Promise<Row> {
  const samples: Pair<Sample>[] = []
  for (let round = 0; round < Math.max(3, rounds); round++) {
    const [small, large] = [await startTime(dirs[0]), await startTime(dirs[1])]
    samples.push([
      { cpu: small * 1000, p50: small, p99: small },
      { cpu: large * 1000, p50: large, p99: large },
    ])
  }
  return { name: 'start', against: 'everything', samples }
}

async function main() {
  const large: Size = options.quick ? QUICK : LARGE
  const parent = options.kept ?? mkdtempSync(join(options.dir, 'natter-growth-'))
  if (!options.kept) process.on('exit', () => rmSync(parent, { recursive: true, force: true }))
  process.on('SIGINT', () => process.exit(130))
  const dirs: Pair<string> = [await storeOf(parent, SMALL), await storeOf(parent, large)]
  const rows = 'start'.includes(options.only) ? [await measureStarts(dirs)] : []
  const sides: Pair<Side> = [await startSide(dirs[0], SMALL), await startSide(dirs[1], large)]
  for (const request of chosen) rows.push(await measureRequest(sides, request))
  if (options.only === '') rows.push(...(await measureWhole(sides)))
  await Promise.all(sides.map(side => side.stop()))
  console.log(tableOf(rows))
}

if (options.help) console.log(HELP)
else if (!(rounds >= 1) || !(ms > 0)) {
  console.error(HELP)
  process.exit(2)
} else await main()
