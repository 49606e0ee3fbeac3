// MongoDB behind a bad network, stopped, frozen or gone; with the stand-in, which is one server and no replica set.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshDatabase, standIn, standInMissing } from '../../support/mongo'
import type { Person } from '../../support/people'
import { proxyTo, type Proxy } from '../../support/proxy'
import { call } from '../../support/raw'
import {
  judged,
  ms,
  must,
  siteOf,
  timed,
  until,
  type Amount,
  type Outcome,
  type Row,
  type Site,
} from '../row'
import { everyone, mustHaveHeardAll, talkOn, type Talk } from './crashes'

const SECRET_KEY = 'a secret of the tests, long enough for anyone'
/** Nobody waits longer for an answer while the database does not give one. */
const PATIENCE_MS = 10_000
/** More than 256 would wait for each other before they are sent: the limit of Bun's `fetch`. */
const AT_ONCE = 250
/** Connections that the driver keeps open at most: its pool, and those that watch the server. */
const POOL = 53

interface Place extends AsyncDisposable {
  site: Site
  proxy: Proxy
  talk: Talk
  /** The database server, which can be stopped and started again with what it had. */
  database: Awaited<ReturnType<typeof standIn>>
  startDatabase(): Promise<void>
}

/** A server whose database is reached by a proxy only, with people who talk. */
async function placeOf(writers = 6): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'natter-mongo-'))
  const file = join(dir, 'db')
  const first = await standIn({ file })
  const port = Number(new URL(first.url).port)
  const proxy = await proxyTo(port)
  const MONGODB_URL = freshDatabase(`mongodb://127.0.0.1:${proxy.port}`)
  const site = await siteOf({ MONGODB_URL, SECRET_KEY })
  const place: Place = {
    site,
    proxy,
    talk: await talkOn(site.url, writers, { mayMiss: true }),
    database: first,
    async startDatabase() {
      place.database = await standIn({ port, file })
    },
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await place.database.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  return place
}

async function acksAgain({ talk }: Place): Promise<number> {
  const before = talk.ledger.acked.size
  return timed(() => until('acks again', () => talk.ledger.acked.size > before + 20, 60))
}

async function mustAnswerInTime({ site, talk }: Place): Promise<number> {
  const [ann] = talk.members as [Person]
  const { id } = { id: talk.chatId }
  const asked = ['/ready', `/chats/${id}/messages`, '/chats', '/files'].map(path => ['GET', path] as const)
  const posts = Array.from({ length: 4 }, () => ['POST', `/chats/${id}/messages`] as const)
  const slowest: number[] = []
  const one = async (method: string, path: string) => {
    const json = method === 'POST' ? { content: 'x' } : undefined
    const begun = performance.now()
    const { status } = await call(site.url, method, path, { token: ann.token, json })
    slowest.push(performance.now() - begun)
    must(status === 503, `${method} ${path} answered ${status} while the database does not`)
  }
  await Promise.all([...asked, ...posts].map(([method, path]) => one(method, path)))
  const { status } = await call(site.url, 'GET', '/health')
  must(status === 200, `/health answered ${status}`)
  const most = Math.max(...slowest)
  must(most <= PATIENCE_MS, `an answer took ${ms(most)}`)
  return most
}

async function verdictOf({ site, talk }: Place) {
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  await mustHaveHeardAll(talk, site.url)
  return judged(site.url, talk.ledger, talk.members, talk.chatId)
}

async function restarted(amount: Amount): Promise<Outcome> {
  await using place = await placeOf()
  await everyone(place.talk.talkers)
  const gaps: number[] = []
  for (let i = 0; i < amount(2, 20); i++) {
    await acksAgain(place)
    await place.database.stop()
    await place.startDatabase()
    gaps.push(await acksAgain(place))
  }
  const verdict = await verdictOf(place)
  must(Math.max(...gaps) <= 15_000, `writes resumed after ${ms(Math.max(...gaps))}`)
  return {
    figures: `${gaps.length} restarts under load; writes again ${ms(Math.max(...gaps))} later`,
    verdict,
  }
}

async function frozen(amount: Amount): Promise<Outcome> {
  await using place = await placeOf()
  await everyone(place.talk.talkers)
  await acksAgain(place)
  const { process } = place.database
  process.kill('SIGSTOP')
  try {
    const begun = performance.now()
    const slowest = await mustAnswerInTime(place)
    while (performance.now() - begun < amount(0, 30_000)) await mustAnswerInTime(place)
    process.kill('SIGCONT')
    const again = await acksAgain(place)
    const verdict = await verdictOf(place)
    return { figures: `503 after ${ms(slowest)}; writes again after ${ms(again)}`, verdict }
  } finally {
    process.kill('SIGCONT')
  }
}

