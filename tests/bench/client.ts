// The load: a process that is given a job on standard input, does it, and prints what it saw.
import { frameOf, openSocket, type Hear } from './frames'
import { body, closedLoop, type Loop } from './loop'
import { createMeter } from './meter'
import { openPoster, postRequest } from './posts'
import type { Job, Seat } from './scenarios'
import type { Wire } from './wire'

const job = (await Bun.stdin.json()) as Job
const meter = createMeter()
const isRoom = job.listeners.length > 0
let heard = 0

// All frames begin with `{"type":"`: the letter behind it tells enough, and spares the parsing.
const KIND_AT = 9
const [ACK, MESSAGE, ERROR, BYE] = ['a', 'm', 'e', 'b'].map(letter => letter.charCodeAt(0))

const hearInRoom: Hear = (bytes, start) => {
  if (bytes[start + KIND_AT] !== MESSAGE) return
  heard++
  meter.count()
}

async function openSpeaker({ token, chat_id }: Seat) {
  const frame = frameOf(JSON.stringify({ type: 'send', id: 1, chat_id, ...body() }))
  const loop = closedLoop(frame, meter, measured)
  const wire = await openSocket(job.url, token, (bytes, start, end) => {
    const kind = bytes[start + KIND_AT]
    if (kind === ACK) loop.acknowledged()
    else if (kind === ERROR || kind === BYE) throw new Error(`Refused: ${bytes.toString('utf8', start, end)}`)
  })
  return { loop, wire }
}

async function openPost(seat: Seat) {
  const loop = closedLoop(postRequest(job.url, seat, body()), meter, measured)
  const wire = await openPoster(job.url, loop.acknowledged)
  return { loop, wire }
}

function measured() {
  if (!isRoom) meter.count()
}

/** A few at a time: a thousand at once would overflow the queue of new connections. */
async function openAll<T, R>(items: T[], open: (item: T) => Promise<R>): Promise<R[]> {
  const opened: R[] = []
  for (let i = 0; i < items.length; i += 50)
    opened.push(...(await Promise.all(items.slice(i, i + 50).map(open))))
  return opened
}

/** Counts what is still under way: a message that a listener never hears is a failure, not a speed. */
async function everybodyMustHear(sent: number) {
  const expected = sent * job.listeners.length
  for (let waits = 0; heard < expected && waits < 500; waits++) await Bun.sleep(20)
  if (heard !== expected) throw new Error(`Of ${expected} deliveries ${heard} arrived.`)
}

async function run(senders: { loop: Loop; wire: Wire }[]) {
  for (const { loop, wire } of senders) loop.start(wire)
  const outcome = await meter.watch(job)
  const sent = await Promise.all(senders.map(({ loop }) => loop.sent))
  if (isRoom) await everybodyMustHear(sent.reduce((sum, count) => sum + count, 0))
  return outcome
}

const listeners = await openAll(job.listeners, token => openSocket(job.url, token, hearInRoom))
const senders = await openAll(job.senders, job.door === 'post' ? openPost : openSpeaker)
console.log(JSON.stringify(await run(senders)))
for (const wire of [...listeners, ...senders.map(({ wire }) => wire)]) wire.close()
