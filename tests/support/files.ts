// Files in the stories: sent as forms, fetched as a browser would, and misbehaving where a client would not.
import { connect, type Socket } from 'node:net'
import { call, type Answer } from './raw'
import type { Person } from './people'
import type { World } from './world'

type Place = Pick<World, 'url'>

/** A form with one file, as a browser sends it. */
export function formOf(bytes: Uint8Array | string, name: string, field = 'file'): FormData {
  const form = new FormData()
  form.append(field, new Blob([bytes as BlobPart]), name)
  return form
}

export const upload = (
  w: Place,
  who: Pick<Person, 'token'>,
  bytes: Uint8Array | string,
  name = 'a.bin',
): Promise<Answer> =>
  call(w.url, 'POST', '/files', { token: who.token, body: formOf(bytes, name) as unknown as BodyInit })

/** Uploads what must be taken, and answers its id. */
export async function uploaded(
  w: Place,
  who: Pick<Person, 'token'>,
  bytes: Uint8Array | string,
  name?: string,
): Promise<string> {
  const { status, body } = await upload(w, who, bytes, name)
  if (status !== 201) throw new Error(`The upload was refused: ${JSON.stringify(body)}`)
  return body.id
}

export interface Fetched {
  status: number
  headers: Headers
  bytes: Buffer
  /** What a refusal says. */
  code: string | undefined
}

export async function fetched(
  w: Place,
  who: Pick<Person, 'token'> | null,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Fetched> {
  const authorization = who && { authorization: `Bearer ${who.token}` }
  const response = await fetch(`${w.url}/files/${path}`, {
    method,
    headers: { ...authorization, ...headers },
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const isProblem = response.headers.get('content-type')?.includes('problem')
  const code = isProblem && bytes.length > 0 ? JSON.parse(bytes.toString()).code : undefined
  return { status: response.status, headers: response.headers, bytes, code }
}

export const statusOf = async (w: Place, who: Pick<Person, 'token'> | null, path: string): Promise<number> =>
  (await fetched(w, who, path)).status

/** A connection to the server, for requests written by hand. */
export async function lineTo(w: Place): Promise<Socket> {
  const { hostname, port } = new URL(w.url)
  const line = connect(Number(port), hostname)
  line.on('error', () => {})
  await new Promise<void>(connected => line.once('connect', () => connected()))
  return line
}

/** A request by hand: its head, and what goes after it. */
export const requestOf = (w: Place, head: string[], ...parts: (Uint8Array | string)[]): Buffer =>
  Buffer.concat([
    Buffer.from([...head, `Host: ${new URL(w.url).host}`, '', ''].join('\r\n')),
    ...parts.map(bytes => Buffer.from(bytes as string)),
  ])

/** Sends a request by hand, cuts the line or waits until it is closed, and answers what came back. */
export async function byHand(
  w: Place,
  head: string[],
  parts: (Uint8Array | string)[],
  then: 'wait' | 'cut' = 'wait',
): Promise<string> {
  const line = await lineTo(w)
  const chunks: Buffer[] = []
  const closed = new Promise<void>(close => line.once('close', () => close()))
  line.on('data', chunk => chunks.push(chunk as Buffer))
  await new Promise<void>(written => line.write(requestOf(w, head, ...parts), () => written()))
  if (then === 'cut') line.destroy()
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** The head of an upload by hand, of a form with this boundary. */
export const uploadHead = (who: Pick<Person, 'token'>, length: number, boundary = 'XX'): string[] => [
  'POST /files HTTP/1.1',
  `Authorization: Bearer ${who.token}`,
  `Content-Type: multipart/form-data; boundary=${boundary}`,
  `Content-Length: ${length}`,
  'Connection: close',
]

/** One part of a form by hand. */
export const part = (disposition: string, bytes: Uint8Array | string, more = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`--XX\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n`),
    Buffer.from(bytes as string),
    Buffer.from('\r\n'),
  ])

export const END = Buffer.from('--XX--\r\n')

/** Sends a form written by hand, and answers status and problem. */
export const sendForm = (w: Place, who: Pick<Person, 'token'>, ...parts: Buffer[]): Promise<Answer> =>
  call(w.url, 'POST', '/files', {
    token: who.token,
    headers: { 'content-type': 'multipart/form-data; boundary=XX' },
    body: Buffer.concat(parts) as unknown as BodyInit,
  })

/** All blobs that are kept, whoever knows of them. */
export const blobsOf = (w: World): Promise<string[]> =>
  w.stores.blobs.written(Date.now() + 3_600_000, null, 10_000)

/** A GIF of one dot. */
export const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')

/** A voice message as browsers record it: WebM with nothing but sound. */
export const VOICE = Buffer.concat([
  Buffer.from('1a45dfa39f4286810142f7810142f2810442f381084282847765626d', 'hex'),
  Buffer.from('4287810442858102', 'hex'),
  Buffer.from('....A_OPUS....'),
])

/** The beginning of a film, as MP4. */
export const FILM = Buffer.concat([
  Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex'),
  Buffer.alloc(64, 1),
])

/** The names of what is on disk, or among the chunks, of a server's home: also of what is only half there. */
export async function blobNames({ DATA_DIR = '', MONGODB_URL }: Record<string, string>): Promise<string[]> {
  if (!MONGODB_URL) return [...new Bun.Glob('files/*/*').scanSync(DATA_DIR)]
  const { MongoClient } = await import('mongodb')
  const client = await new MongoClient(MONGODB_URL).connect()
  const chunks = await client.db().collection('blobs.chunks').find({ n: 0 }).toArray()
  await client.close()
  return chunks.map(({ files_id }) => files_id)
}
