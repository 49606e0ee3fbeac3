// The disk: what is on it before an ack goes out, and what happens when it fails or is full.
import { spawnSync } from 'bun'
import { mkdtempSync, rmSync, writeSync, openSync, closeSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { blobNames, fetched, upload, uploaded } from '../../support/files'
import type { Person } from '../../support/people'
import { call } from '../../support/raw'
import { failing, straceMissing, traced } from '../../support/strace'
import { judged, must, siteOf, until, type Amount, type Outcome, type Row, type Site } from '../row'
import { everyone, mustHaveHeardAll, talkOn, type Talk } from './crashes'

/** The line in which a call on this file, or on any socket, ends; `after`: the first from there on. */
function lineOf(lines: string[], fits: RegExp, after = 0): number {
  const at = lines.findIndex((line, i) => i >= after && fits.test(line))
  must(at >= 0, `not in the trace: ${fits}`)
  return at
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Where a page of the database ends in the middle of a text, one half of it is still in one piece. */
function eitherHalf(text: string): string {
  const middle = Math.floor(text.length / 2)
  return `(?:${escaped(text.slice(0, middle))}|${escaped(text.slice(middle))})`
}

/** A synced file: in one line, or begun in one and ended in another of the same thread. */
const SYNCED = /(?:fsync|fdatasync)\(\d+<[^>]*natter\.db-wal>\)\s+= 0/

async function power(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const { members, chatId } = await talkOn(site.url, 2)
  const [ann, bob] = members as [Person, Person]
  const line = await ann.online()
  const file = join(site.home.DATA_DIR as string, 'trace')
  const end = await traced(site.server.process.pid, file)
  const sends = amount(20, 200)
  const tokens = Array.from({ length: sends }, (_, i) => `power-${i}-${crypto.randomUUID()}`)
  const bySocket = (content: string) => line.ask({ type: 'send', chat_id: chatId, content })
  const byRest = (content: string) => bob.api.chats({ id: chatId }).messages.post({ content })
  for (const [i, token] of tokens.entries()) await (i % 2 ? byRest(token) : bySocket(token))
  const together = tokens.map(token => `all-${token}`)
  await Promise.all(together.map((token, i) => (i % 2 ? byRest(token) : bySocket(token))))
  const id = await uploaded(site, ann, `bytes-${tokens[0]}`)
  const lines = await end()

  for (const token of [...tokens, ...together]) {
    const text = new RegExp(`(?:"${escaped(token)}|\\\\"${escaped(token)}\\\\")`)
    const row = lineOf(lines, new RegExp(`pwrite64\\(\\d+<[^>]*natter\\.db-wal>.*${eitherHalf(token)}`))
    const synced = lineOf(lines, SYNCED, row)
    const told = lineOf(
      lines,
      new RegExp(`(?:sendto|sendmsg|write|writev)\\(\\d+<(?:socket|TCP).*${text.source}`),
    )
    must(row < synced && synced < told, `${token}: written ${row}, synced ${synced}, told ${told}`)
  }
  const bytes = lineOf(lines, /write(?:64|v)?\(\d+<[^>]*\.part.*bytes-power-0/)
  const kept = lineOf(lines, /(?:fsync|fdatasync)\(\d+<[^>]*\.part>\)\s+= 0/, bytes)
  const named = lineOf(lines, new RegExp(`rename\\w*\\(.*${id}\\.part"`), kept)
  const noted = lineOf(lines, SYNCED, named)
  const told = lineOf(lines, new RegExp(`(?:sendto|sendmsg|write|writev)\\(\\d+<(?:socket|TCP).*201.*${id}`))
  must(noted < told, `the upload was told (${told}) before it was stored (${noted})`)
  const syncs = lines.filter(each => SYNCED.test(each)).length
  line.close()
  return { figures: `${2 * sends} sends over two doors and an upload: ${syncs} fsyncs, each before its acks` }
}

/** While it lasts: no ack, 503, reads go on, and nothing half-done is left by uploads. */
async function mustRefuse(site: Site, { ledger, members, chatId }: Talk) {
  const [ann] = members as [Person]
  const before = ledger.refused
  await until('refusals', () => ledger.refused >= before + 50)
  const acked = ledger.acked.size
  const refused = ledger.refused
  await until('more refusals', () => ledger.refused >= refused + 50)
  must(ledger.acked.size === acked, `${ledger.acked.size - acked} acks while the disk failed`)
  const statuses = {
    send: (await ann.api.chats({ id: chatId }).messages.post({ content: 'x' })).status,
    read: (await ann.api.chats({ id: chatId }).messages.get({ query: {} })).status,
    health: (await call(site.url, 'GET', '/health')).status,
  }
  must(
    statuses.send === 503 && statuses.read === 200 && statuses.health === 200,
    `answered ${JSON.stringify(statuses)}`,
  )
}

async function mustRefuseUploads(site: Site, ann: Person, bytes = 2_000_000) {
  const before = await blobNames(site.home)
  for (let i = 0; i < 3; i++) {
    const { status, body } = await upload(site, ann, Buffer.alloc(bytes, i + 1))
    must(status === 503 || status === 507, `an upload answered ${status}`)
    must(body?.status === status, 'the refusal is no problem document')
  }
  await until('no partial file', async () => (await blobNames(site.home)).length === before.length)
  const list = await call(site.url, 'GET', '/files', { token: ann.token })
  must(list.body.items.length === before.length, `${list.body.items.length} files are listed`)
}

async function mustGoOn(site: Site, talk: Talk, kept: string) {
  const { pid } = site.server.process
  const before = talk.ledger.acked.size
  await until('acks again', () => talk.ledger.acked.size > before + 100)
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const [ann] = talk.members as [Person]
  must((await fetched(site, ann, kept)).bytes.length === 1_000, 'the file from before is not whole')
  must((await fetched(site, ann, await uploaded(site, ann, 'after'))).status === 200, 'no upload afterwards')
  must(pid === site.server.process.pid && site.server.process.exitCode === null, 'it was started anew')
}

/** The verdict of what the talkers sent: what else was said may be stored, or not. */
async function verdictOf(site: Site, talk: Talk) {
  await mustHaveHeardAll(talk, site.url)
  must((await site.stop()) === 0, 'the stop was not clean')
  await site.startAgain()
  return judged(site.url, talk.ledger, talk.members, talk.chatId)
}

const FAULTS = [
  ['fsync,fdatasync', 'EIO'],
  ['pwrite64', 'EIO'],
  ['pwrite64', 'ENOSPC'],
  ['fsync,fdatasync', 'ENOSPC'],
] as const

async function failingCalls(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const talk = await talkOn(site.url, 6)
  const [ann] = talk.members as [Person]
  const kept = await uploaded(site, ann, Buffer.alloc(1_000))
  await everyone(talk.talkers)
  for (let round = 0; round < amount(1, 5); round++) {
    for (const [calls, error] of FAULTS) {
      const end = await failing(site.server.process.pid, calls, error)
      await mustRefuse(site, talk)
      if (calls.startsWith('fsync')) await mustRefuseUploads(site, ann, 100_000)
      await end()
      const before = talk.ledger.acked.size
      await until('acks again', () => talk.ledger.acked.size > before + 100)
    }
  }
  await mustGoOn(site, talk, kept)
  const figures = `${FAULTS.length * amount(1, 5)} faults, ${talk.ledger.refused} answers of 503, no restart`
  return { figures, verdict: await verdictOf(site, talk) }
}

const SIZE_MB = 24

const mount = (...args: string[]) => spawnSync(args, { stderr: 'ignore' }).success

function tmpfsMissing(): string | null {
  const dir = mkdtempSync(join(tmpdir(), 'natter-mount-'))
  const isMounted = mount('mount', '-t', 'tmpfs', '-o', 'size=1m', 'natter', dir) && mount('umount', dir)
  rmSync(dir, { recursive: true })
  return isMounted ? null : 'needs the right to mount a tmpfs (root)'
}

/** Takes all the room that is left, to the last block. */
function fill(file: string) {
  const handle = openSync(file, 'a')
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size))
    } catch (error) {
      must((error as { code?: string }).code === 'ENOSPC', `filling: ${error}`)
    }
  }
  closeSync(handle)
}

