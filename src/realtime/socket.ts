// One socket: its frames are handled one after the other, in the order they came.
import type { ServerWebSocket } from 'bun'
import type { Caller } from '../auth/sessions'
import { AppError } from '../lib/errors'
import type { SocketDialect } from './dialect'
import { CLOSE, LIMITS } from './limits'
import { isHasty, isHint, isTooFast, type Haste } from './pace'
import { idOf, type ClientFrame, type FrameId } from './protocol'

/** A frame that waits: of which chat, and the `rev` it carries, if it is about a message. */
export interface Waiting {
  chat_id: string
  rev: number
  text: string
  /** The chat that it shows as it was then. */
  shows?: string
  /** Tells what is the person's own, which a sync reads to the end. */
  isMine?: boolean
}

/** What a socket that catches up waits for, and what waits for it. */
export interface Hold {
  /** The chats waited for. */
  chats: Set<string>
  frames: Waiting[]
  /** Chats of which frames had to be dropped: the client is told to ask for their changes. */
  dropped: Set<string>
}

/** A chat of a person, who sees of it what comes after `cleared_seq`. */
export interface Place {
  id: string
  cleared_seq: number
}

/** What a socket carries. The functions are called by Elysia's dispatcher for Bun's sockets. */
export interface Seat {
  caller: Caller
  dialect: SocketDialect
  /** Frames that wait for their turn. */
  queue: string[]
  /** Characters of them. */
  queued: number
  /** Whether a frame is being handled, or the socket is still being opened. */
  busy: boolean
  /** Said that its person is away. */
  away: boolean
  badFrames: number
  haste: Haste
  /** Chats joined (from which place on) or left (null) while the socket was being opened; null once it is open. */
  movedMeanwhile: Map<string, number | null> | null
  /** Chats of which it hears only from some place on. */
  late: Set<string>
  /** Of itself alone, for answers; null: it has had none. */
  ownTopic: string | null
  /** Opened with `?sync=1`: live frames wait for the first `sync`. */
  syncFirst: boolean
  /** The chats heard from the first moment, where no `hello` tells from when on. */
  placesBefore: Place[]
  /** What waits while the socket catches up; null: it is live. */
  hold: Hold | null
  /** Told to close: nothing is read or sent any more. */
  closing: boolean
  open(ws: Socket): void
  message(ws: Socket, data: string | Buffer): void
  close(ws: Socket): void
}

/** Bun's socket, or what stands for one where another transport carries the frames. */
export type Socket = Pick<
  ServerWebSocket<Seat>,
  | 'data'
  | 'send'
  | 'publish'
  | 'close'
  | 'terminate'
  | 'subscribe'
  | 'unsubscribe'
  | 'subscriptions'
  | 'getBufferedAmount'
>

/** What a frame is answered with, beside its `id`; undefined where there is nothing to say. */
export type Answer = Record<string, unknown> | undefined
/** May give the answer by `acknowledge` before its work is done; what it resolves with then is told no more. */
export type Handle = (
  frame: ClientFrame,
  caller: Caller,
  ws: Socket,
  acknowledge: (answer: Answer) => void,
) => Promise<Answer>

/** Logs what was not foreseen; a refusal is told to the client alone. */
export type Report = (error: unknown) => void

/** The same, and counts refusals by their code. */
export interface SocketReport extends Report {
  refused(code: string): void
}

/** Where frames go. */
export interface Desk {
  handle: Handle
  /** Gives the `ack` of a send to the socket. */
  acknowledge(ws: Socket, text: string): void
  report: SocketReport
}

/** Takes a frame in: at once when nothing is under way, else after those before it. */
export function receive(ws: Socket, data: string | Buffer, desk: Desk) {
  const seat = ws.data
  if (seat.closing) return
  if (isTooLarge(data))
    return sayBye(ws, CLOSE.tooLarge, `A frame has at most ${LIMITS.frame_bytes} bytes.`, false)
  if (seat.queue.length >= LIMITS.queued_frames || seat.queued + data.length > LIMITS.queued_characters)
    return sayBye(ws, CLOSE.tooFast, 'Too many frames at once.', true)
  // A binary frame takes its turn as text that is no frame, and is refused there.
  const text = typeof data === 'string' ? data : ''
  seat.queue.push(text)
  seat.queued += text.length
  if (!seat.busy) void work(ws, desk)
}

const isTooLarge = (data: string | Buffer) =>
  data.length > LIMITS.frame_bytes ||
  (data.length * 3 > LIMITS.frame_bytes && Buffer.byteLength(data) > LIMITS.frame_bytes)

/** Handles what waits until nothing does. */
export async function work(ws: Socket, desk: Desk): Promise<void> {
  const seat = ws.data
  seat.busy = true
  while (seat.queue.length > 0 && !seat.closing) {
    const text = seat.queue.shift() as string
    seat.queued -= text.length
    await answer(ws, text, desk)
  }
  seat.busy = false
}

async function answer(ws: Socket, text: string, desk: Desk) {
  let frame: ClientFrame | undefined
  let isAnswered = false

  function give(result: Answer) {
    if (isAnswered || !frame) return
    isAnswered = true
    if (frame.type === 'ping') tell(ws, { type: 'pong', id: frame.id })
    else if (frame.id !== undefined) acknowledge(ws, frame, { type: 'ack', id: frame.id, ...result }, desk)
  }

  try {
    frame = ws.data.dialect.read(text)
    give(await desk.handle(frame, ws.data.caller, ws, give))
  } catch (error) {
    if (isAnswered) desk.report(error)
    else refuse(ws, error, idOf(text), desk.report, frame !== undefined && isHint(frame))
  }
}

function acknowledge(ws: Socket, frame: ClientFrame, ack: Record<string, unknown>, desk: Desk) {
  if (frame.type !== 'send') return tell(ws, ack)
  const text = ws.data.closing ? null : ws.data.dialect.showFrame(ack)
  if (text !== null) desk.acknowledge(ws, text)
}

/** `isHint`: a frame of which nothing is told when it comes too fast. */
function refuse(ws: Socket, error: unknown, id: FrameId | undefined, report: SocketReport, isHint: boolean) {
  const known =
    error instanceof AppError ? error : new AppError(500, 'internal', 'Something went wrong here.')
  if (known !== error) report(error)
  report.refused(known.code)
  const { status, code, detail, retryAfter: retry_after } = known
  const errors = known.errors?.map(({ path, code }) => ({ path: path.replace(/^body/, 'frame'), code }))
  if (!isHint || !isTooFast(known)) tell(ws, { type: 'error', id, status, code, detail, errors, retry_after })
  const isMalformed = status === 400 || status === 422
  if (isMalformed && ++ws.data.badFrames >= LIMITS.bad_frames)
    sayBye(ws, CLOSE.badFrames, 'Too many bad frames.', false)
  else if (isTooFast(known) && isHasty(ws.data.haste)) sayBye(ws, CLOSE.tooFast, 'Too many frames.', true)
}

export function tell(ws: Socket, frame: Record<string, unknown>) {
  const text = ws.data.closing ? null : ws.data.dialect.showFrame(frame)
  if (text !== null) ws.send(text)
}

/** How long a client may take to read its `bye` before the connection is cut. */
const FAREWELL_MS = 5_000

/** Says why, then closes. */
export function sayBye(ws: Socket, code: number, reason: string, retry: boolean) {
  if (ws.data.closing) return
  tell(ws, { type: 'bye', code, retry, reason })
  ws.data.closing = true
  ws.data.queue.length = 0
  ws.close(code, reason)
  setTimeout(() => ws.terminate(), FAREWELL_MS).unref()
}
