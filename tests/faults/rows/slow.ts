// Clients that are slow on purpose, or on a bad line: with headers, bodies, answers and uploads.
import { connect, type Socket } from 'node:net'
import { blobNames, fetched, lineTo, part, requestOf, uploadHead, uploaded, END } from '../../support/files'
import type { Person } from '../../support/people'
import { call } from '../../support/raw'
import {
  crowd,
  ms,
  must,
  percentile,
  siteOf,
  until,
  type Amount,
  type Outcome,
  type Row,
  type Site,
} from '../row'

const KINDS = ['headers', 'body', 'read'] as const
type Kind = (typeof KINDS)[number]

/** What each says first. */
const BEGINNINGS: Record<Kind, (host: string) => string> = {
  headers: host => `GET /health HTTP/1.1\r\nHost: ${host}\r\nX-A: `,
  body: host =>
    `POST /auth/login HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
  // Many large answers, of which nothing is read.
  read: host => `GET /docs/json HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(20),
}

interface Slow {
  kind: Kind
  socket: Socket
  /** When it was closed, if it was (ms since it was opened). */
  closedAt: number | null
}

async function slowTo(url: string, kind: Kind): Promise<Slow> {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const begun = performance.now()
  const slow: Slow = { kind, socket, closedAt: null }
  socket.on('error', () => {})
  socket.on('close', () => (slow.closedAt = performance.now() - begun))
  await new Promise<void>(resolve => socket.once('connect', () => resolve()).once('error', () => resolve()))
  if (kind === 'read') socket.pause()
  else socket.resume()
  socket.write(BEGINNINGS[kind](host))
  return slow
}

async function healthOf(site: Site, times: number): Promise<number[]> {
  const took: number[] = []
  for (let i = 0; i < times; i++) {
    const begun = performance.now()
    must((await call(site.url, 'GET', '/health')).status === 200, 'not healthy')
    took.push(performance.now() - begun)
  }
  return took
}

async function slowloris(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann] = (await crowd(site.url, 1)) as [Person]
  const line = await ann.online()
  const before = await healthOf(site, 200)
  const slows: Slow[] = []
  const size = amount(600, 2_000)
  for (let i = 0; i < size; i++) slows.push(await slowTo(site.url, KINDS[i % KINDS.length]!))
  const trickle = setInterval(() => {
    for (const { kind, socket, closedAt } of slows)
      if (closedAt === null && kind !== 'read') socket.write('a')
  }, 1_000)
  const during = await healthOf(site, 500)
  must((await line.ask({ type: 'ping' })).type === 'pong', 'a socket is not answered')
  const open = (kind: Kind) => slows.filter(slow => slow.kind === kind && slow.closedAt === null).length
  if (amount(0, 1)) {
    await until('headers that trickle are cut', () => open('headers') === 0, 60)
    await until('bodies that trickle are cut', () => open('body') === 0, 90)
    during.push(...(await healthOf(site, 500)))
  }
  clearInterval(trickle)
  for (const { socket } of slows) socket.destroy()
  line.close()
  const closedAt = (kind: Kind) => slows.flatMap(slow => (slow.kind === kind ? (slow.closedAt ?? []) : []))
  const cutAfter = (kind: Kind) => ms(Math.max(...closedAt(kind)))
  const cuts = amount(0, 1)
    ? `; headers cut after ${cutAfter('headers')}, bodies after ${cutAfter('body')}`
    : ''
  const p99 = percentile(during, 0.99)
  must(p99 <= 100, `/health p99 ${ms(p99)}`)
  const figures =
    `${size} sockets; /health p99 ${ms(percentile(before, 0.99))} before, ${ms(p99)} meanwhile` + cuts
  return { figures }
}

const MB = 1024 * 1024
const RATE = 8 * 1024

/** What is there of files: their bytes, and what the list says. */
async function kept(site: Site, ann: Person) {
  const { body } = await call(site.url, 'GET', '/files', { token: ann.token })
  return {
    blobs: await blobNames(site.home),
    listed: body.items.map(({ id }: { id: string }) => id) as string[],
  }
}

