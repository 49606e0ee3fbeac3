// What is measured: the work that one client process is given.

/** A connection's sign-in, and the chat it writes to. */
export interface Seat {
  token: string
  chat_id: string
}

/** A server under load, with the people and chats it was given before. */
export interface Side {
  url: string
  pid: number
  /** 100 people, each with a chat of two; the other one is offline. */
  pairs: Seat[]
  /** A few people who write to one big room, and the tokens of all who listen there. */
  room: { senders: Seat[]; listeners: string[] }
}

export interface Job {
  door: 'socket' | 'post'
  url: string
  pid: number
  senders: Seat[]
  listeners: string[]
  /** Runs unmeasured first, so that the client's own code is warm. */
  leadSeconds: number
  seconds: number
}

/** What a client saw within the measured seconds. */
export interface Outcome {
  per_second: number
  p50_ms: number
  p99_ms: number
  /** The client's share of one core: near 1 the client, not the server, may be the limit. */
  client_share: number
  /** Processor time of the server per unit, in µs; null where the system does not tell. */
  server_us: number | null
}

export interface Scenario {
  name: string
  load: (side: Side) => Pick<Job, 'door' | 'senders' | 'listeners'>
}

export const PAIRS = 100
export const ROOM_SENDERS = 4
export const ROOM_LISTENERS = 1000
const POSTERS = 64

const sends = (connections: number, door: Job['door']): Scenario['load'] => {
  return ({ pairs }) => ({ door, senders: pairs.slice(0, connections), listeners: [] })
}

export const scenarios: Scenario[] = [
  { name: 'sends/s, sockets, 1', load: sends(1, 'socket') },
  { name: 'sends/s, sockets, 10', load: sends(10, 'socket') },
  { name: 'sends/s, sockets, 100', load: sends(100, 'socket') },
  { name: `sends/s, POST, ${POSTERS}`, load: sends(POSTERS, 'post') },
  {
    name: `deliveries/s, room of ${ROOM_LISTENERS}`,
    load: ({ room }) => ({ door: 'socket', ...room }),
  },
]
