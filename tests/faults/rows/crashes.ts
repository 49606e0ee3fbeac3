// The process ends: by kill -9, by SIGTERM, or because another one has its data.
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { groupChat } from '../../support/chats'
import { historyOf, newLedger, type Ledger } from '../../support/oracle'
import type { Person } from '../../support/people'
import { call } from '../../support/raw'
import { runToEnd, spawn } from '../../support/server'
import { talkerOf, type Habits, type Talker } from '../../support/talkers'
import { crowd, judged, ms, must, percentile, siteOf, until, type Amount, type Row, type Site } from '../row'

const WRITERS = 20
const IN_FLIGHT = 3

export interface Talk {
  members: Person[]
  chatId: string
  ledger: Ledger
  talkers: Talker[]
}

/** People who all write to one group without a pause. */
export async function talkOn(url: string, size = WRITERS, more: Partial<Habits> = {}): Promise<Talk> {
  const members = await crowd(url, size)
  const chatId = await groupChat(...(members as [Person, ...Person[]]))
  const ledger = newLedger()
  const habits = { inFlight: IN_FLIGHT, ...more }
  const talkers = members.map(person => talkerOf(url, person, chatId, ledger, habits))
  return { members, chatId, ledger, talkers }
}

export const everyone = (talkers: Talker[]) => Promise.all(talkers.map(talker => talker.comeBack()))

/** Each has heard everything, once and in order, and has now what the store has. */
export async function mustHaveHeardAll({ talkers, chatId, members }: Talk, url: string) {
  const stored = await historyOf(url, members[0]!.token, chatId)
  const ids = stored.map(({ id }) => id)
  for (const { replica, person } of talkers) {
    must(replica.faults.length === 0, `${person.name}: ${replica.faults[0]}`)
    await until(`${person.name} has heard all`, () => replica.copyOf(chatId).size >= ids.length)
    const copy = [...replica.copyOf(chatId).values()].toSorted((a, b) => a.seq - b.seq).map(({ id }) => id)
    must(copy.join() === ids.join(), `${person.name} has another list than the store`)
  }
}

/** What each cycle adds is looked at at once, the whole at the end. */
async function mustBeStored(site: Site, { ledger, members, chatId }: Talk, from: number): Promise<number> {
  const history = await historyOf(site.url, members[0]!.token, chatId, from)
  const seqOf = new Map(history.map(({ client_id, seq }) => [client_id, seq]))
  const lost = [...ledger.acked].filter(([id, { seq }]) => seq > from && seqOf.get(id) !== seq)
  must(lost.length === 0, `lost ${lost.length} acknowledged: ${lost[0]}`)
  history.forEach(({ seq }, i) => must(seq === from + i + 1, `seq ${seq} after ${from + i}`))
  return history.at(-1)?.seq ?? from
}

async function killed(amount: Amount) {
  await using site = await siteOf()
  const talk = await talkOn(site.url)
  const cycles = amount(5, 100)
  const ready: number[] = []
  let checked = 0
  for (let cycle = 0; cycle < cycles; cycle++) {
    await everyone(talk.talkers)
    const goal = talk.ledger.acked.size + 60 + Math.floor(Math.random() * 600)
    await until('the acks of a cycle', () => talk.ledger.acked.size >= goal)
    site.server.process.kill('SIGKILL')
    await site.server.process.exited
    await Promise.all(talk.talkers.map(talker => talker.closed()))
    ready.push(await site.startAgain())
    checked = await mustBeStored(site, talk, checked)
  }
  await everyone(talk.talkers)
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const verdict = await judged(site.url, talk.ledger, talk.members, talk.chatId)
  must(verdict.acked === verdict.sent, `${verdict.sent - verdict.acked} sends were never acknowledged`)
  await mustHaveHeardAll(talk, site.url)
  must((await site.stop()) === 0, 'the last stop was not clean')
  if (!site.home.MONGODB_URL) mustBeSound(join(site.home.DATA_DIR as string, 'natter.db'))
  must(percentile(ready, 0.5) <= 2_000, `ready after ${ms(percentile(ready, 0.5))}`)
  const figures = `${cycles} kills, ${verdict.acked} acks; ready after ${ms(percentile(ready, 0.5))}, at most ${ms(Math.max(...ready))}`
  return { figures, verdict }
}

