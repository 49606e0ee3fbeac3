// Very many sockets at once, too few file handles, and a processor that others use.
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { groupChat } from '../../support/chats'
import type { Frame } from '../../support/line'
import type { Person } from '../../support/people'
import { call } from '../../support/raw'
import { upload } from '../../support/files'
import { mortal } from '../../support/server'
import {
  crowd,
  judged,
  ms,
  must,
  percentile,
  siteOf,
  until,
  type Amount,
  type Outcome,
  type Row,
} from '../row'
import { everyone, mustHaveHeardAll, talkOn } from './crashes'

/** A socket that comes back at once, whenever it is closed, and asks what it has missed. */
interface Returning {
  level(): boolean
  closures: number
  leave(): void
}

/** Messages of the chat, and those that each socket has missed when it comes back. */
const SAID = 100
const MISSED = 10
/** Sockets of one person: fewer than they may have. */
const PER_PERSON = 40

function returning(url: string, person: Person, chatId: string): Returning {
  let socket: WebSocket
  let isLevel = false
  let left = false
  const self: Returning = {
    level: () => isLevel,
    closures: 0,
    leave() {
      left = true
      socket.close()
    },
  }

  function come() {
    const headers = { authorization: `Bearer ${person.token}` }
    socket = new WebSocket(`${url.replace('http', 'ws')}/ws?sync=1`, { headers } as never)
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data as string) as Frame
      if (frame.type === 'hello')
        socket.send(JSON.stringify({ type: 'sync', chats: { [chatId]: SAID - MISSED }, mine: 0 }))
      else if (frame.type === 'synced') isLevel = true
    }
    socket.onclose = () => {
      if (isLevel) self.closures++
      isLevel = false
      if (!left) setTimeout(come, 50)
    }
  }
  come()
  return self
}

/** Handles that a process may have, with room for all else. */
function handles(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  return Number(/Max open files\s+(\d+)/.exec(limits)?.[1]) - 500
}

async function storm(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const size = Math.min(amount(600, 10_000), handles())
  const people = await crowd(site.url, Math.ceil(size / PER_PERSON), 'back')
  const chatId = await groupChat(...(people as [Person]))
  for (let i = 0; i < SAID; i++) await people[0]!.api.chats({ id: chatId }).messages.post({ content: `${i}` })
  const took: number[] = []
  const talk = await talkOn(site.url, 2, { inFlight: 1, acked: each => void took.push(each) })
  const sockets: Returning[] = []
  for (let i = 0; i < size; i++) {
    sockets.push(returning(site.url, people[i % people.length]!, chatId))
    if (i % 250 === 249) await until('the first are level', () => sockets.at(-1)!.level(), 60)
  }
  const areLevel = () => sockets.every(socket => socket.level())
  await until('all are level', areLevel, 120)

  site.server.process.kill('SIGKILL')
  await site.server.process.exited
  await until('nobody is level', () => sockets.every(socket => !socket.level()), 60)
  await site.startAgain()
  const begun = performance.now()
  await everyone(talk.talkers)
  took.length = 0
  await until('all are level again', areLevel, 60)
  const back = performance.now() - begun
  await until('enough acks to tell', () => took.length >= 50)
  const p99 = percentile(took, 0.99)
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const verdict = await judged(site.url, talk.ledger, talk.members, talk.chatId)
  await mustHaveHeardAll(talk, site.url)
  must(back <= 15_000, `all back after ${ms(back)}`)
  must(p99 <= 1_000, `ack p99 ${ms(p99)} meanwhile`)
  for (const socket of sockets) socket.leave()
  for (const talker of talk.talkers) talker.drop()
  return { figures: `${size} sockets level again after ${ms(back)}, ack p99 ${ms(p99)} meanwhile`, verdict }
}

const FEW = 256

const withFewHandles = (command: string[]) => [
  'bash',
  '-c',
  `ulimit -n ${FEW}; exec "$@"`,
  'bash',
  ...command,
]

