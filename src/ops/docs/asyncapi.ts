// The socket protocol as AsyncAPI 3.0.0, made from the models that check the frames.
import { clientFrames, serverFrames } from '../../realtime/protocol'
import { exampleOf } from './examples'
import { mapValues, sorted, tidyInside, type Named, type Schema } from './schemas'

const DESCRIPTION = `JSON text frames over one WebSocket. Readable, with examples: [the socket](/docs/sockets).

A frame with an \`id\` is answered by \`ack\` or \`error\` with the same \`id\`. The \`ack\` of a \`send\` comes before
the sender hears its own \`message\`. A send of unknown outcome is repeated with the same \`client_id\`.`

type Frames = Record<string, object>

/** A frame name may be known both ways, with different fields: so the keys say who speaks. */
const keyOf = (speaker: Speaker, type: string) => `${speaker}.${type}`
type Speaker = 'client' | 'server'

/** `asked`: the address the document was fetched from, so that its server is the one that answered. */
export function asyncDocument(version: string, asked: URL) {
  const schemas: Named = {}
  const messages = {
    ...messagesOf('client', clientFrames, schemas),
    ...messagesOf('server', serverFrames, schemas),
  }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Natter sockets', version, description: DESCRIPTION, license: { name: 'MIT' } },
    defaultContentType: 'application/json',
    servers: {
      natter: {
        host: asked.host,
        protocol: asked.protocol === 'https:' ? 'wss' : 'ws',
        description: 'This server; `wss` where it stands behind TLS.',
        security: Object.keys(securitySchemes).map(name => ({
          $ref: `#/components/securitySchemes/${name}`,
        })),
      },
    },
    channels: {
      socket: {
        address: '/ws',
        title: 'The socket',
        servers: [{ $ref: '#/servers/natter' }],
        messages: mapValues(messages, (_, key) => ({ $ref: `#/components/messages/${key}` })),
        bindings: { ws: { method: 'GET', query: ticketQuery, bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      ...operationsOf('client', 'receive', clientFrames),
      ...operationsOf('server', 'send', serverFrames),
    },
    components: { messages, schemas: sorted(schemas), securitySchemes },
  }
}

const messagesOf = (speaker: Speaker, frames: Frames, schemas: Named) =>
  Object.fromEntries(
    Object.entries(frames).map(([type, model]) => {
      const schema = plain(model)
      const { title: _, ...payload } = tidyInside(schema, schemas)
      const message = {
        name: type,
        title: `${type} (from the ${speaker})`,
        summary: schema.description,
        contentType: 'application/json',
        payload,
        examples: [{ payload: exampleOf(schema) }],
      }
      return [keyOf(speaker, type), message]
    }),
  )

/** Without TypeBox's symbols, which are no part of JSON Schema. */
const plain = (model: object) => JSON.parse(JSON.stringify(model)) as Schema

/** The document is written from the server's side: it receives what clients say. */
const operationsOf = (speaker: Speaker, action: 'send' | 'receive', frames: Frames) =>
  Object.fromEntries(
    Object.entries(frames).map(([type, model]) => {
      const operation = {
        action,
        channel: { $ref: '#/channels/socket' },
        summary: (model as Schema).description,
        messages: [{ $ref: `#/channels/socket/messages/${keyOf(speaker, type)}` }],
      }
      return [keyOf(speaker, type), operation]
    }),
  )

const ticketQuery = {
  type: 'object',
  properties: {
    ticket: { type: 'string', description: 'From `POST /auth/ticket`; opens one socket, once.' },
  },
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The header of the upgrade request.' },
  ticket: { type: 'httpApiKey', name: 'ticket', in: 'query', description: 'For browsers.' },
  subprotocol: {
    type: 'httpApiKey',
    name: 'Sec-WebSocket-Protocol',
    in: 'header',
    description: '`natter.v1, bearer.<token>`; the server selects `natter.v1`.',
  },
}
