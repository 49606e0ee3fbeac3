// bun run fuzz: cases by the hundred thousand against a server of its own, on either store.
import { parseArgs } from 'node:util'
import { runCampaign } from './campaign'

const USAGE = `bun run fuzz [options]

  --cases N      how many (default 10000)
  --seed N       the same cases again as in the run that told this seed (default: another one each time)
  --store NAME   sqlite (default) or mongodb`

if (process.argv.includes('--help')) {
  console.log(USAGE)
  process.exit(0)
}
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    store: { type: 'string', default: 'sqlite' },
  },
})
if (values.store === 'mongodb') process.env.TEST_STORE = 'mongodb'
const [cases, seed] = [Number(values.cases), Number(values.seed)]
console.log(`seed ${seed}`)

let told = 0
const report = await runCampaign({
  cases,
  seed,
  progress(done) {
    if (done < told + 5_000) return
    console.log(`${done} cases`)
    told = done
  },
  tell: ({ what, how }) => console.log(`\n${what}\n    ${how}`),
})

console.log(`\n${report.cases} cases in ${Math.round(report.seconds)} s on ${values.store}`)
console.log('answers', report.statuses)
console.log(
  'looked at again',
  report.suspected,
  'slowest',
  report.slowest.slice(0, 10).map(({ what, ms }) => `${ms.toFixed(1)} ms ${what}`),
)
console.log(
  `memory ${Math.round(report.memory.warm)} MB warm, ${Math.round(report.memory.end)} MB at the end`,
)
console.log(`${report.findings.length} findings`)
process.exit(report.findings.length === 0 ? 0 : 1)
