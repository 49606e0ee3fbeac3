// What must hold for every answer, whatever was sent.
import type { ApiDocument } from './document'
import type { HttpCase, Request } from './requests'
import type { Answer } from './wire'

/** Words of engines, drivers and stacks, none of which is for clients. */
const INSIDES =
  /SQLITE|sqlite|E11000|MongoServer|MongoError|\bBSON|\.ts:\d|node_modules|\bat \w+ \(|TypeError|RangeError|undefined is not|Cannot read|SELECT |INSERT |ECONN|ENOENT|\/src\//

/** Shorter words stand in refusals by chance. */
const SHORTEST_ECHO = 14

/** What is wrong with the answer to a request, in words without values; null: nothing. */
export function wrongWith(
  one: HttpCase,
  request: Request,
  answer: Answer,
  document: ApiDocument,
): string | null {
  const { status, headers } = answer
  const type = (headers.get('content-type') ?? '').split(';')[0] as string
  const text = status >= 400 ? answer.bytes.toString() : ''
  if (status >= 500) return wrongWithFailure(status, headers)
  if (!headers.has('x-request-id') && !isFromBun(answer)) return `no x-request-id with ${status}`
  if (INSIDES.test(text)) return `insides shown with ${status}`
  const echo =
    text &&
    request.said.find(said => said.length >= SHORTEST_ECHO && !document.hasField(said) && text.includes(said))
  if (echo) return `echo with ${status} of ${echo.slice(0, 20)}`
  if (one.method === 'HEAD' || one.method === 'OPTIONS') return null
  if (status >= 400) return wrongWithRefusal(one, type, text) ?? wrongWithStatus(one, request, status)
  if (!isTheSameRoute(one, request)) return null
  return document.mismatch(
    one.operation,
    status,
    type,
    type.endsWith('json') ? parsed(answer.bytes) : undefined,
  )

  function wrongWithStatus({ operation, headers: sent }: HttpCase, { target }: Request, status: number) {
    if (!isTheSameRoute(one, request)) return null
    if (isFromBun(answer)) return null
    if (operation.responses === null || String(status) in operation.responses)
      return document.mismatch(operation, status, type, parsed(answer.bytes))
    if (status === 421 && sent.some(([name]) => name === 'host')) return null
    if (status === 422 && /\[|%5B|%24/i.test(target.split('?')[1] ?? '')) return null
    return `undocumented status ${status}`
  }
}

/** Bun refuses heads that are too long, or no HTTP, by itself and without a body. */
const isFromBun = ({ status, bytes }: Answer) => [400, 413, 431].includes(status) && bytes.length === 0

function wrongWithFailure(status: number, headers: Headers): string | null {
  if (status === 503 && headers.has('retry-after')) return null
  return status === 507 ? null : `status ${status}`
}

function wrongWithRefusal({ operation }: HttpCase, type: string, text: string): string | null {
  if (text === '') return null
  const isOlder = operation.path.startsWith('/compat/')
  if (type !== (isOlder ? 'application/json' : 'application/problem+json')) return `a refusal as ${type}`
  return 'detail' in (parsed(Buffer.from(text)) as object) ? null : 'a refusal without detail'
}

/** A path parameter may have led to another route, and so may another method. */
function isTheSameRoute({ operation, method }: HttpCase, { target }: Request): boolean {
  if (method !== operation.method) return false
  const path = new URL(target, 'http://localhost').pathname
  const pattern = operation.path.replace(/\{\w+\}/g, '([^/]+)')
  return new RegExp(`^${pattern}$`).test(path)
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return { 'no JSON': true }
  }
}
