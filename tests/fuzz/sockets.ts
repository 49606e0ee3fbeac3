// Sockets of every door: frames by their models, spoilt ones, and garbage; over WebSocket and Socket.IO.
import fc, { type Arbitrary } from 'fast-check'
import { TypeCompiler, type TypeCheck } from '@sinclair/typebox/compiler'
import type { TSchema } from '@sinclair/typebox'
import { clientFrames, serverFrames } from '../../src/realtime/protocol'
import { closed } from '../support/closed'
import type { ApiDocument, Schema } from './document'
import { hostileText, spoil, spoiling, type Spoiling } from './hostile'
import { Ref, resolve } from './refs'
import { actor, signature, type Actor } from './requests'
import { fitting } from './values'
import type { World } from './world'

interface Said {
  /** A frame, or the list of chats that a `sync` knows. */
  fields: Record<string, unknown>
  spoilings: Spoiling[]
  as: 'text' | 'cut' | 'bytes' | 'garbage'
  garbage: string
}

const DOORS = ['/ws', '/ws?sync=1', '/ws/chat', '/compat/react/ws/chat', '/socket.io/'] as const

export interface SocketCase {
  kind: 'socket'
  door: (typeof DOORS)[number]
  actor: Actor
  focus: number
  says: Said[]
}

const garbage = fc.oneof(
  hostileText,
  fc.constantFrom(
    '{bad',
    '123',
    'true',
    'null',
    '[]',
    '{}',
    '{"type":"send"',
    '{"type":"constructor"}',
    '{"type":"__proto__","id":1}',
    '{"type":["send"]}',
    '{"type":"send","type":"ping","id":1}',
    `{"type":"ping","id":"${'i'.repeat(70)}"}`,
    `{"type":"ping","id":${'9'.repeat(400)}}`,
    '['.repeat(60_000),
    `{"type":"ping","a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
    `{"type":"sync","chats":{${Array.from({ length: 1500 }, (_, i) => `"${i.toString(16).padStart(24, '0')}":1`).join()}}}`,
    `{"type":"send","content":"${'\\u0041'.repeat(9_000)}"}`,
    `[${'1,'.repeat(30_000)}1]`,
    'x'.repeat(65_537),
    'é'.repeat(40_000),
    '2["ping",{}]',
    '42["ping",{}]',
    '42["ping"',
    '421["ping",{}]',
    '42999999999999999999["ping",{}]',
    '42[]',
    '42[1]',
    '42[null,{}]',
    '42["connect",{}]',
    '42["disconnect"]',
    '42["newListener",{}]',
    '42["send",null]',
    '42["send",[[[]]]]',
    '42["send",{},{},{},"x"]',
    `42["ping",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
    '42/other,["ping",{}]',
    '40/other,{}',
    '40{"token":5}',
    '40',
    '41',
    '43[]',
    '431["x"]',
    '44{"message":"x"}',
    '451-["send",{"_placeholder":true,"num":0}]',
    '45999-["send",{"_placeholder":true,"num":0}]',
    '461-1["x"]',
    '4',
    '0',
    '1',
    '2probe',
    '3',
    '5',
    '6',
    '9x',
    'b////',
  ),
)

function frames(document: ApiDocument): Arbitrary<Said> {
  const ref = (kind: 'chat' | 'seq') => fc.nat(999).map(n => new Ref(kind, n))
  const sync = fc.record(
    {
      type: fc.constant('sync'),
      known: fc.array(fc.tuple(ref('chat'), ref('seq')), { maxLength: 6 }),
      mine: fc.nat(50),
      at: fc.constantFrom(0, Date.now(), 8.64e15),
    },
    { requiredKeys: ['type', 'known'] },
  )
  const others = Object.values(clientFrames)
    .filter(frame => frame !== clientFrames.sync)
    .map(frame => fitting(frame as Schema, document))
  const id = fc.option(fc.constantFrom<unknown>(1, 'a', -5, 2 ** 53, '', 'x'.repeat(64)), { nil: undefined })
  const fields = fc
    .tuple(fc.oneof(sync as Arbitrary<unknown>, ...others), id)
    .map(([frame, id]) => ({ ...(frame as object), ...(id !== undefined && { id }) }))
  return fc.record({
    fields,
    spoilings: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Spoiling[]>([]) },
      { weight: 1, arbitrary: fc.array(spoiling, { minLength: 1, maxLength: 2 }) },
    ),
    as: fc.constantFrom('text', 'text', 'text', 'text', 'text', 'text', 'cut', 'bytes', 'garbage', 'garbage'),
    garbage,
  })
}