async function full(amount: Amount): Promise<Outcome> {
  const dir = mkdtempSync(join(tmpdir(), 'natter-full-'))
  must(mount('mount', '-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'natter', dir), 'the tmpfs was not mounted')
  try {
    return await fullIn(dir, amount)
  } finally {
    mount('umount', '-l', dir)
    rmSync(dir, { recursive: true, force: true })
  }
}

async function fullIn(dir: string, amount: Amount): Promise<Outcome> {
  await using site = await siteOf({ DATA_DIR: join(dir, 'data') })
  const talk = await talkOn(site.url, 6)
  const [ann] = talk.members as [Person]
  const kept = await uploaded(site, ann, Buffer.alloc(1_000))
  const filler = join(dir, 'filler')
  for (let round = 0; round < amount(1, 5); round++) {
    await everyone(talk.talkers)
    // What is free inside the log is used up first.
    const refused = talk.ledger.refused
    while (talk.ledger.refused < refused + 50) {
      fill(filler)
      await Bun.sleep(20)
    }
    await mustRefuse(site, talk)
    await mustRefuseUploads(site, ann)
    must(statSync(filler).size > 1_000_000, 'the filler is too small to tell')
    rmSync(filler)
    const before = talk.ledger.acked.size
    await until('acks again', () => talk.ledger.acked.size > before + 100)
    await Promise.all(talk.talkers.map(talker => talker.settle()))
    for (const talker of talk.talkers) talker.drop()
  }
  await everyone(talk.talkers)
  await mustGoOn(site, talk, kept)
  const figures = `a disk of ${SIZE_MB} MB filled ${amount(1, 5)} times, ${talk.ledger.refused} answers of 503, no restart, no partial file`
  return { figures, verdict: await verdictOf(site, talk) }
}

/** A server that cannot be started says so, and does not harm what is there. */
export const disks: Row[] = [
  {
    id: 'F2',
    does: 'Power loss: every row synced before its ack, seen in the system calls',
    store: 'sqlite',
    missing: straceMissing,
    run: power,
  },
  {
    id: 'F3a',
    does: 'fsync and pwrite fail with EIO and ENOSPC',
    store: 'sqlite',
    missing: straceMissing,
    run: failingCalls,
  },
  {
    id: 'F3b',
    does: 'Full disk: messages and uploads',
    store: 'sqlite',
    missing: tmpfsMissing,
    run: full,
  },
]
