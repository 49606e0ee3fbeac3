// The work that a client process is given, and what it saw.

/** A connection's sign-in, and the chat it writes to. */
export interface Seat {
  token: string
  chat_id: string
}

/** Over sockets or POST, each sender with one message under way; all listeners must hear all of it. */
export interface Sending {
  door: 'socket' | 'post'
  senders: Seat[]
  listeners: string[]
  /** Tokens of sockets that are open meanwhile. */
  idle?: string[]
  /** What counts: acknowledged sends, each message heard by a listener, or how long all but a hundredth of the sends took. */
  counts: 'sends' | 'deliveries' | 'p99'
}

/** Each connection asks for these in turn; each first answer must have so many `items`. */
export interface Asking {
  door: 'get'
  token: string
  connections: number
  paths: string[]
  items: number
}

/** Each connection signs in, again and again. */
export interface SigningIn {
  door: 'login'
  usernames: string[]
  connections: number
  password: string
}

/** Opens a socket for each token: how many a second, or how much memory of the server each takes. */
export interface Opening {
  door: 'storm' | 'memory'
  tokens: string[]
}

/** Asks at a steady pace; meanwhile all these people sign in at once. */
export interface Beside {
  door: 'beside'
  token: string
  path: string
  usernames: string[]
  password: string
}

export type Work = Sending | Asking | SigningIn | Opening | Beside

export type Job = Work & {
  dialect: 'native' | 'socketio'
  url: string
  pid: number
  /** Runs unmeasured first, so that the client's own code is warm. */
  leadSeconds: number
  seconds: number
}

/** What a client saw within the measured seconds; null: does not apply, or the system does not tell. */
export interface Outcome {
  /** In the unit of the scenario. */
  value: number
  p50_ms: number | null
  p99_ms: number | null
  /** The client's share of one core: near 1 the client, not the server, may be the limit. */
  client_share: number | null
  /** Processor time of the server per unit, in µs. */
  server_us: number | null
  /** All that was acknowledged, measured or not. */
  acknowledged: number
}

/** An outcome that is one figure. */
export const plainly = (value: number): Outcome => ({
  value,
  p50_ms: null,
  p99_ms: null,
  client_share: null,
  server_us: null,
  acknowledged: 0,
})
