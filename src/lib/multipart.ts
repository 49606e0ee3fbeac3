// One file out of a multipart form (RFC 7578), as a stream: nothing of it is gathered in memory.
import type { Busboy, BusboyFileStream } from '@fastify/busboy'
import { AppError, badRequest, CLOSING, invalid } from './errors'

/** A file of a form: its name as told, and its bytes. */
export interface FilePart {
  name: string
  bytes: AsyncIterable<Uint8Array>
}

export interface FormBounds {
  /** Of the whole form. */
  maxBytes: number
  /** How long nothing may come. */
  stallMs: number
}

/** What comes beside the file is passed over, within bounds that no honest form meets. */
const LIMITS = { files: 1, fields: 10, parts: 12, headerPairs: 20, headerSize: 8192, fieldSize: 1024 }

const TYPE = /^multipart\/form-data\s*;.*\bboundary\s*=\s*("[^"]{1,70}"|[^\s;"]{1,70})\s*(;|$)/is

/**
 * Hands the one file of a form, in the field of this name, to `take`, and resolves with what that answers once the
 * body has been read to its end. `take` has to read the bytes, or to fail; it gets as many as it asks for.
 * Where anything is wrong the rest of the body is left unread: 400 for what is no form or ends early, 408 where nothing
 * comes for `stallMs`, 413 beyond `maxBytes`, 415 for another type, 422 without a file, with a file in another field, or with several.
 * What `take` has done by then is for the caller to undo.
 */
export async function readFilePart<T>(
  request: Request,
  field: string,
  { maxBytes, stallMs }: FormBounds,
  take: (part: FilePart) => Promise<T>,
): Promise<T> {
  const type = request.headers.get('content-type') ?? ''
  mustBeForm(type)
  // Loaded by the first form, since it would slow down every start.
  const { Busboy } = await import('@fastify/busboy')
  const form = new Busboy({ headers: { 'content-type': type }, limits: LIMITS })
  const reader = (request.body ?? new Blob().stream()).getReader()
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  let file: BusboyFileStream | undefined
  let taken: Promise<T> | undefined

  form.on('file', (name, stream, filename) => {
    // Heard by whoever reads it; here it must not be an error that nobody hears.
    file = stream.on('error', () => {})
    if (name !== field)
      return fail(invalid(`body/${field}`, 'required', `The file is in the field ${field}.`))
    taken = take({ name: filename ?? '', bytes: bytesOf(stream) })
    taken.catch(fail)
  })
  form.on('filesLimit', () => fail(invalid(`body/${field}`, 'too_many', 'One file at a time.')))
  form.on('fieldsLimit', () => fail(badForm()))
  form.on('partsLimit', () => fail(badForm()))
  form.on('error', () => fail(badForm()))

  try {
    await Promise.race([pump(reader, form, { maxBytes, stallMs }), failed])
    if (!taken) throw invalid(`body/${field}`, 'required', `Send a file in the field ${field}.`)
    return await Promise.race([taken, failed])
  } catch (error) {
    form.destroy()
    file?.destroy(badForm())
    void reader.cancel().catch(() => {})
    // Has ended when this is rejected, so that the caller can clear up after it.
    await taken?.catch(() => {})
    throw error
  }
}

function mustBeForm(type: string) {
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new AppError(415, 'unsupported_media_type', 'Send a form: multipart/form-data with a file in it.')
  }
  if (!TYPE.test(type)) throw badForm()
}

type Reader = ReadableStreamDefaultReader<Uint8Array>
type Form = InstanceType<typeof Busboy>

/** Gives the parser one chunk after the other, each once the one before has found its reader. */
async function pump(reader: Reader, form: Form, { maxBytes, stallMs }: FormBounds): Promise<void> {
  for (let size = 0; ;) {
    const { done, value } = await nextOf(reader, stallMs)
    if (done) break
    size += value.length
    if (size > maxBytes) throw tooLarge()
    await new Promise<void>((resolve, reject) =>
      form.write(value, error => (error ? reject(badForm()) : resolve())),
    )
  }
  const finished = new Promise<void>(resolve => form.once('finish', resolve))
  form.end()
  await finished
}

async function nextOf(reader: Reader, stallMs: number) {
  const { promise: stalled, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(stall()), stallMs)
  try {
    return await Promise.race([reader.read().catch(cut), stalled])
  } finally {
    clearTimeout(timer)
  }
}

async function* bytesOf(stream: BusboyFileStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch {
    throw badForm()
  }
}

const badForm = () => badRequest('bad_form', 'The form is not valid, or ends too early.')
const tooLarge = () => new AppError(413, 'too_large', 'The form is too large.', CLOSING)
const stall = () => new AppError(408, 'stalled', 'Nothing came for too long. Try again.', CLOSING)
const cut = () => {
  throw badRequest('bad_body', 'The body could not be read to its end.')
}
