// One uploaded file, read whole into memory within bounds.
import { AppError, badRequest, invalid, unavailable } from './errors'
import { gate } from './gate'

/** What a form has around its file. */
const AROUND = 16 * 1024

/** Who sends more slowly than this would keep others waiting for a place. */
const PATIENCE_MS = 60_000

/** Uploads of one person at a time: nobody takes all places by sending slowly. */
const OF_ONE = 4

/**
 * Takes one file of at most `maxBytes`: the field `field` of a form, or the body itself. At most `atOnce` are read and
 * worked on at a time, 4 of them of the same person (`who`); beyond that 503 `busy` with `Retry-After`. `use` is given a function that reads the bytes:
 * 400 for a body that is cut, too slow or no form, 413 for too many, 415 for a body of another kind, 422 for none.
 */
export function uploads(field: string, maxBytes: number, atOnce: number, patienceMs = PATIENCE_MS) {
  const pass = gate(atOnce, 0, 'Too many uploads at once.')
  const underWay = new Map<string, number>()

  async function read(request: Request): Promise<Uint8Array> {
    const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
    const isForm = type === 'multipart/form-data'
    if (!isForm && type !== '' && type !== 'application/octet-stream' && !type.startsWith('image/'))
      throw unsupported()
    const body = await inTime(bodyOf(request, isForm ? maxBytes + AROUND : maxBytes), patienceMs)
    const bytes = isForm ? await fieldOf(body, request.headers.get('content-type') ?? '', field) : body
    if (bytes.length > maxBytes) throw tooLarge(maxBytes)
    if (bytes.length === 0) throw invalid(`body/${field}`, 'required', 'Send a file.')
    return bytes
  }

  return async <T>(
    request: Request,
    who: string,
    use: (bytes: () => Promise<Uint8Array>) => Promise<T>,
  ): Promise<T> => {
    const others = underWay.get(who) ?? 0
    if (others >= OF_ONE) throw unavailable('busy', 'Too many uploads at once. Try again in a moment.', 2)
    underWay.set(who, others + 1)
    try {
      return await pass(() => use(() => read(request)))
    } finally {
      const left = (underWay.get(who) ?? 1) - 1
      if (left === 0) underWay.delete(who)
      else underWay.set(who, left)
    }
  }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(tooSlow()), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** At once where its length is told, since a stream leaves its bytes to a collector that does not see their weight. */
async function bodyOf(request: Request, most: number): Promise<Uint8Array> {
  const told = request.headers.get('content-length')
  if (Number(told) > most) throw tooLarge(most)
  try {
    return told === null ? await streamed(request, most) : new Uint8Array(await request.arrayBuffer())
  } catch (error) {
    if (error instanceof AppError) throw error
    throw badRequest('bad_body', 'The body could not be read to its end.')
  }
}

async function streamed(request: Request, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > most) throw tooLarge(most)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function fieldOf(body: Uint8Array, contentType: string, field: string): Promise<Uint8Array> {
  const headers = { 'content-type': contentType }
  const form = await new Response(body as Uint8Array<ArrayBuffer>, { headers }).formData().catch(() => {
    throw badRequest('bad_form', 'The form is not valid.')
  })
  const value = form.get(field)
  if (!(value instanceof Blob))
    throw invalid(`body/${field}`, 'required', `Send a file as the field ${field}.`)
  return new Uint8Array(await value.arrayBuffer())
}

const tooLarge = (most: number) =>
  new AppError(413, 'too_large', `A file has at most ${Math.floor(most / 1024 / 1024)} MB here.`)

const tooSlow = () =>
  new AppError(400, 'too_slow', 'The body took too long to come.', { headers: { connection: 'close' } })

const unsupported = () =>
  new AppError(415, 'unsupported_media_type', 'Send a form with a file, or the bytes of a picture.')
