// Reading a request's body: bounded, JSON with care, forms only where a route takes them.
import { AppError, badRequest, CLOSING, invalid } from './errors'
import { parseJson } from './json'

/** In the `detail` of a route that takes a form as well as JSON. */
export const takesForm = { 'x-body': 'form' } as const

/** In the `detail` of a route that reads its body itself, within bounds of its own. */
export const readsItself = { 'x-body': 'own' } as const

/** In the `detail` of a route that takes text as it is. */
export const takesText = { 'x-body': 'text' } as const

export type BodyKind = 'form' | 'own' | 'text'

/** How a route's body is read; undefined: as JSON. */
export const bodyKindOf = (detail: { 'x-body'?: BodyKind } = {}) => detail['x-body']

export const MAX_JSON_BYTES = 256 * 1024

/** Whether a body says of itself that it is more than is read. */
export const isLarge = (request: Request): boolean =>
  Number(request.headers.get('content-length') ?? 0) > MAX_JSON_BYTES

export const tooLarge = () =>
  new AppError(413, 'too_large', `A body has at most ${MAX_JSON_BYTES / 1024} KB.`, CLOSING)

/**
 * The body as a JSON object, or of a kind of its own; 415 for everything else. An empty body is none. 422 for JSON
 * that is no object: before it is checked it is copied field by field, and all without fields would be taken for `{}`.
 */
export async function readBody(request: Request, kind?: BodyKind): Promise<unknown> {
  if (kind === 'own') return undefined
  if (kind === 'text') return readText(request)
  const acceptsForm = kind === 'form'
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const isForm = acceptsForm && (type === FORM || type === MULTIPART)
  if (isForm) return readForm(request)
  const text = await readText(request)
  if (text === '') return undefined
  if (type !== 'application/json' && !type.endsWith('+json')) throw unsupported(acceptsForm)
  return mustBeObject(parseJson(text))
}

function mustBeObject(value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalid('body', 'bad_type', 'The body is a JSON object.')
}

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'

const unsupported = (acceptsForm: boolean) =>
  new AppError(
    415,
    'unsupported_media_type',
    `Send JSON${acceptsForm ? ' or a form' : ''}, and say so in Content-Type.`,
  )

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * All at once where its length is told: of a body that is cut, a stream leaves its bytes to a collector that does not
 * see how heavy they are. What comes without is counted as it comes.
 */
async function readText(request: Request): Promise<string> {
  const isBounded = request.headers.has('content-length')
  const bytes = await (isBounded ? request.arrayBuffer() : readCounted(request)).catch(error => {
    throw error instanceof AppError ? error : badRequest('bad_body', 'The body could not be read to its end.')
  })
  if (bytes.byteLength > MAX_JSON_BYTES) throw tooLarge()
  try {
    return decoder.decode(bytes)
  } catch {
    throw badRequest('bad_encoding', 'The body is not valid UTF-8.')
  }
}

/** Stops at the first chunk that is too much. */
async function readCounted(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.length
    if (size > MAX_JSON_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function readForm(request: Request): Promise<Record<string, string>> {
  const type = request.headers.get('content-type') ?? ''
  const text = await readText(request)
  if (text.includes('\0')) throw badRequest('bad_form', 'The form is not valid.')
  try {
    const form = await new Response(text, { headers: { 'content-type': type } }).formData()
    return Object.fromEntries(
      [...form].flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
  } catch {
    throw badRequest('bad_form', 'The form is not valid.')
  }
}
