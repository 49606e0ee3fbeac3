// Clients that do not read, do not answer pings, or break the rules of the protocol.
import { readFileSync } from 'node:fs'
import { groupChat, privateChat } from '../../support/chats'
import { newLedger } from '../../support/oracle'
import type { Person } from '../../support/people'
import { call } from '../../support/raw'
import { replicaOf } from '../../support/replica'
import { slowpoke, type Slowpoke } from '../../support/slowpoke'
import { crowd, judged, ms, must, percentile, siteOf, timed, until, type Outcome, type Row } from '../row'

const MB = 1024 * 1024
const LONG = 'x'.repeat(8_000)

function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

/** The connections that are open on the server's side, by the port of the other one. Who does not read sees no end. */
function openPorts(url: string): Set<number> {
  const ESTABLISHED = '01'
  const own = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0')
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  const fields = rows.map(row => row.trim().split(/\s+/))
  const open = fields.filter(([, local, , state]) => local?.endsWith(`:${own}`) && state === ESTABLISHED)
  return new Set(open.map(([, , remote]) => parseInt(remote!.split(':')[1]!, 16)))
}

const onLinux = () => (process.platform === 'linux' ? null : 'reads /proc')

/** So many sockets of ten people hear a group and do not read, while somebody writes and others read. */
async function notReading(size: number): Promise<Outcome> {
  await using site = await siteOf()
  const people = await crowd(site.url, 12)
  const [ann, bob, ...slow] = people as [Person, Person, ...Person[]]
  const chatId = await groupChat(...(people as [Person]))
  const ledger = newLedger()
  const listening = replicaOf(site.url, bob)
  await listening.comeBack()
  const line = await ann.online()
  let count = 0
  const say = async () => {
    const client_id = `m${++count}`
    ledger.send(client_id, LONG)
    const begun = performance.now()
    const answer = await line.ask({ type: 'send', chat_id: chatId, content: LONG, client_id })
    must(answer.type === 'ack', `a send was refused: ${answer.code}`)
    ledger.ack(client_id, answer.message)
    line.heard.length = 0
    return performance.now() - begun
  }
  const before: number[] = []
  for (let i = 0; i < 200; i++) before.push(await say())
  const pokes: Slowpoke[] = []
  for (let i = 0; i < size; i++) pokes.push(await slowpoke(site.url, slow[i % slow.length]!.token))
  const idle = residentOf(site.server.process.pid)
  for (const poke of pokes) poke.stopReading()
  const during: number[] = []
  let most = idle
  const left = () => {
    const open = openPorts(site.url)
    return pokes.filter(({ port }) => open.has(port)).length
  }
  const took = await timed(async () => {
    while (during.length % 25 > 0 || left() > 0) {
      must(during.length < 6_000, 'not all are cut after 6,000 messages')
      during.push(await say())
      most = Math.max(most, residentOf(site.server.process.pid))
      // The farewell takes its time; more than enough waits for each by then.
      if (during.length > 2_000) await Bun.sleep(20)
    }
  })
  const perSocket = (most - idle) / size / MB
  must(size < 100 || perSocket <= 1, `${perSocket.toFixed(1)} MB for each slow socket`)
  const verdict = await judged(site.url, ledger, [ann, bob, slow[0] as Person], chatId)
  await until('bob has heard all', () => listening.copyOf(chatId).size === count)
  must(listening.faults.length === 0, String(listening.faults[0]))
  const back = replicaOf(site.url, slow[0] as Person)
  await back.comeBack()
  must(back.copyOf(chatId).size === count, `back with ${back.copyOf(chatId).size} of ${count}`)
  const ends = await Promise.all(pokes.slice(0, 5).map(poke => poke.readToEnd()))
  must(
    ends.every(
      ({ frames, code }) => code === 4408 || code === null || JSON.parse(frames.at(-1)!).code === 4408,
    ),
    `closed with ${ends.map(({ code }) => code)}`,
  )
  const worst = percentile(during.slice(0, 2_000), 0.99)
  for (const each of [line, { close: listening.drop }, { close: back.drop }]) each.close()
  const figures =
    `all ${size} cut after ${ms(took)}, ${perSocket.toFixed(2)} MB each at most; ` +
    `ack p99 ${ms(percentile(before, 0.99))} before, ${ms(worst)} meanwhile`
  return { figures, verdict }
}

/** Its connection is there, and nobody is behind it. */
async function halfOpen(): Promise<Outcome> {
  await using site = await siteOf()
  const [ann, bob] = (await crowd(site.url, 2)) as [Person, Person]
  await privateChat(ann, bob)
  const line = await bob.online()
  const poke = await slowpoke(site.url, ann.token)
  const isAnn = (presence: string) => (frame: any) => frame.user_id === ann.id && frame.presence === presence
  await until('ann is online', () => line.of('presence').some(isAnn('online')))
  const begun = performance.now()
  await until('the socket is closed', () => poke.isCut(), 120)
  const closed = performance.now() - begun
  await until('ann is offline', () => line.of('presence').some(isAnn('offline')), 30)
  const offline = performance.now() - begun
  must(offline <= 60_000, `offline after ${ms(offline)}`)
  line.close()
  return { figures: `closed after ${ms(closed)}, told offline after ${ms(offline)}` }
}

