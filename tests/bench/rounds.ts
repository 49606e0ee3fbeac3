// The rounds of a run: whoever went first in one goes last in the next.
import { measure, type Terms } from './measuring'
import type { Running } from './processes'
import type { Results, Round } from './report/summary'
import type { Scenario } from './scenarios'
import type { Name, Side } from './sides'

/** A server of its own takes long to start, and has nothing that could warm up before it. */
const MOST_FRESH = 3

type Servers = Map<Name, Running>

export async function runRounds(
  scenarios: Scenario[],
  sides: Side[],
  rounds: number,
  terms: Terms,
): Promise<Results> {
  const results: Results = scenarios.map(scenario => ({ scenario, warmUp: [], rounds: [] }))
  const of = (servers: Scenario['servers']) => results.filter(({ scenario }) => scenario.servers === servers)

  for (let round = 1; round <= Math.min(rounds, MOST_FRESH); round++) {
    for (const { scenario, rounds: done } of of('fresh'))
      done.push(await measureAll(scenario, sides, new Map(), round, terms))
  }

  const servers: Servers = new Map()
  if (of('shared').length > 0) for (const side of sides) servers.set(side.name, await startPaused(side))
  for (let round = rounds > 1 ? 0 : 1; round <= rounds; round++) {
    const isWarmUp = round === 0
    for (const { scenario, warmUp, rounds: done } of of('shared'))
      (isWarmUp ? warmUp : done).push(await measureAll(scenario, sides, servers, round, terms))
  }
  for (const running of servers.values()) await running.stop()
  return results
}

async function startPaused(side: Side): Promise<Running> {
  const running = await side.start()
  running.pause()
  return running
}

async function measureAll(scenario: Scenario, sides: Side[], servers: Servers, round: number, terms: Terms) {
  const first = round % sides.length
  const outcomes: Round = {}
  for (const side of [...sides.slice(first), ...sides.slice(0, first)])
    outcomes[side.name] = await measure(scenario, side, servers.get(side.name) ?? null, terms)
  const values = Object.entries(outcomes).map(([name, { value }]) => `${name} ${Math.round(value * 10) / 10}`)
  console.error(`${round === 0 ? 'warm-up' : `round ${round}`}  ${scenario.name}  ${values.join(', ')}`)
  return outcomes
}
