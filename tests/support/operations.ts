// Requests made of the document, with the ids of a server in place of those of its examples.
import { call } from './raw'
import { operationsOf } from './routes'
import type { World } from './world'

/** The ids of the document, and what they are called in paths. */
export const ANN = '6979f0a1c0ffee0000000001'
export const BOB = '6979f0a1c0ffee0000000002'
export const CHAT = '6979f0b2c0ffee0000000003'
export const MESSAGE = '6979f0c3c0ffee0000000004'
const NAMED: Record<string, string> = {
  user_id: ANN,
  contact_id: BOB,
  room_id: CHAT,
  group_id: CHAT,
  conversation_id: CHAT,
  id: CHAT,
  mid: MESSAGE,
  message_id: MESSAGE,
  scheduled_id: MESSAGE,
  query: 'ann',
}

/** What a reader does: fills the ids in that they have, takes the example of the body, and sends it off. */
export function requestOf(document: any, operation: any, real: Map<string, string>) {
  const inReality = (text: string) =>
    text.replace(/[0-9a-f]{24}/g, id => (real.has(id) ? (real.get(id) as string) : id))
  const schema = operation.requestBody?.content['application/json']?.schema
  const example = schema && document.components.schemas[schema.$ref.split('/').at(-1)].examples[0]
  const parameters: any[] = operation.parameters ?? []
  const path = parameters.reduce(
    (text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(example ?? NAMED[name])),
    operation.path,
  )
  const query = parameters.filter(({ in: place, required }) => place === 'query' && required)
  const search = new URLSearchParams(query.map(({ name }) => [name, NAMED[name] ?? '0']))
  return {
    path: inReality(query.length > 0 ? `${path}?${search}` : path),
    json: example && JSON.parse(inReality(JSON.stringify(example))),
  }
}

const isSocket = (path: string) => /(^|\/)ws(\/|$)/.test(path)

/** Every operation but those that open sockets, and what a reader would ask of it. */
export async function everyOperation(w: World, real = new Map<string, string>()) {
  const document = (await call(w.url, 'GET', '/docs/json')).body
  return operationsOf(document)
    .filter(({ path }) => !isSocket(path))
    .map(operation => ({
      ...operation,
      method: operation.method.toUpperCase() as string,
      name: `${operation.method.toUpperCase()} ${operation.path}`,
      asked: requestOf(document, operation, real),
    }))
}

/** Those that take JSON. */
export const takingJson = async (w: World) =>
  (await everyOperation(w)).filter(({ requestBody }) => requestBody?.content['application/json'])