function mustBeSound(file: string) {
  const db = new Database(file, { readonly: true })
  const answer = db.query<{ integrity_check: string }, []>('PRAGMA integrity_check').all()
  db.close()
  must(answer[0]?.integrity_check === 'ok', `integrity_check: ${JSON.stringify(answer)}`)
}

async function twoProcesses() {
  await using site = await siteOf()
  const talk = await talkOn(site.url, 2)
  await everyone(talk.talkers)
  const second = await runToEnd({ ...site.home, PORT: '0' })
  must(second.code === 69, `the second ended with ${second.code}`)
  must(second.printed.includes('is in use by another Natter'), second.printed)
  const before = talk.ledger.acked.size
  await until('acks of the first after that', () => talk.ledger.acked.size > before + 50)
  site.server.process.kill('SIGKILL')
  await site.server.process.exited
  const took = await site.startAgain()
  await everyone(talk.talkers)
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const verdict = await judged(site.url, talk.ledger, talk.members, talk.chatId)
  return { figures: `exit 69, the first goes on; after kill -9 a new one takes over in ${ms(took)}`, verdict }
}

/** Asks to open sockets until that is refused: with 503, or by a door that is shut (0). */
async function refusal(url: string, token: string): Promise<number> {
  const headers = {
    authorization: `Bearer ${token}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  }
  const ask = () =>
    fetch(`${url}/ws`, { headers }).then(
      ({ status }) => status,
      () => 0,
    )
  for (let status = await ask(); ; status = await ask()) if (status !== 101) return status
}

async function terminated(amount: Amount) {
  await using site = await siteOf()
  const talk = await talkOn(site.url)
  const cycles = amount(4, 50)
  const took: number[] = []
  const refused: number[] = []
  for (let cycle = 0; cycle < cycles; cycle++) {
    await everyone(talk.talkers)
    const goal = talk.ledger.acked.size + 200
    await until('the acks of a cycle', () => talk.ledger.acked.size >= goal)
    const begun = performance.now()
    site.server.process.kill('SIGTERM')
    if (cycle % 2 === 1) site.server.process.kill('SIGTERM')
    refused.push(await refusal(site.url, talk.members[0]!.token))
    const codes = await Promise.all(talk.talkers.map(talker => talker.closed()))
    must(
      codes.every(code => code === 1012),
      `closed with ${[...new Set(codes)]}`,
    )
    must((await site.server.process.exited) === 0, `exit ${site.server.process.exitCode}`)
    took.push(performance.now() - begun)
    await site.startAgain()
  }
  await everyone(talk.talkers)
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const verdict = await judged(site.url, talk.ledger, talk.members, talk.chatId)
  await mustHaveHeardAll(talk, site.url)
  must(Math.max(...took) <= 10_000, `a stop took ${ms(Math.max(...took))}`)
  must(
    refused.every(status => status === 0 || status === 503),
    `answered ${refused}`,
  )
  const figures = `${cycles} stops, exit 0, all closed with 1012, at most ${ms(Math.max(...took))}`
  return { figures, verdict }
}

/** At moments spread over the whole of a start. */
async function whileStarting(amount: Amount) {
  await using site = await siteOf()
  await site.stop()
  const startMs = await site.startAgain()
  await site.stop()
  const tries = amount(6, 40)
  const codes: (number | null)[] = []
  for (let i = 0; i < tries; i++) {
    const { process } = spawn({ ...site.home, PORT: '0' })
    await Bun.sleep((startMs * i) / tries)
    const begun = performance.now()
    process.kill('SIGTERM')
    await process.exited
    must(performance.now() - begun <= 10_000, 'it did not end within 10 s')
    codes.push(process.signalCode === null ? process.exitCode : 143)
  }
  must(
    codes.every(code => code === 0 || code === 143),
    `ended with ${codes}`,
  )
  await site.startAgain()
  must((await call(site.url, 'GET', '/ready')).status === 200, 'not ready afterwards')
  const figures = `${tries} signals in a start of ${ms(startMs)}: all ended, the next start is ready`
  return { figures }
}

export const crashes: Row[] = [
  {
    id: 'F1',
    does: `kill -9 with ${WRITERS} sockets writing, ${IN_FLIGHT} sends under way each`,
    run: killed,
  },
  { id: 'F4', does: 'Two processes on one database', store: 'sqlite', run: twoProcesses },
  { id: 'F21a', does: 'SIGTERM, also twice, under the same load', run: terminated },
  { id: 'F21b', does: 'SIGTERM while it starts', run: whileStarting },
]