/** The answer to a write that was done is lost on the way, again and again: the driver, or the client, repeats it. */
async function cut(amount: Amount): Promise<Outcome> {
  await using place = await placeOf()
  const { proxy, talk } = place
  await everyone(talk.talkers)
  const cuts = amount(10, 200)
  for (let i = 0; i < cuts; i++) {
    let left = 1 + Math.floor(Math.random() * 12)
    const acked = talk.ledger.acked.size
    proxy.answers = () => left-- > 0
    await until('a cut', () => left < 0)
    if (i % 5 === 4) proxy.reset()
    proxy.answers = () => true
    await until('an ack after it', () => talk.ledger.acked.size > acked)
  }
  const verdict = await verdictOf(place)
  return { figures: `${cuts} answers lost, ${talk.ledger.refused} answers of 503`, verdict }
}

async function paused(amount: Amount): Promise<Outcome> {
  await using place = await placeOf()
  await everyone(place.talk.talkers)
  await acksAgain(place)
  const told: string[] = []
  for (const seconds of [amount(0, 5), amount(12, 30), amount(0, 120)].filter(Boolean)) {
    place.proxy.pause()
    const begun = performance.now()
    if (seconds > PATIENCE_MS / 1000) told.push(`503 after ${ms(await mustAnswerInTime(place))}`)
    await until('the end of the pause', () => performance.now() - begun > seconds * 1000, seconds + 20)
    place.proxy.resume()
    told.push(`${seconds} s: writes again after ${ms(await acksAgain(place))}`)
  }
  must(place.proxy.size <= POOL, `${place.proxy.size} connections to the database`)
  const verdict = await verdictOf(place)
  return { figures: told.join(', '), verdict }
}

async function gone(amount: Amount): Promise<Outcome> {
  await using place = await placeOf()
  const { proxy, talk } = place
  await everyone(talk.talkers)
  await acksAgain(place)
  proxy.shut()
  const slowest = await mustAnswerInTime(place)
  const acked = talk.ledger.acked.size
  const begun = performance.now()
  while (performance.now() - begun < amount(0, 30_000)) await mustAnswerInTime(place)
  must(talk.ledger.acked.size === acked, 'acks without a database')
  proxy.open()
  const again = await acksAgain(place)
  const figures = `no acks, /ready 503, at the latest after ${ms(slowest)}; writes again after ${ms(again)}`
  return { figures, verdict: await verdictOf(place) }
}

/** Many requests wait for a database that does not answer: all get theirs, and what they held is free again. */
async function stuck(amount: Amount): Promise<Outcome> {
  await using place = await placeOf(2)
  const { site, talk, proxy } = place
  const [ann] = talk.members as [Person]
  const json = { content: 'x' }
  const post = async () => {
    const begun = performance.now()
    const { status, headers } = await call(site.url, 'POST', `/chats/${talk.chatId}/messages`, {
      token: ann.token,
      json,
    })
    return { status, retry: headers.get('retry-after'), took: performance.now() - begun }
  }
  must((await post()).status === 201, 'no send before the pause')
  proxy.pause()
  const answers = await Promise.all(Array.from({ length: amount(100, AT_ONCE) }, post))
  const slowest = Math.max(...answers.map(({ took }) => took))
  must(
    answers.every(({ status, retry }) => status === 503 && Number(retry) > 0),
    `answered ${[...new Set(answers.map(({ status }) => status))]}`,
  )
  must(slowest <= PATIENCE_MS, `an answer took ${ms(slowest)}`)
  proxy.resume()
  const again = await timed(() => until('sends again', async () => (await post()).status === 201))
  const all = await Promise.all(answers.map(post))
  must(
    all.every(({ status }) => status === 201),
    `afterwards ${[...new Set(all.map(({ status }) => status))]}`,
  )
  must(proxy.size <= POOL, `${proxy.size} connections to the database`)
  const figures = `${answers.length} sends, each 503 with Retry-After after at most ${ms(slowest)}; sends again after ${ms(again)}`
  return { figures }
}

const missing = () => standInMissing
const lane = 'mongodb'

export const mongo: Row[] = [
  {
    id: 'F5',
    does: 'MongoDB stopped and started again under load',
    store: 'mongodb',
    lane,
    missing,
    run: restarted,
  },
  { id: 'F6', does: 'MongoDB frozen (SIGSTOP), then going on', store: 'mongodb', lane, missing, run: frozen },
  {
    id: 'F7',
    does: 'Answers of MongoDB lost after the write, connections reset',
    store: 'mongodb',
    lane,
    missing,
    run: cut,
  },
  { id: 'F8', does: 'The network to MongoDB pauses', store: 'mongodb', lane, missing, run: paused },
  { id: 'F9', does: 'MongoDB gone for a while', store: 'mongodb', lane, missing, run: gone },
  { id: 'F18', does: 'Requests stuck on the database', store: 'mongodb', lane, missing, run: stuck },
]