async function mustBeAsBefore(site: Site, ann: Person, before: Awaited<ReturnType<typeof kept>>) {
  const isSame = async () => JSON.stringify(await kept(site, ann)) === JSON.stringify(before)
  await until('nothing of it is left', isSame, 60)
}

const MULTIPART = 'name="file"; filename="a.bin"'

async function cutUploads(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann] = (await crowd(site.url, 1)) as [Person]
  await uploaded(site, ann, Buffer.alloc(1_000))
  const before = await kept(site, ann)
  const whole = Buffer.concat([
    part(MULTIPART, crypto.getRandomValues(Buffer.alloc(65_536)).toString('hex').repeat(32)),
    END,
  ])
  const cuts = amount(10, 100)
  for (let i = 0; i < cuts; i++) {
    const line = await lineTo(site)
    const half = whole.subarray(0, Math.floor(whole.length / 2))
    line.write(requestOf(site, uploadHead(ann, whole.length), half))
    await until('bytes on disk', async () => (await blobNames(site.home)).length > before.blobs.length)
    if (i % 2) line.destroy()
    else line.resetAndDestroy()
    await mustBeAsBefore(site, ann, before)
  }
  return {
    figures: `${cuts} uploads of ${Math.round(whole.length / MB)} MB cut at half: nothing of them is left`,
  }
}

async function stalled(): Promise<Outcome> {
  await using site = await siteOf()
  const [ann] = (await crowd(site.url, 1)) as [Person]
  await uploaded(site, ann, Buffer.alloc(1_000))
  const before = await kept(site, ann)
  const lines = await Promise.all(Array.from({ length: 5 }, () => lineTo(site)))
  const begun = performance.now()
  const closed = lines.map(line => {
    const { promise, resolve } = Promise.withResolvers<number>()
    line.on('close', () => resolve(performance.now() - begun))
    line.resume()
    line.write(requestOf(site, uploadHead(ann, 9 * MB), part(MULTIPART, Buffer.alloc(MB)).subarray(0, MB)))
    return promise
  })
  const took = Math.max(...(await Promise.all(closed)))
  must(took <= 60_000, `given up after ${ms(took)}`)
  await mustBeAsBefore(site, ann, before)
  must((await fetched(site, ann, await uploaded(site, ann, 'after'))).status === 200, 'no upload afterwards')
  return { figures: `given up after ${ms(took)}, nothing of it is left` }
}

async function slowUpload(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const [ann] = (await crowd(site.url, 1)) as [Person]
  const seconds = amount(45, 300)
  const bytes = crypto.getRandomValues(Buffer.alloc(seconds * RATE))
  const whole = Buffer.concat([part(MULTIPART, bytes), END])
  const line = await lineTo(site)
  const answer: Buffer[] = []
  const ended = new Promise<void>(resolve => line.on('close', () => resolve()))
  line.on('data', chunk => answer.push(chunk as Buffer))
  const begun = performance.now()
  line.write(requestOf(site, uploadHead(ann, whole.length)))
  for (let at = 0; at < whole.length && !line.destroyed; at += RATE / 4) {
    line.write(whole.subarray(at, at + RATE / 4))
    await Bun.sleep(250)
  }
  await ended
  const text = Buffer.concat(answer).toString('latin1')
  const id = /"id":"([0-9a-f]{24})"/.exec(text)?.[1]
  must(text.startsWith('HTTP/1.1 201') && id, `answered ${text.slice(0, 100) || 'nothing'}`)
  const back = await fetched(site, ann, id)
  must(back.bytes.equals(bytes), 'what comes back is not what went up')
  return {
    figures: `${Math.round(bytes.length / 1024)} KB at 8 KB/s in ${ms(performance.now() - begun)}: 201, and whole`,
  }
}

export const slow: Row[] = [
  { id: 'F17', does: 'Slow headers, slow bodies, answers that nobody reads', run: slowloris },
  { id: 'F31a', does: 'Uploads cut at half', run: cutUploads },
  { id: 'F31b', does: 'Uploads that stall', lane: 'stalls', run: stalled },
  { id: 'F31c', does: 'An upload at 8 KB/s', lane: 'uploads', run: slowUpload },
]