/** A frame of a client: masked, and whole, unless said otherwise. */
function frame(
  opcode: number,
  body: Uint8Array | string,
  more: { head?: number; masked?: boolean } = {},
): Buffer {
  const { head = 0x80, masked = true } = more
  const bytes = Buffer.from(body as string)
  const size =
    bytes.length < 126
      ? Buffer.from([bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([126, bytes.length >> 8, bytes.length & 0xff])
        : Buffer.concat([Buffer.from([127, 0, 0, 0, 0]), u32(bytes.length)])
  const mask = Buffer.from([1, 2, 3, 4])
  if (!masked) return Buffer.concat([Buffer.from([head | opcode]), size, bytes])
  size[0]! |= 0x80
  return Buffer.concat([
    Buffer.from([head | opcode]),
    size,
    mask,
    bytes.map((byte, i) => byte ^ mask[i % 4]!),
  ])
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const PING = JSON.stringify({ type: 'ping', id: 7 })

/** What a server must not take (RFC 6455, sections 5 and 7.4), and by which codes it may close. */
const BAD: [string, Buffer, number[]][] = [
  ['no mask', frame(1, PING, { masked: false }), [1002]],
  ['RSV1 without an extension', frame(1, PING, { head: 0xc0 }), [1002]],
  ['RSV2', frame(1, PING, { head: 0xa0 }), [1002]],
  ['RSV3', frame(1, PING, { head: 0x90 }), [1002]],
  ['opcode 3', frame(3, PING), [1002]],
  ['opcode 11', frame(11, ''), [1002]],
  ['a ping in pieces', frame(9, 'x', { head: 0 }), [1002]],
  ['a ping of 126 bytes', frame(9, 'x'.repeat(126)), [1002]],
  ['a close of 126 bytes', frame(8, Buffer.concat([Buffer.from([3, 232]), Buffer.alloc(124, 65)])), [1002]],
  ['a piece of nothing', frame(0, 'x'), [1002]],
  ['a text in a text', Buffer.concat([frame(1, 'a', { head: 0 }), frame(1, 'b')]), [1002]],
  ['text that is no UTF-8', frame(1, Buffer.from([0xff, 0xfe])), [1007]],
  ['a surrogate in UTF-8', frame(1, Buffer.from([0xed, 0xa0, 0x80])), [1007]],
  ['a close of one byte', frame(8, Buffer.from([3])), [1002]],
  ['a close with code 999', frame(8, Buffer.from([3, 231])), [1002]],
  ['a close with code 1005', frame(8, Buffer.from([3, 237])), [1002]],
  ['a close whose reason is no UTF-8', frame(8, Buffer.from([3, 232, 0xff])), [1002, 1007]],
  ['more than a frame may have', frame(1, 'x'.repeat(140_000)), [1009]],
  ['a length of 2^63', Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), [1002, 1009]],
  ['a length of 2^40', Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4]), [1009]],
  [
    'pieces above the limit',
    Buffer.concat([frame(1, 'x'.repeat(60_000), { head: 0 }), frame(0, 'x'.repeat(90_000))]),
    [1009],
  ],
  ['another HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), [1002]],
]

/** What it must take. */
const GOOD: [string, Buffer][] = [
  [
    'a text in pieces, with a ping between',
    Buffer.concat([
      frame(1, PING.slice(0, 5), { head: 0 }),
      frame(9, 'beat'),
      frame(0, PING.slice(5, 9), { head: 0 }),
      frame(0, PING.slice(9)),
    ]),
  ],
  ['a pong that nobody asked for', Buffer.concat([frame(10, 'x'), frame(1, PING)])],
  ['an empty text, then more', Buffer.concat([frame(1, ''), frame(1, PING)])],
  ['20,000 pings', Buffer.concat([...Array.from({ length: 20_000 }, () => frame(9, '')), frame(1, PING)])],
]

async function malformed(): Promise<Outcome> {
  await using site = await siteOf()
  const [ann] = (await crowd(site.url, 1)) as [Person]
  const line = await ann.online()
  const idle = residentOf(site.server.process.pid)
  const silent: string[] = []
  const others: string[] = []
  for (const [what, bytes, codes] of BAD) {
    const poke = await slowpoke(site.url, ann.token)
    poke.write(bytes)
    const { code } = await poke.readToEnd()
    if (code === null) silent.push(what)
    else if (!codes.includes(code)) others.push(`${what}: ${code}`)
    must((await line.ask({ type: 'ping' })).type === 'pong', `${what}: another socket is not answered`)
  }
  for (const [what, bytes] of GOOD) {
    const poke = await slowpoke(site.url, ann.token)
    poke.write(bytes)
    await until(`an answer after ${what}`, () => poke.sofar().frames.some(text => text.includes('"pong"')))
    must(!poke.isCut(), `${what}: closed`)
    poke.leave()
  }
  must(others.length === 0, others.join('; '))
  must((await call(site.url, 'GET', '/health')).status === 200, 'not healthy')
  const grown = (residentOf(site.server.process.pid) - idle) / MB
  must(grown < 100, `${Math.round(grown)} MB more`)
  line.close()
  const cut = silent.length > 0 ? `, ${silent.length} of them without a code` : ''
  return { figures: `${BAD.length} malformed closed${cut}, ${GOOD.length} unusual taken; others undisturbed` }
}

export const readers: Row[] = [
  { id: 'F14a', does: 'One socket does not read', missing: onLinux, run: () => notReading(1) },
  {
    id: 'F14b',
    does: 'Many sockets do not read',
    missing: onLinux,
    run: amount => notReading(amount(20, 200)),
  },
  { id: 'F16', does: 'A socket that answers no pings', lane: 'pings', run: halfOpen },
  { id: 'F19', does: 'Malformed frames (RFC 6455)', missing: onLinux, run: malformed },
]
