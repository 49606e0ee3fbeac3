// Bodies of requests: fitting, spoilt, cut, too large, too deep, no text at all; and forms with files.
import fc, { type Arbitrary } from 'fast-check'
import type { ApiDocument, Operation } from './document'
import { hostileText, spoil, spoiling, type Spoiling } from './hostile'
import { resolve } from './refs'
import { fitting } from './values'
import { formOf } from '../support/files'
import { PICTURE, type World } from './world'

/** A weight out of a hundred for what is out of the way. */
export const seldom = <T>(percent: number, often: Arbitrary<T>, other: Arbitrary<T>) =>
  fc.oneof({ weight: 100 - percent, arbitrary: often }, { weight: percent, arbitrary: other })

type Encoding =
  | 'plain'
  | 'truncated'
  | 'invalid utf-8'
  | 'gzip'
  | 'byte order mark'
  | 'twice'
  | 'huge'
  | 'deep'
  | 'empty'
  | 'bytes'

export interface Body {
  type: string
  value: unknown
  spoilings: Spoiling[]
  encoding: Encoding
}

const encodings: Arbitrary<Encoding> = fc.oneof(
  { weight: 30, arbitrary: fc.constant('plain' as const) },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Encoding[]>(
      'truncated',
      'invalid utf-8',
      'gzip',
      'byte order mark',
      'twice',
      'huge',
      'deep',
      'empty',
      'bytes',
    ),
  },
)

export function bodies(
  { bodies: accepted, method }: Operation,
  document: ApiDocument,
): Arbitrary<Body | null> {
  const kinds = Object.entries(accepted)
  const none = fc.constant(null)
  const stray: Arbitrary<Body | null> = fc.record({
    type: fc.constant('application/json'),
    value: fc.jsonValue({ maxDepth: 2 }),
    spoilings: fc.constant([]),
    encoding: encodings,
  })
  if (kinds.length === 0) return method === 'GET' ? none : seldom(5, none as Arbitrary<Body | null>, stray)
  const fit = fc.oneof(
    ...kinds.map(([type, schema]) =>
      fc.record({
        type: seldom(
          3,
          fc.constant(type),
          fc.constantFrom('text/plain', '', 'application/xml', 'application/json'),
        ),
        value: type.startsWith('multipart') ? files : fitting(schema, document),
        spoilings: fc.oneof(
          { weight: 5, arbitrary: fc.constant<Spoiling[]>([]) },
          { weight: 4, arbitrary: fc.array(spoiling, { minLength: 1, maxLength: 2 }) },
        ),
        encoding: encodings,
      }),
    ),
  )
  return seldom(2, fit as Arbitrary<Body | null>, none)
}

interface FormFile {
  bytes: string
  name: string
  field: string
  extra: number
}

const files: Arbitrary<FormFile> = fc.record({
  bytes: fc.constantFrom(
    'picture',
    'text',
    'cut picture',
    'wide picture',
    'html',
    'svg',
    'nothing',
    'zeros',
    'webp',
    'gif',
  ),
  name: fc.oneof(fc.constantFrom('a.png', 'b.txt', 'é.pdf'), hostileText),
  field: seldom(5, fc.constant('file'), hostileText),
  extra: seldom(5, fc.constant(0), fc.integer({ min: 1, max: 15 })),
})

const wide = Buffer.from(PICTURE)
wide.writeUInt32BE(30_000, 16)
wide.writeUInt32BE(30_000, 20)

const BYTES: Record<string, Buffer> = {
  picture: PICTURE,
  text: Buffer.from('plain text'),
  'cut picture': PICTURE.subarray(0, 50),
  'wide picture': wide,
  html: Buffer.from('<!doctype html><script>alert(1)</script>'),
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  nothing: Buffer.alloc(0),
  zeros: Buffer.alloc(100_000),
  webp: Buffer.from('RIFF\x00\xff\xff\xffWEBPVP8X', 'latin1'),
  gif: Buffer.from('GIF89a\xff\xff\xff\xff\x00\x00\x00!\xff', 'latin1'),
}

/** The bytes of a body and their type; every string in it goes into `said`. */
export async function bytesOf(
  { type, value, spoilings, encoding }: Body,
  world: World,
  focus: number,
  said: string[],
) {
  if (typeof value === 'object' && value !== null && 'bytes' in value && 'field' in value) {
    return multipart(value as FormFile, type, encoding, said)
  }
  const spoilt = spoilings.reduce(spoil, resolve(value, world, focus))
  gather(spoilt, said)
  const text = type.includes('urlencoded') ? formText(spoilt) : (JSON.stringify(spoilt) ?? 'null')
  return { bytes: encoded(text, encoding), type }
}

function formText(value: unknown): string {
  const fields = Object.entries((value as object) ?? {}).map(([key, item]) => [
    key.toWellFormed(),
    (typeof item === 'string' ? item : (JSON.stringify(item) ?? '')).toWellFormed(),
  ])
  return new URLSearchParams(fields).toString()
}

/** Every string within, keys too. */
function gather(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (!Array.isArray(value)) into.push(key)
      gather(item, into)
    }
  }
}

function encoded(text: string, encoding: Encoding): Buffer {
  const bytes = Buffer.from(text)
  switch (encoding) {
    case 'truncated':
      return bytes.subarray(0, Math.floor(bytes.length * 0.7))
    case 'invalid utf-8':
      return Buffer.concat([bytes.subarray(0, -1), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), bytes.subarray(-1)])
    case 'gzip':
      return Buffer.from(Bun.gzipSync(bytes))
    case 'byte order mark':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])
    case 'twice':
      return Buffer.concat([bytes, bytes])
    case 'huge':
      return Buffer.from(`{"content":"${'h'.repeat(270_000)}"}`)
    case 'deep':
      return Buffer.from(`{"content":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)
    case 'empty':
      return Buffer.alloc(0)
    case 'bytes':
      return Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 37) % 256))
    default:
      return bytes
  }
}

async function multipart(
  { bytes, name, field, extra }: FormFile,
  type: string,
  encoding: Encoding,
  said: string[],
) {
  said.push(name, field)
  const form = formOf(BYTES[bytes] as Buffer, name.toWellFormed(), field.toWellFormed())
  for (let i = 0; i < extra; i++) form.append(`extra${i}`, 'x')
  const written = new Response(form)
  const content = Buffer.from(await written.arrayBuffer())
  const isForm = type.startsWith('multipart')
  const whole = encoding === 'truncated' ? content.subarray(0, content.length >> 1) : content
  return { bytes: whole, type: isForm ? (written.headers.get('content-type') ?? '') : type }
}
