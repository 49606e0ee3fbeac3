// Durable sends over sockets or POST, and who hears them.
import { dialects } from './dialects'
import { frameOf, openSocket, type Hear } from './frames'
import type { Job, Outcome, Seat, Sending } from './jobs'
import { body, closedLoop, stamped, type Loop } from './loop'
import { createMeter } from './meter'
import { mustBeFine, openKept, requestOf } from './requests'
import { sourceOf, type Wire } from './wire'

export async function sendAll(
  job: Job,
  { door, senders, listeners, idle, counts }: Sending,
): Promise<Outcome> {
  const { url, dialect: name } = job
  const dialect = dialects[name]
  const meter = createMeter()
  const countSend = () => (counts === 'deliveries' ? undefined : meter.count())
  let heard = 0

  const listen: Hear = (bytes, start) => {
    if (dialect.kindOf(bytes, start) !== 'message') return
    heard++
    if (counts === 'deliveries') meter.count()
  }

  async function openSpeaker({ token, chat_id }: Seat) {
    const frame = frameOf(dialect.send({ chat_id, ...body() }))
    const loop = closedLoop(stamped(frame), meter, countSend)
    const wire = await openSocket(url, token, dialect, (bytes, start, end) => {
      const kind = dialect.kindOf(bytes, start)
      if (kind === 'ack') loop.answered()
      else if (kind === 'refusal') throw new Error(`Refused: ${bytes.toString('utf8', start, end)}`)
    })
    return { loop, wire }
  }

  async function openPost({ token, chat_id }: Seat) {
    const request = requestOf(url, 'POST', `/chats/${chat_id}/messages`, token, body())
    const loop = closedLoop(stamped(request), meter, countSend)
    const wire = await openKept(url, answer => (mustBeFine(answer), loop.answered()))
    return { loop, wire }
  }

  /** Counts what is still under way: a message that a listener never hears is a failure, not a speed. */
  async function everybodyMustHear(sent: number) {
    const expected = sent * listeners.length
    for (let waits = 0; heard < expected && waits < 500; waits++) await Bun.sleep(20)
    if (heard !== expected) throw new Error(`Of ${expected} deliveries ${heard} arrived.`)
  }

  async function run(opened: { loop: Loop; wire: Wire }[]): Promise<Outcome> {
    for (const { loop, wire } of opened) loop.start(wire)
    const outcome = await meter.watch(job)
    const sent = (await Promise.all(opened.map(({ loop }) => loop.sent))).reduce(
      (sum, count) => sum + count,
      0,
    )
    await everybodyMustHear(sent)
    const value = counts === 'p99' ? (outcome.p99_ms ?? NaN) : outcome.value
    return { ...outcome, value, acknowledged: sent }
  }

  await openAll(idle ?? [], (token, no) => openSocket(url, token, dialect, () => {}, sourceOf(no)), 200)
  await openAll(listeners, token => openSocket(url, token, dialect, listen))
  return run(await openAll(senders, door === 'post' ? openPost : openSpeaker))
}

/** A few at a time: a thousand at once would overflow the queue of new connections. */
export async function openAll<T, R>(
  items: T[],
  open: (item: T, no: number) => Promise<R>,
  atOnce = 50,
): Promise<R[]> {
  const opened: R[] = []
  for (let i = 0; i < items.length; i += atOnce)
    opened.push(...(await Promise.all(items.slice(i, i + atOnce).map((item, k) => open(item, i + k)))))
  return opened
}
