// Clients as an app would write them: several sends under way, repeated under the same client_id until acknowledged.
import type { Frame, Line } from './line'
import type { Ledger } from './oracle'
import type { Person } from './people'
import { replicaOf, type Replica } from './replica'

/** How long a client waits after a 503. */
const PATIENCE_MS = 100

export interface Talker {
  person: Person
  /** What the socket has made of the chat; it says what was wrong with what came. */
  replica: Replica
  /** Opens a socket, catches up, sends again what is open, and goes on. */
  comeBack(): Promise<void>
  /** Begins nothing new; resolves once all that was sent is acknowledged. */
  settle(): Promise<void>
  /** Closes the socket without a word. */
  drop(): void
  /** Resolves with the code once the socket is closed. */
  closed(): Promise<number>
}

export interface Habits {
  /** Sends kept under way. */
  inFlight: number
  /** Hears how long each ack took (ms). */
  acked?(ms: number): void
  /** The store may fail in a way that leaves holes in what is told live. */
  mayMiss?: boolean
}

/** Somebody who writes to a chat without a pause. */
export function talkerOf(
  url: string,
  person: Person,
  chatId: string,
  ledger: Ledger,
  habits: Habits,
): Talker {
  const { inFlight, acked, mayMiss } = habits
  const mine = new Map<string, number>()
  const replica = replicaOf(url, person, { alsoHear: hear, mayMiss })
  let line: Line | undefined
  let count = 0
  let talking = true
  let quiet = Promise.withResolvers<void>()

  function begin() {
    const client_id = `${person.name}-${++count}`
    ledger.send(client_id, client_id)
    say(client_id)
  }

  function say(client_id: string) {
    mine.set(client_id, performance.now())
    if (line?.socket.readyState !== WebSocket.OPEN) return
    line.say({ type: 'send', id: client_id, chat_id: chatId, content: client_id, client_id })
  }

  function hear(frame: Frame) {
    if (frame.type === 'ack') return hearAck(frame)
    if (frame.type !== 'error') return
    if (frame.status !== 503) ledger.faults.push(`${frame.id}: ${frame.status} ${frame.code}`)
    ledger.refused++
    setTimeout(() => mine.has(frame.id) && say(frame.id), PATIENCE_MS).unref()
  }

  function hearAck({ id, message }: Frame) {
    if (!message) return
    acked?.(performance.now() - (mine.get(id) ?? 0))
    ledger.ack(id, message)
    mine.delete(id)
    if (talking) begin()
    else if (mine.size === 0) quiet.resolve()
  }

  return {
    person,
    replica,
    async comeBack() {
      line = await replica.comeBack()
      for (const client_id of mine.keys()) say(client_id)
      while (talking && mine.size < inFlight) begin()
    },
    async settle() {
      talking = false
      if (mine.size > 0) await quiet.promise
      talking = true
      quiet = Promise.withResolvers()
    },
    drop: () => replica.drop(),
    closed: () => line?.closed ?? Promise.resolve(0),
  }
}