function cpuOf(pid: number): number {
  const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) |\s/)
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function fewHandles(amount: Amount): Promise<Outcome> {
  await using site = await siteOf({}, withFewHandles)
  const { pid } = site.server.process
  const talk = await talkOn(site.url, 4)
  await everyone(talk.talkers)
  const { hostname, port } = new URL(site.url)
  const ledger = talk.ledger
  let busy = 0
  for (let round = 0; round < amount(2, 10); round++) {
    const sockets: Socket[] = []
    for (let i = 0; i < 2 * FEW; i++) sockets.push(connect(Number(port), hostname).on('error', () => {}))
    await until('no handle is free', async () => {
      const answered = fetch(`${site.url}/health`, { keepalive: false, signal: AbortSignal.timeout(500) })
      return answered.then(
        () => false,
        () => true,
      )
    })
    const before = ledger.acked.size
    await until('those who are in go on', () => ledger.acked.size > before + 200)
    const cpu = cpuOf(pid)
    for (const talker of talk.talkers) await talker.settle()
    await Bun.sleep(1_000)
    busy = Math.max(busy, (cpuOf(pid) - cpu) / 1_000)
    for (const socket of sockets) socket.destroy()
    await until('a newcomer is let in', async () => {
      const answer = fetch(`${site.url}/ready`, { keepalive: false, signal: AbortSignal.timeout(500) })
      return answer.then(
        ({ status }) => status === 200,
        () => false,
      )
    })
    must((await upload(site, talk.members[0]!, 'after')).status === 201, 'no upload afterwards')
    for (const talker of talk.talkers) talker.drop()
    await everyone(talk.talkers)
  }
  must(site.server.process.exitCode === null, 'it has ended')
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const verdict = await judged(site.url, talk.ledger, talk.members, talk.chatId)
  const figures =
    `${2 * FEW} connections to ${FEW} handles, ${amount(2, 10)} times: those who are in go on, then all may come; ` +
    `at most ${Math.round(busy * 100)} % of a core while full and idle`
  return { figures, verdict }
}

async function hogged(amount: Amount): Promise<Outcome> {
  await using site = await siteOf()
  const talk = await talkOn(site.url, 6, { inFlight: 1 })
  await everyone(talk.talkers)
  const sockets = Array.from({ length: amount(100, 6 * PER_PERSON) }, (_, i) =>
    returning(site.url, talk.members[i % 6]!, talk.chatId),
  )
  const [ann] = talk.members as [Person]
  await until('all are there', () => sockets.every(socket => socket.level()), 60)
  // What hears every message would be the hog itself: from here on they are quiet.
  await Promise.all(talk.talkers.map(talker => talker.settle()))
  const hogs = Array.from({ length: 4 }, () => Bun.spawn(mortal(['sh', '-c', 'while :; do :; done'])))
  try {
    const begun = performance.now()
    const took: number[] = []
    while (performance.now() - begun < amount(5_000, 60_000)) {
      const before = performance.now()
      must(
        (await call(site.url, 'GET', `/chats/${talk.chatId}`, { token: ann.token })).status === 200,
        'no answer',
      )
      took.push(performance.now() - before)
      await Bun.sleep(20)
    }
    const { process } = site.server
    process.kill('SIGSTOP')
    await Bun.sleep(amount(5_000, 45_000))
    process.kill('SIGCONT')
    must((await call(site.url, 'GET', '/health')).status === 200, 'no answer after the pause')
    await Bun.sleep(amount(1_000, 10_000))
    const closed = sockets.reduce((sum, { closures }) => sum + closures, 0)
    must(closed === 0, `${closed} of ${sockets.length} sockets were closed`)
    const figures =
      `${sockets.length} sockets, four busy loops, then a process that stands still for ${amount(5, 45)} s: ` +
      `none closed; GET p99 ${ms(percentile(took, 0.99))}`
    for (const hog of hogs) hog.kill()
    await everyone(talk.talkers)
    await Promise.all(talk.talkers.map(talker => talker.settle()))
    return { figures, verdict: await judged(site.url, talk.ledger, talk.members, talk.chatId) }
  } finally {
    for (const hog of hogs) hog.kill()
    for (const socket of sockets) socket.leave()
  }
}

const onLinux = () => (process.platform === 'linux' ? null : 'reads /proc')

export const storms: Row[] = [
  {
    id: 'F15',
    does: 'kill -9 under many sockets, which all come back at once',
    missing: onLinux,
    run: storm,
  },
  {
    id: 'F30',
    does: `More connections than file handles (ulimit -n ${FEW})`,
    missing: onLinux,
    run: fewHandles,
  },
  { id: 'F32', does: 'Busy processors, and a process that stands still', run: hogged },
]