export const socketCases = (document: ApiDocument): Arbitrary<SocketCase> =>
  fc.record({
    kind: fc.constant('socket' as const),
    door: fc.constantFrom(...DOORS),
    actor: actor.filter(({ as }) => as !== 'admin'),
    focus: fc.nat(999),
    says: fc.array(frames(document), { minLength: 1, maxLength: 8 }),
  })

/** A field that no document tells is a mismatch too. */
const checks = new Map<string, TypeCheck<TSchema>>(
  Object.entries(serverFrames).map(([type, schema]) => [
    type,
    TypeCompiler.Compile(closed(schema as TSchema)),
  ]),
)

/** Closed with one of these, or with 1006 by a frame so large that nothing is said. */
const CLOSES = new Set([1000, 1001, 1002, 1003, 1005, 1007, 1009, 4400, 4401, 4408, 4429])
const PATIENCE_MS = 10_000
const LAST = 'the last'

/** Opens a socket, says everything, and waits for the answer to a last question. Null, or what is wrong. */
export async function playSocket(one: SocketCase, world: World): Promise<string | null> {
  const isSocketIo = one.door === '/socket.io/'
  const address =
    world.url.replace('http', 'ws') + one.door + (isSocketIo ? '?EIO=4&transport=websocket' : '')
  const headers = Object.fromEntries(signature(one.actor, one.focus, world))
  const socket = new WebSocket(address, { headers } as never)
  socket.binaryType = 'arraybuffer'
  const heard: string[] = []
  const { promise: over, resolve: end } = Promise.withResolvers<string | null>()
  const timer = setTimeout(() => end('no answer and no close'), PATIENCE_MS)
  let isLarge = false

  function sayAll() {
    for (const said of one.says) {
      const text = textOf(said, isSocketIo, world, one.focus)
      isLarge ||= text.length > 65_000
      socket.send(said.as === 'bytes' ? Buffer.from(text) : text)
    }
    socket.send(isSocketIo ? '42777["ping",{}]' : JSON.stringify({ type: 'ping', id: LAST, chat_id: 1 }))
  }

  socket.onopen = () => {
    if (isSocketIo) socket.send('40')
    else sayAll()
  }
  socket.onmessage = ({ data }) => {
    const text = typeof data === 'string' ? data : ''
    heard.push(text)
    if (isSocketIo && text.startsWith('40')) sayAll()
    if (isLast(text, one.door)) end(null)
  }
  socket.onclose = ({ code }) =>
    end(CLOSES.has(code) || isLarge || heard.length === 0 || isSocketIo ? null : `closed with ${code}`)

  const wrong = await over
  clearTimeout(timer)
  socket.onclose = null
  socket.close()
  return wrong ?? firstWrong(heard, one.door, world)
}

/** The answer to the last question; the `react` dialect knows no `id`, but tells what is wrong with a frame. */
function isLast(text: string, door: SocketCase['door']): boolean {
  if (door === '/socket.io/') return text.startsWith('43777') || text.startsWith('44')
  if (door === '/compat/react/ws/chat') return text.includes('"path":"frame/chat_id"')
  return /^\{"type":"(pong|error)"/.test(text) && text.includes(LAST)
}

function textOf(
  { fields, spoilings, as, garbage }: Said,
  isSocketIo: boolean,
  world: World,
  focus: number,
): string {
  if (as === 'garbage') return garbage
  const { known, ...frame } = resolve(fields, world, focus) as Record<string, unknown>
  const whole = known ? { ...frame, chats: Object.fromEntries(known as [string, number][]) } : frame
  const spoilt = spoilings.reduce<unknown>(spoil, whole)
  const text = JSON.stringify(spoilt) ?? 'null'
  const { id: _, ...args } = whole as Record<string, unknown>
  const written = isSocketIo
    ? `42${spoilings.length}${JSON.stringify([frame.type, spoilings.length ? spoilt : args])}`
    : text
  return as === 'cut' ? written.slice(0, written.length * 0.7) : written
}

/** What is wrong with the frames that were heard. */
function firstWrong(heard: string[], door: SocketCase['door'], world: World): string | null {
  for (const text of heard) {
    if (/"status":5\d\d/.test(text) && !text.includes('"status":503')) return 'an error of status 5xx'
    const frame =
      door === '/socket.io/' ? frameIn(text) : door === '/compat/react/ws/chat' ? null : JSON.parse(text)
    if (frame === null) continue
    world.learn(frame)
    const check = checks.get(frame.type)
    if (!check) return `unknown frame ${frame.type}`
    const error = check.Errors(frame).First()
    if (error) return `shape of the frame ${frame.type}: ${error.path.replace(/\d+/g, 'n')} ${error.message}`
  }
  return null
}

function frameIn(text: string) {
  if (!text.startsWith('42')) return null
  const [, frame] = JSON.parse(text.slice(2))
  return frame
}
