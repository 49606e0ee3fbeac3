// `bun run bench`: Natter beside its ceiling and a peer, in one run, in turn on one machine.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chosen, HELP, options } from './options'
import { peerMissing } from './peer'
import { machineOf } from './report/machine'
import { save } from './report/save'
import { summarise, type Report, type Results } from './report/summary'
import { tableOf } from './report/table'
import { runRounds } from './rounds'
import { sideOf, type Name, type Side } from './sides'
import { slowDiskIn } from './slowdisk'
import { planWorld } from './world/plan'
import { copyOf, filledStores } from './world/store'

/** A directory that goes when the run ends, however it ends. */
function createRunDirectory(): string {
  mkdirSync(options.dir ?? tmpdir(), { recursive: true })
  const dir = mkdtempSync(join(options.dir ?? tmpdir(), 'natter-bench-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))
  return dir
}

/** What cannot be measured here, and why. */
function leftOut(missingPeer: string | null, slowly: Record<string, string> | string): string[] {
  const notes = missingPeer === null ? [] : [`without the peer: ${missingPeer}`]
  return typeof slowly === 'string' ? [...notes, `without the slow disk: ${slowly}`] : notes
}

async function mustBeStored(sides: Side[], before: Map<Name, number>, acknowledged: Map<Name, number>) {
  const counts = sides.map(async side => {
    const acks = acknowledged.get(side.name) ?? 0
    const stored = (await side.stored()) - (before.get(side.name) ?? 0)
    if (stored !== acks) throw new Error(`${side.name} acknowledged ${acks} messages and stored ${stored}.`)
    return [side.name, { acknowledged: acks, stored }] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}

async function main() {
  const dir = createRunDirectory()
  const missingPeer = options['without-peer'] ? 'as asked' : peerMissing()
  const slowly = slowDiskIn(dir)
  const notes = leftOut(missingPeer, slowly)
  for (const note of notes) console.error(note)
  const names: Name[] = ['raw', 'natter', ...(missingPeer === null ? (['peer'] as const) : [])]
  const scenarios = chosen.filter(scenario => !scenario.slowDisk || typeof slowly !== 'string')

  const world = planWorld(options.messages)
  const filled = await filledStores(options.dir ?? dir, options.messages, world, names)
  for (const name of names) copyOf(filled, name, join(dir, name))
  const sides = names.map(name => sideOf(name, join(dir, name), world))
  const before = new Map<Name, number>()
  for (const side of sides) before.set(side.name, await side.stored())
  const terms = { world, seconds: options.seconds, slowly: typeof slowly === 'string' ? {} : slowly, dir }
  const results: Results = await runRounds(scenarios, sides, options.rounds, terms)

  const acknowledged = new Map(sides.map(({ name }) => [name, totalOf(results, name)]))
  const { seconds, messages } = options
  const report: Report = {
    date: new Date().toISOString(),
    machine: await machineOf(dir),
    seconds,
    messages,
    notes,
    sends: await mustBeStored(sides, before, acknowledged),
    summaries: summarise(results),
    rounds: results.map(({ scenario: { name }, rounds }) => ({ scenario: name, rounds })),
  }
  console.log(`\n${tableOf(report)}`)
  if (options.json) writeFileSync(options.json, JSON.stringify(report))
  if (options.save) console.log(`saved ${save(report)}`)
}

const totalOf = (results: Results, name: Name) =>
  results
    .flatMap(({ rounds, warmUp }) => [...rounds, ...warmUp])
    .reduce((sum, round) => sum + (round[name]?.acknowledged ?? 0), 0)

if (options.help) console.log(HELP)
else if (options.isWrong) {
  console.error(HELP)
  process.exit(2)
} else {
  await main()
  process.exit(0)
}
