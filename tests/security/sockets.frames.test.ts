// Frames by hand: too large, broken, or no frames at all.
import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { lineOf } from '../support/line'
import { exchange, frame, speak, upgradeTo } from '../support/tcp'
import { world } from '../support/world'

setDefaultTimeout(60_000)

const freely = () => world({ RATE_LIMITS: false })
const [CONTINUATION, TEXT, PING] = [0, 1, 9]
const DOORS = ['/ws', '/compat/react/ws/chat']

const refusals: [string, number[], Buffer[]][] = [
  ['65,537 bytes', [1009], [frame(TEXT, 'x'.repeat(65_537))]],
  ['a megabyte', [1009, 1006], [frame(TEXT, 'x'.repeat(1_000_000))]],
  [
    'fragments that are too much together',
    [1009, 1006],
    [
      frame(TEXT, 'x'.repeat(60_000), { fin: false }),
      ...Array.from({ length: 5 }, () => frame(CONTINUATION, 'x'.repeat(60_000), { fin: false })),
    ],
  ],
  ['a length of 2^62 bytes', [1009, 1006, 1002], [Buffer.from('81ff400000000000000000000000414141', 'hex')]],
  ['text that is not UTF-8', [1007], [frame(TEXT, Buffer.from([0xff, 0xfe, 0xfd]))]],
  ['half a character at the end', [1007], [frame(TEXT, Buffer.from([0xe2, 0x82]))]],
  ['no mask', [1002], [frame(TEXT, '{}', { masked: false })]],
  ['a reserved bit: compression that was not agreed', [1002], [frame(TEXT, '{}', { rsv: 4 })]],
  ['another reserved bit', [1002], [frame(TEXT, '{}', { rsv: 1 })]],
  ['opcode 3', [1002], [frame(3, '{}')]],
  ['opcode 11', [1002], [frame(11, '')]],
  ['a ping in pieces', [1002], [frame(PING, 'x', { fin: false })]],
  ['a ping of 126 bytes', [1002], [frame(PING, 'x'.repeat(126))]],
  ['a continuation of nothing', [1002], [frame(CONTINUATION, 'x')]],
  ['a message within a message', [1002], [frame(TEXT, '{', { fin: false }), frame(TEXT, '}')]],
]

describe('43: a frame', () => {
  test.each(refusals)('43: of %s closes the socket, with a code that says why', async (_, codes, frames) => {
    await using w = await freely()
    const { token } = await w.as('alice')
    for (const door of DOORS) {
      const { code } = await speak(w.url, token, frames, door)
      // 1006: the line was cut without a word, as of much larger frames.
      expect(codes).toContain(code ?? 1006)
    }
    expect((await (await w.as('bob')).online()).of('hello')).toHaveLength(1)
  })

  test('43: cannot be compressed, so that a bomb has no door: the extension is not offered', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    for (const path of ['/ws', '/compat/react/ws/chat', '/socket.io/?EIO=4&transport=websocket']) {
      const extension = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'
      const head = upgradeTo(w.url, path, `Authorization: Bearer ${token}`, extension)
      const { status, text } = await exchange(w.url, head, true)
      expect(status).toBe(101)
      expect(text.toLowerCase()).not.toContain('permessage-deflate')
    }
  })
})

describe('45: what is no frame', () => {
  test('45: is an error each time, and the socket stays; after 20 of them it is closed with 4400', async () => {
    await using w = await freely()
    const line = await (await w.as('alice')).online()
    const bad = [
      '{bad',
      '123',
      'true',
      'null',
      '"x"',
      '[]',
      '{}',
      '{"type":"dance"}',
      '{"type":["send"]}',
      '',
    ]
    for (const text of bad) line.say(text)
    line.socket.send(new Uint8Array([0x7b, 0x7d]))
    expect((await line.ask({ type: 'ping' })).type).toBe('pong')
    const errors = line.of('error')
    expect(errors).toHaveLength(bad.length + 1)
    for (const { status, code, detail } of errors) {
      expect([400, 422]).toContain(status)
      expect([typeof code, typeof detail]).toEqual(['string', 'string'])
    }
    for (let i = errors.length; i < 20; i++) line.say('{bad')
    expect(await line.closed).toBe(4400)
    expect(line.of('bye')[0]).toMatchObject({ code: 4400, retry: false })
  })

  test('45: is an error over the older socket too, and binary frames are none', async () => {
    await using w = await freely()
    const { token } = await w.as('alice')
    const line = lineOf(new WebSocket(`${w.url.replace('http', 'ws')}/compat/react/ws/chat?token=${token}`))
    await new Promise(opened => (line.socket.onopen = opened))
    for (const bad of ['{bad', '7', '[]']) line.say(bad)
    line.socket.send(new Uint8Array(1_000))
    await line.hears('error', () => line.of('error').length === 4)
    line.close()
  })

  test('45: says nothing of what was sent', async () => {
    await using w = await freely()
    const line = await (await w.as('alice')).online()
    line.say('{"type":"send","chat_id":"hunter2","content":{"a":"hunter2"}}')
    line.say('{"type":"hunter2"}')
    line.say('hunter2')
    await line.ask({ type: 'ping' })
    expect(line.of('error')).toHaveLength(3)
    expect(JSON.stringify(line.heard)).not.toContain('hunter2')
  })

  test('45: an ill id of a frame is not sent back', async () => {
    await using w = await freely()
    const line = await (await w.as('alice')).online()
    for (const id of ['"<script>"', '{"a":1}', `"${'x'.repeat(65)}"`, '1e400', '[1]', 'null'])
      line.say(`{"type":"dance","id":${id}}`)
    await line.ask({ type: 'ping' })
    expect(line.of('error').map(({ id }) => id)).toEqual([
      '<script>',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})
